"""Faults put into the contract on purpose, one at a time: the tests must find every one of them.

`python tests/live/chain/mutants.py [NAME...]` runs the contract's tests against each mutant of
mutants.json, on a copy of `chain` whose artifact is the mutant's, and says which survive. Neither
the gas nor the artifact is compared, which any change would fail; nor are the vectors of ethers,
which are of one address.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
TESTS = ("test_contract.py", "test_signatures.py", "test_model.py")
HARMLESS = "nothing is changed but the code"

# name: what stands in the source once, and what stands there in the mutant
MUTANTS: dict[str, tuple[str, str]] = json.loads(Path(__file__).with_suffix(".json").read_text())


def mutated(name: str, source: str) -> str:
    """Return the source with one fault in it. Raises: ValueError if its place is not there once."""
    old, new = MUTANTS[name]
    if source.count(old) != 1:
        raise ValueError(f"{name}: its place is there {source.count(old)} times")
    return source.replace(old, new)


def is_killed(name: str) -> bool:
    """Whether a test fails on the contract with this fault."""
    with tempfile.TemporaryDirectory() as folder:
        _copy(Path(folder))
        _put(name, Path(folder) / "chain" / "contracts")
        tests = [f"tests/live/chain/{each}" for each in TESTS]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-x", "-q", "-m", "not long"),
                *("-p", "no:cacheprovider", "-k", "not ethers", *tests),
            ],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": folder, "RAYFOLIO_LOOPBACK": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout + done.stderr)
    return done.returncode == 1


def _copy(folder: Path) -> None:
    for name in ("app", "viewer", "wallet", "packaging", "pyproject.toml"):
        (folder / name).symlink_to(CHECKOUT / name)
    shutil.copytree(CHECKOUT / "chain", folder / "chain")
    (folder / "tests" / "live").mkdir(parents=True)
    for part in ("conftest.py", "live/chain", "vectors"):
        (folder / "tests" / part).symlink_to(CHECKOUT / "tests" / part)


def _put(name: str, contracts: Path) -> None:
    from chain import compile as compiler
    from chain import deploy

    source = mutated(name, compiler.SOURCE.read_text())
    built = compiler.compile_registry(source)
    if built["deployed_code_hash"] == deploy.code_hash():
        raise ValueError(f"{name}: the code is the same")
    (contracts / compiler.ARTIFACT.name).write_text(compiler.to_text(built))


if __name__ == "__main__":
    chosen = sys.argv[1:] or [each for each in MUTANTS if each != HARMLESS]
    survivors = 0
    for each in chosen:
        killed = is_killed(each)
        survivors += not killed
        print("killed  " if killed else "SURVIVED", each, flush=True)
    sys.exit(bool(survivors))
