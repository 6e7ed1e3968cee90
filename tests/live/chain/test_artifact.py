import json

import pytest

from chain import calldata, deploy
from chain import compile as compiler
from chain.endpoint import Endpoint
from chain.hashing import keccak
from chain.local import LocalChain
from chain.registry import ConsentClient
from wallet.errors import LedgerRefused

pytestmark = pytest.mark.live


def test_the_artifact_is_what_the_source_compiles_to() -> None:
    assert compiler.to_text(compiler.compile_registry()) == compiler.ARTIFACT.read_text()
    assert compiler.main(["--check"]) == 0


def test_what_an_explorer_verifies_by_gives_the_code_on_the_chain(desk) -> None:
    request = json.loads(compiler.STANDARD_JSON.read_text())
    assert request == compiler.standard_json()
    contract = compiler.run(request)["output"]["contracts"]["ConsentRegistry.sol"]
    deployed = contract["ConsentRegistry"]["evm"]["deployedBytecode"]["object"]
    assert desk.endpoint.data("eth_getCode", deploy.registry_address(), "latest").hex() == deployed


def test_everything_that_can_be_called_says_what_it_is_and_what_each_value_is() -> None:
    request = compiler.standard_json()
    outputs = {"*": {"*": ["abi", "userdoc", "devdoc"]}}
    request["settings"] = request["settings"] | {"outputSelection": outputs}
    told = compiler.run(request)["output"]["contracts"]["ConsentRegistry.sol"]["ConsentRegistry"]
    seen = 0
    for kind, section in (("function", "methods"), ("event", "events"), ("error", "errors")):
        for entry in (each for each in told["abi"] if each["type"] == kind):
            name = calldata._text(entry)
            notice, params = told["userdoc"][section][name], told["devdoc"][section][name]
            notice, params = (each[0] if kind == "error" else each for each in (notice, params))
            assert notice["notice"]
            named = {each["name"] for each in entry["inputs"]}
            assert set(params.get("params", {})) == named, name
            assert len(params.get("returns", {})) == len(entry.get("outputs", [])), name
            seen += 1
    assert seen == 10 + 6 + 10


def test_the_code_on_the_chain_is_the_artifact_s_at_the_address_foretold(desk) -> None:
    code = desk.endpoint.data("eth_getCode", deploy.registry_address(), "latest")
    assert "0x" + keccak(code).hex() == deploy.code_hash()
    assert len(code) < 24_576


def test_anyone_can_put_the_contract_on_a_network(folder, key) -> None:
    network = LocalChain(folder).start()
    endpoint, client, anyone = (
        Endpoint(network, network.endpoints[0]),
        ConsentClient(network),
        key("anyone"),
    )
    client.fund(anyone.address)
    assert client.prepare_deployment(anyone) is None
    endpoint.ask("anvil_setCode", network.contract, "0x")
    endpoint.ask("anvil_setNonce", network.contract, "0x0")
    assert not deploy.is_there(endpoint)
    transaction = client.prepare_deployment(anyone)
    assert transaction is not None
    client.send(transaction)
    client.wait(transaction.hash)
    assert deploy.is_there(endpoint)
    assert client.prepare_deployment(anyone) is None


def test_a_network_without_the_deployer_is_refused_before_anything_is_paid(folder, key) -> None:
    network = LocalChain(folder).start()
    endpoint = Endpoint(network, network.endpoints[0])
    for address in (network.contract, deploy.DEPLOYER):
        endpoint.ask("anvil_setCode", address, "0x")
    with pytest.raises(LedgerRefused, match="NoDeployer"):
        ConsentClient(network).prepare_deployment(key("anyone"))
