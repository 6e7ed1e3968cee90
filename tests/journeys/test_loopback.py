"""With RAYFOLIO_LOOPBACK=1 nothing of ours tries to reach beyond this machine, whatever it does."""

from __future__ import annotations

import contextlib
import ipaddress
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.live

_PAUSE_S = 0.02


class Watch:
    """Looks at the connections of all processes that name a folder of this test."""

    def __init__(self, marks: tuple[str, ...]) -> None:
        self._marks = marks
        self._over = threading.Event()
        self.seen = 0
        self.beyond: set[tuple[str, str]] = set()

    def look(self) -> None:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if self._is_ours(process):
                    self._note(process)

    def _is_ours(self, process: psutil.Process) -> bool:
        said = " ".join(process.cmdline()) + process.environ().get("IPFS_PATH", "")
        return any(mark in said for mark in self._marks)

    def _note(self, process: psutil.Process) -> None:
        for connection in process.net_connections("inet"):
            for end in (connection.laddr, connection.raddr):
                if not end:
                    continue
                self.seen += 1
                if not ipaddress.ip_address(end.ip).is_loopback:
                    self.beyond.add((process.name(), f"{end.ip} {connection.status}"))

    @contextlib.contextmanager
    def going_on(self) -> Iterator[None]:
        def run() -> None:
            while not self._over.wait(_PAUSE_S):
                self.look()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()


def test_no_process_reaches_beyond_loopback(
    new_person: Callable[[str], Any], scans: Path, chain_folder: Path
) -> None:
    patient, clinician = (replace(new_person(each), apart=True) for each in ("Ada", "Dr Lee"))
    watch = Watch(tuple(str(p) for p in (patient.home, clinician.home, chain_folder)))
    with watch.going_on():
        patient("node", "start", "--network", "public")
        patient("contact", "add", clinician("card")["card"], "--name", "Dr Lee")
        study = patient("import", scans)["studies"][0]["study"]
        share = patient("share", study, "--to", "Dr Lee")
        clinician("open", share["link"])

    assert watch.seen > 100
    assert watch.beyond == set()
