"""The contract's own tests find whatever fault is put into the contract."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from chain import compile as compiler


def _tool() -> ModuleType:
    path = Path(__file__).with_name("mutants.py")
    spec = importlib.util.spec_from_file_location("mutants", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mutants = _tool()


def test_every_fault_has_its_place_in_the_source() -> None:
    source = compiler.SOURCE.read_text()
    made = {mutants.mutated(name, source) for name in mutants.MUTANTS}
    assert len(made) == len(mutants.MUTANTS) > 25
    assert source not in made


@pytest.mark.live
@pytest.mark.long
@pytest.mark.once
def test_a_contract_that_does_the_same_passes() -> None:
    """Otherwise a mutant would be found by nothing but its being another contract."""
    assert not mutants.is_killed(mutants.HARMLESS)


@pytest.mark.live
@pytest.mark.long
@pytest.mark.once
@pytest.mark.parametrize("name", sorted(set(mutants.MUTANTS) - {mutants.HARMLESS}))
def test_a_fault_is_found(name: str) -> None:
    assert mutants.is_killed(name)
