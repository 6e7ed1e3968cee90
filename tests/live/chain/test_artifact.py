import pytest

from chain import compile as compiler
from chain import deploy
from chain.hashing import keccak

pytestmark = pytest.mark.live


def test_the_artifact_is_what_the_source_compiles_to() -> None:
    assert compiler.to_text(compiler.compile_registry()) == compiler.ARTIFACT.read_text()


def test_the_code_on_the_chain_is_the_artifact_s_at_the_address_foretold(desk) -> None:
    code = desk.endpoint.data("eth_getCode", deploy.registry_address(), "latest")
    assert "0x" + keccak(code).hex() == deploy.code_hash()
    assert len(code) < 24_576
