"""What is remembered between two runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.ui.preferences import Preferences
from viewer.ui import preferences as viewer_preferences


@pytest.mark.parametrize(
    "text", ['{"a": [1, 2, "x, y"], "b": "\\n;=%\\u20ac"}', "@Variant(x)", "a, b", "€", ""]
)
def test_a_text_is_the_same_after_another_start(tmp_path: Path, text: str) -> None:
    Preferences(tmp_path).set("viewer_keys", text)
    assert Preferences(tmp_path).get("viewer_keys") == text
    assert Preferences(tmp_path).get("another") == ""


def test_without_a_folder_a_text_lasts_for_one_run() -> None:
    kept = Preferences()
    kept.set("viewer_keys", "x")
    assert kept.get("viewer_keys") == "x"
    assert Preferences().get("viewer_keys") == ""


def test_what_the_viewer_keeps_comes_back(tmp_path: Path) -> None:
    value = [{"name": "Stroke", "width": 8.5}, None, True]
    viewer_preferences.write(Preferences(tmp_path), "viewer_presets", value)
    assert viewer_preferences.read(Preferences(tmp_path), "viewer_presets") == value
    assert json.loads(Preferences(tmp_path).get("viewer_presets")) == value
