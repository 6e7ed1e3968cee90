"""`rayfolio network` against a chain of another id, before and after the contract is on it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main
from chain import compile as compiler
from chain import deploy, networks
from chain.endpoint import Endpoint
from chain.local import LocalChain

pytestmark = pytest.mark.live

CHAIN_ID = 77_077
Command = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAYFOLIO_PASSPHRASE", "only for tests")
    monkeypatch.setenv("RAYFOLIO_CHAIN_DIR", str(tmp_path / "unused"))
    return tmp_path / "home"


@pytest.fixture
def rayfolio(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: object) -> tuple[int, dict[str, Any]]:
        code = main(["--home", str(home), "--json", *map(str, arguments)])
        said = capsys.readouterr()
        return code, json.loads(said.out) if code == 0 else {"error": said.err}

    return run


@pytest.fixture
def clinic(folder: Path) -> Endpoint:
    """A chain that is not the local one, without the contract."""
    network = LocalChain(folder).start()
    endpoint = Endpoint(network, network.endpoints[0])
    endpoint.ask("anvil_setCode", network.contract, "0x")
    endpoint.ask("anvil_setNonce", network.contract, "0x0")
    endpoint.ask("anvil_setChainId", CHAIN_ID)
    return endpoint


def test_a_network_is_deployed_to_added_listed_and_verified(
    rayfolio: Command, clinic: Endpoint, home: Path, tmp_path: Path
) -> None:
    url = clinic._url
    assert rayfolio("init", "--words-out", tmp_path / "words")[0] == 0
    code, said = rayfolio("network", "add", "clinic", "--endpoint", url)
    assert (code, "not there" in said["error"]) == (4, True)
    code, said = rayfolio("network", "deploy", "--endpoint", url)
    assert (code, "too little" in said["error"]) == (4, True)
    payer = said["error"].split("account ")[1].split(" ")[0]
    clinic.ask("anvil_setBalance", payer, hex(10**18))

    _, made = rayfolio("network", "deploy", "--endpoint", url)
    assert made["caip2"] == f"eip155:{CHAIN_ID}"
    assert made["contract"] == deploy.registry_address()
    assert made["gas"] > 1_000_000
    assert rayfolio("network", "deploy", "--endpoint", url)[1]["transaction"] is None

    _, added = rayfolio("network", "add", "clinic", "--endpoint", url, "--max-age-s", 0)
    assert added["caip2"] == f"eip155:{CHAIN_ID}"
    row = networks.load(home / "networks.json")["clinic"]
    assert (row.endpoints, row.max_age_s, row.finality) == ((url,), None, "finalized")
    _, listed = rayfolio("network", "list")
    assert [each["name"] for each in listed["networks"]] == ["local", "hoodi", "sepolia", "clinic"]

    out = tmp_path / "standard.json"
    _, verified = rayfolio("network", "verify", "clinic", "--out", out)
    assert verified["code_hash"] == deploy.code_hash()
    assert verified["compiler"].startswith("0.8.37+commit.")
    assert out.read_text() == compiler.STANDARD_JSON.read_text()
    clinic.ask("anvil_setCode", deploy.registry_address(), "0x00")
    code, said = rayfolio("network", "verify", "clinic")
    assert (code, "not there" in said["error"]) == (4, True)


def test_an_own_endpoint_of_a_known_network_is_of_its_chain(
    rayfolio: Command, clinic: Endpoint, home: Path
) -> None:
    code, said = rayfolio("network", "add", "hoodi", "--endpoint", clinic._url)
    assert (code, f"chain {CHAIN_ID}" in said["error"]) == (4, True)
    assert not (home / "networks.json").exists()


def test_an_own_endpoint_takes_the_place_of_the_shipped_ones(
    rayfolio: Command, folder: Path, home: Path
) -> None:
    network = LocalChain(folder).start()
    shipped = networks.load()["hoodi"]
    Endpoint(network, network.endpoints[0]).ask("anvil_setChainId", shipped.chain_id)
    assert rayfolio("network", "add", "hoodi", "--endpoint", *network.endpoints)[0] == 0
    found = networks.load(home / "networks.json")["hoodi"]
    assert found.endpoints == network.endpoints
    assert found.explorer == shipped.explorer


def test_endpoints_of_two_chains_are_not_one_network(
    rayfolio: Command, clinic: Endpoint, network: networks.Network
) -> None:
    both = [clinic._url, *network.endpoints]
    code, said = rayfolio("network", "add", "clinic", "--endpoint", *both)
    assert (code, "different chains" in said["error"]) == (4, True)


@pytest.mark.parametrize(
    ("name", "url", "why"),
    [
        ("clinic", "https://node.example", "only endpoints on this machine"),
        ("clinic", "http://node.example", "https://"),
        ("clinic", "file:///etc/passwd", "https://"),
        ("local", "http://127.0.0.1:1", "not `local`"),
        ("../x", "http://127.0.0.1:1", "small letters"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_it_is_asked(
    rayfolio: Command, monkeypatch, home: Path, name: str, url: str, why: str
) -> None:
    monkeypatch.setattr(Endpoint, "_provider", property(lambda _: pytest.fail("it connects")))
    code, said = rayfolio("network", "add", name, "--endpoint", url)
    assert (code, why in said["error"]) == (2, True)
    assert not (home / "networks.json").exists()


def test_the_local_network_needs_no_row(
    rayfolio: Command, network: networks.Network, home: Path
) -> None:
    code, said = rayfolio("network", "add", "mine", "--endpoint", *network.endpoints)
    assert (code, "starts by itself" in said["error"]) == (2, True)
    assert not (home / "networks.json").exists()
