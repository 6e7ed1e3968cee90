import json
from pathlib import Path
from typing import Any

import pytest

from chain import deploy, networks
from chain.endpoint import Endpoint
from chain.registry import ConsentClient
from wallet.errors import LedgerUnreachable, NetworkUnknown, RequestInvalid
from wallet.ports import Address, Publish, Registry, Word

OWN = {
    "caip2": "eip155:77",
    "endpoints": ["https://node.example"],
    "contract": deploy.registry_address(),
    "code_hash": deploy.code_hash(),
    "max_age_s": 60,
}


def write(folder: Path, **changed: Any) -> Path:
    path = folder / "networks.json"
    path.write_text(json.dumps({"clinic": OWN | changed}))
    return path


def test_every_shipped_network_has_the_contract_of_this_release() -> None:
    table = networks.load()
    assert {"hoodi", "sepolia"} <= set(table)
    for network in table.values():
        assert network.contract == deploy.registry_address()
        assert network.code_hash == deploy.code_hash()
        assert network.caip2 == f"eip155:{network.chain_id}"
        assert network.max_age_s is not None
        assert "{transaction}" in network.explorer


def test_a_person_s_own_table_is_added(tmp_path: Path) -> None:
    table = networks.load(write(tmp_path))
    assert table["clinic"].chain_id == 77
    assert "hoodi" in table


def test_a_table_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    assert networks.load(tmp_path / "none.json") == networks.load()


@pytest.mark.parametrize(
    "changed",
    [
        {"caip2": "solana:77"},
        {"caip2": "eip155:0"},
        {"endpoints": []},
        {"endpoints": ["http://node.example"]},
        {"endpoints": ["file:///etc/passwd"]},
        {"contract": deploy.registry_address().lower()},
        {"contract": "0x12"},
        {"code_hash": "0x12"},
        {"max_age_s": "soon"},
    ],
)
def test_a_table_with_a_wrong_row_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    with pytest.raises(RequestInvalid):
        networks.load(write(tmp_path, **changed))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"a": {}}'])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "networks.json"
    path.write_text(text)
    with pytest.raises(RequestInvalid):
        networks.load(path)


def test_a_registry_is_found_only_in_the_person_s_table() -> None:
    table = networks.load()
    hoodi = table["hoodi"]
    assert networks.find(table.values(), hoodi.registry) == hoodi
    stranger = Registry(hoodi.chain_id, Address("0x1111111111111111111111111111111111111111"))
    with pytest.raises(NetworkUnknown, match="eip155:560048"):
        networks.find(table.values(), stranger)


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:8545", True),
        ("http://localhost:1", True),
        ("http://[::1]:8545", True),
        ("http://127.0.0.1.example", False),
        ("http://localhost.example", False),
        ("https://node.example/127.0.0.1", False),
        ("http://127.0.0.1@node.example", False),
        ("http://10.0.0.1", False),
        ("nonsense", False),
    ],
)
def test_only_this_machine_is_loopback(endpoint: str, expected: bool) -> None:
    assert networks.is_loopback(endpoint) is expected


def test_under_the_loopback_rule_nobody_else_is_asked(monkeypatch, key) -> None:
    monkeypatch.setenv("RAYFOLIO_LOOPBACK", "1")
    monkeypatch.setattr(Endpoint, "_provider", property(lambda _: pytest.fail("it connects")))
    client = ConsentClient(networks.load()["hoodi"])
    study, payer = key("study"), key("payer")
    signed = client.sign(Publish(study.address, Word(bytes([5]) * 32)), study)
    for question in (
        lambda: client.read([study.address]),
        lambda: client.log(study.address),
        lambda: client.prepare([signed], payer),
        lambda: client.wait("0x" + 64 * "0", timeout_s=0),
    ):
        with pytest.raises(LedgerUnreachable, match="hoodi"):
            question()


def test_outside_the_local_network_nobody_is_funded(monkeypatch) -> None:
    monkeypatch.setattr(Endpoint, "_provider", property(lambda _: pytest.fail("it connects")))
    monkeypatch.setenv("RAYFOLIO_LOOPBACK", "0")
    ConsentClient(networks.load()["hoodi"]).fund(OWN["contract"])


def test_an_endpoint_hides_its_path_which_may_be_a_key() -> None:
    network = networks.load()["hoodi"]
    assert "secret" not in repr(Endpoint(network, "https://node.example/v3/secret"))


def test_the_contract_s_address_follows_from_its_code() -> None:
    from eth_utils import to_checksum_address
    from web3 import Web3

    code = bytes.fromhex(deploy.calldata.artifact()["bytecode"][2:])
    whole = b"\xff" + bytes.fromhex(deploy.DEPLOYER[2:]) + deploy.SALT + Web3.keccak(code)
    assert to_checksum_address(Web3.keccak(whole)[12:]) == deploy.registry_address()
    assert deploy.call(5).data == deploy.SALT + code


def test_importing_the_client_does_not_import_web3() -> None:
    import subprocess
    import sys

    code = (
        "import sys, chain.registry, chain.local, chain.networks;"
        "sys.exit(any(m in sys.modules for m in ('web3', 'eth_account', 'eth_abi', 'requests')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
