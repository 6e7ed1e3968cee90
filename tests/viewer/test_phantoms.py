"""The studies that the viewer is photographed with are read and drawn like anybody's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from viewer.dicom.kinds import Content, content_for
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.scan import scan

PACKAGING = Path(__file__).parents[2] / "packaging"


def test_every_kind_is_drawn_and_the_report_is_a_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING))
    import phantoms

    phantoms.head_ct(tmp_path, slices=1)
    phantoms.head_mr(tmp_path, slices=1)
    phantoms.breast(tmp_path)
    phantoms.heart(tmp_path, frames=2)
    phantoms.retina(tmp_path)
    phantoms.report(tmp_path)
    for name in ("phantoms", "phantom"):
        sys.modules.pop(name)
    with Sandbox() as sandbox:
        found = scan([tmp_path], sandbox)
    assert found.skipped == []
    kinds = {each.header.modality: content_for(each.header) for each in found.files}
    assert kinds.pop("SR") is Content.DOCUMENT
    assert set(kinds) == {"CT", "MR", "MG", "US", "OP"}
    assert set(kinds.values()) == {Content.PICTURE}
