"""`rayfolio`: reads the command line, runs one command, prints its result, decides the exit code.

Standard output carries the result and nothing else; progress and errors go to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.cli import commands, networks, viewing
from app.cli.values import parse_until
from app.start import serve_if_child
from viewer.errors import ViewerError
from wallet.errors import (
    Cancelled,
    ConsentError,
    ContentError,
    RequestError,
    UnreachableError,
    WalletError,
)

EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (RequestError, 2),
    (ConsentError, 3),
    (UnreachableError, 4),
    (ContentError, 5),
    (ViewerError, 5),
    (Cancelled, 130),
)


class _Parser(argparse.ArgumentParser):
    """Takes --home, --json and --passphrase-file before and after the command."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given, allow_abbrev=False)
        for flag, options in commands.EVERYWHERE.items():
            self.add_argument(flag, default=argparse.SUPPRESS, **options)


def parser() -> argparse.ArgumentParser:
    """Return the whole command line."""
    top = _Parser(prog="rayfolio", description="A wallet for your own medical images.")
    subs = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, what: str, parent: Any = subs, run: Any = None) -> Any:
        sub = parent.add_parser(name, help=what, description=what)
        sub.set_defaults(run=run)
        return sub

    sub = command("init", "Make a wallet, or restore one from words.", run=commands.init)
    sub.add_argument("--name", default="", help="how others see you on your card")
    words = sub.add_mutually_exclusive_group()
    words.add_argument("--words-file", type=Path, metavar="FILE", help="restore from these words")
    words.add_argument("--words-out", type=Path, metavar="FILE", help="write the new words here")

    sub = command("card", "Show your contact card.", run=commands.card)
    sub.add_argument("--out", type=Path, metavar="FILE")

    contact = command("contact", "The people you know.").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    sub = command("add", "Add a contact card.", contact, commands.contact_add)
    sub.add_argument("card", metavar="FILE_OR_TEXT")
    sub.add_argument("--name")
    command("list", "Show all contacts.", contact, commands.contact_list)

    sub = command("import", "Take scans into the wallet.", run=commands.import_)
    sub.add_argument("paths", nargs="+", type=Path, metavar="PATH")

    command("list", "Show your studies.", run=commands.list_)
    sub = command("show", "Show one study.", run=commands.show)
    sub.add_argument("study", metavar="STUDY")

    sub = command("share", "Let somebody see a study.", run=commands.share)
    sub.add_argument("study", metavar="STUDY")
    whom = sub.add_mutually_exclusive_group(required=True)
    whom.add_argument("--to", metavar="CONTACT")
    whom.add_argument("--by-link", action="store_true")
    sub.add_argument("--passcode-out", type=Path, metavar="FILE")
    sub.add_argument("--series", nargs="+", default=(), metavar="UID")
    sub.add_argument("--until", default="14d", metavar="TIME", help="RFC 3339 or 14d (default)")
    sub.add_argument("--purpose", default="TREAT", metavar="CODE")

    sub = command("grants", "Show who can see a study.", run=commands.grants)
    sub.add_argument("study", metavar="STUDY")

    sub = command("revoke", "Stop sharing.", run=commands.revoke)
    sub.add_argument("study", metavar="STUDY")
    sub.add_argument("grant", metavar="GRANT")
    sub.add_argument("--later", action="store_true", help="seal anew at the next run")

    sub = command("open", "Open a link.", run=commands.open_)
    sub.add_argument("link", metavar="LINK", help="the link, or - to read it from standard input")
    sub.add_argument("--export", type=Path, metavar="DIR")
    sub.add_argument("--dicomdir", action="store_true", help="as a hospital's disc has them")
    sub.add_argument("--render", type=Path, metavar="FILE.png")
    sub.add_argument("--passcode-file", type=Path, metavar="FILE")

    sub = command("export", "Write your originals, byte for byte.", run=commands.export)
    sub.add_argument("study", metavar="STUDY")
    sub.add_argument("folder", type=Path, metavar="DIR", nargs="?")
    sub.add_argument("--car", type=Path, metavar="FILE", help="as it is sealed, to keep elsewhere")
    sub.add_argument("--dicomdir", action="store_true", help="as a hospital's disc has them")

    viewing.add_view(
        command("view", "Look at DICOM from disk, without a wallet.", run=viewing.view)
    )

    node = command("node", "The home's own IPFS node.").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    sub = command("start", "Start it.", node, commands.node_start)
    sub.add_argument("--network", choices=("loopback", "lan", "public"))
    command("stop", "Stop it.", node, commands.node_stop)
    command("status", "Show its state.", node, commands.node_status)
    sub = command("connect", "Dial another node.", node, commands.node_connect)
    sub.add_argument("address", metavar="ADDRESS")

    chain = command("chain", "The local network.").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    command("start", "Start it.", chain, commands.chain_start)
    command("stop", "Stop it.", chain, commands.chain_stop)
    command("status", "Show its state.", chain, commands.chain_status)

    networks.add_network(command("network", "The networks that this wallet believes."), command)

    command("doctor", "Check the parts that the wallet needs.", run=commands.doctor)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    given = parser().parse_args(arguments)
    as_json = getattr(given, "json", False)
    try:
        if hasattr(given, "until"):
            given.until = parse_until(given.until)
        result = given.run(given)
    except (WalletError, ViewerError) as error:
        print(f"rayfolio: {error}", file=sys.stderr)
        return next(code for family, code in EXIT_CODES if isinstance(error, family))
    except OSError as error:
        # strerror alone: a path may carry a patient's name
        print(f"rayfolio: the disk refused ({error.strerror}).", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("rayfolio: stopped.", file=sys.stderr)
        return 130
    if as_json:
        print(json.dumps(result.value, ensure_ascii=False))
    else:
        _say(result.lines())
    return int(result.code)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def entry() -> None:
    """The installed program. An error of our own is one line and exit code 1."""
    serve_if_child(sys.argv[1:])
    os.umask(0o077)
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    except Exception as error:  # our own fault: named, without what it may carry
        where = error.__traceback__
        while where and where.tb_next:
            where = where.tb_next
        place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else ""
        print(
            f"rayfolio: a fault in Rayfolio itself ({type(error).__name__} at {place}).",
            file=sys.stderr,
        )
        if os.environ.get("RAYFOLIO_TRACEBACK"):
            raise
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    entry()
