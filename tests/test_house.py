"""What holds for the repository as a whole, seen on its tracked files."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pydicom
import pytest

TOP = Path(__file__).parent.parent
LOCKS = (
    "packaging/build.lock",
    "packaging/requirements.lock",
    "packaging/bench.lock",
    "packaging/npm/package-lock.json",
    "packaging/kubo/go.sum",
    "packaging/cluster/go.sum",
)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True, text=True
    ).stdout
    files = [TOP / name for name in listed.split("\0") if name]
    assert len(files) > 30
    return [file for file in files if file.is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for file in tracked():
        data = file.read_bytes()
        if b"\0" not in data:
            found.append((str(file.relative_to(TOP)), data.decode()))
    return found


def requirements(lock: str) -> dict[str, list[str]]:
    """Each requirement line of a lock with its hashes."""
    found: dict[str, list[str]] = {}
    for line in (TOP / lock).read_text().splitlines():
        if line and not line.startswith((" ", "#", "-")):
            name = line.removesuffix(" \\").strip()
            found[name] = []
        elif "--hash=" in line:
            found[name].append(line.strip().removesuffix(" \\"))
    assert found
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_folder(lock: str) -> None:
    text = (TOP / lock).read_text()
    urls = re.findall(r"https?://[^\"\s]+", text)
    assert [url for url in urls if "/sponsors/" not in url] == []
    assert not re.search(r"--(find-links|index-url|extra-index-url|trusted-host)|\bfile:", text)
    assert '"resolved"' not in text


@pytest.mark.parametrize("lock", LOCKS[:3])
def test_every_python_package_is_pinned_with_a_hash(lock: str) -> None:
    for requirement, hashes in requirements(lock).items():
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==[^*\s]+( ; .+)?$", requirement), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes)


def test_every_declared_dependency_is_locked_and_explained() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    locked = {line.split("==")[0] for line in requirements("packaging/requirements.lock")}
    explained = (TOP / "docs/dependencies.md").read_text().lower()
    assert declared
    for requirement in declared:
        name = re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower()
        assert name in locked, f"{name}: make lock"
        assert name in explained, f"{name}: docs/dependencies.md"


def test_every_npm_package_is_pinned_with_a_hash() -> None:
    wanted = json.loads((TOP / "packaging/npm/package.json").read_text())
    versions = {**wanted["dependencies"], **wanted["optionalDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
    packages = json.loads((TOP / "packaging/npm/package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert fetched
    assert all(package["integrity"].startswith("sha512-") for package in fetched.values())


def test_kubo_is_pinned() -> None:
    text = (TOP / "packaging/kubo/go.mod").read_text()
    version = re.search(r"github\.com/ipfs/kubo (v\d+\.\d+\.\d+)", text)
    assert version
    assert f"github.com/ipfs/kubo {version[1]} h1:" in (TOP / "packaging/kubo/go.sum").read_text()


def test_no_tracked_file_names_a_folder_of_a_machine() -> None:
    machine = re.compile(r"(?<![\w.~<{$-])/(?:home|Users|work|farm|root|opt/wheels)/[a-z]")
    hits = [name for name, text in texts() if machine.search(text)]
    assert hits == []


def test_no_tracked_file_names_a_package_registry() -> None:
    hosts = r"pythonhosted\.org|pypi\.org|registry\.npmjs\.|(proxy|sum)\.golang\.org|deb\.debian\."
    # This file names them to forbid them.
    others = [(name, text) for name, text in texts() if name != "tests/test_house.py"]
    hits = [name for name, text in others if re.search(hosts, text)]
    assert hits == []


def test_the_two_commands_of_the_readme_are_in_the_makefile() -> None:
    readme = (TOP / "README.md").read_text()
    makefile = (TOP / "Makefile").read_text()
    named = set(re.findall(r"(?:^    |`)make ([a-z-]+)", readme, re.MULTILINE))
    assert {"demo", "test"} <= named
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert named <= targets
    first_screen = readme.splitlines()[:25]
    assert any("make demo" in line for line in first_screen)
    assert any("make test" in line for line in first_screen)


def test_links_between_our_documents_lead_somewhere() -> None:
    checked = 0
    for name, text in texts():
        if not name.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target:
                assert (TOP / name).parent.joinpath(target).exists(), f"{name}: {target}"
                checked += 1
    assert checked


def test_scripts_are_sound_and_executable() -> None:
    scripts = [TOP / ".ci/run", *sorted((TOP / "packaging").glob("*.sh"))]
    assert len(scripts) > 3
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)
        if script.name != "python.sh":
            assert script.stat().st_mode & 0o111, script


def test_neither_packaging_nor_tests_is_a_package() -> None:
    for folder in ("packaging", "tests"):
        found = (TOP / folder).rglob("__init__.py")
        assert [file for file in found if "node_modules" not in file.parts] == []


def test_the_import_arrows_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo"],
        cwd=TOP,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def phantom(folder: Path) -> list[Path]:
    spec = importlib.util.spec_from_file_location("phantom", TOP / "packaging/phantom.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["phantom"] = module
    try:
        spec.loader.exec_module(module)
        files: list[Path] = module.write_study(folder, slices=3, size=64)
    finally:
        del sys.modules["phantom"]
    return files


def test_the_phantom_is_a_head_and_the_same_every_time(tmp_path: Path) -> None:
    files = phantom(tmp_path / "one")
    again = phantom(tmp_path / "two")
    assert len(files) == 3
    assert [hashlib.sha256(file.read_bytes()).digest() for file in files] == [
        hashlib.sha256(file.read_bytes()).digest() for file in again
    ]
    middle = pydicom.dcmread(files[1])
    hu = middle.pixel_array.astype(int) + int(middle.RescaleIntercept)
    assert hu[0, 0] < -950  # air
    assert hu.max() > 700  # bone
    assert 0 < hu[28:36, 24:28].mean() < 60  # brain
    assert "Synthetic" in str(middle.PatientName)
