"""What a payer's hardware wallet shows (ERC-7730) is of this contract, and of all that it takes."""

import json
from pathlib import Path

from chain import calldata, networks

DESCRIPTOR = json.loads((Path(calldata.__file__).parent / "contracts" / "erc7730.json").read_text())


def paths(entry: dict, before: str = "") -> set[str]:
    name = before + entry["name"]
    if "components" not in entry:
        return {name}
    stem = f"{name}.[]." if entry["type"].endswith("[]") else f"{name}."
    return set().union(*(paths(each, stem) for each in entry["components"]))


def named(entry: dict) -> str:
    if "components" not in entry:
        return f"{entry['type']} {entry['name']}"
    inner = ",".join(named(each) for each in entry["components"])
    return f"({inner}){entry['type'].removeprefix('tuple')} {entry['name']}"


def test_it_is_bound_to_the_contract_on_every_shipped_network() -> None:
    bound = DESCRIPTOR["context"]["contract"]["deployments"]
    assert bound == [
        {"chainId": each.chain_id, "address": each.contract} for each in networks.load().values()
    ]


def test_every_call_that_is_paid_for_is_described_with_all_its_values() -> None:
    calls = [
        each
        for each in calldata.artifact()["abi"]
        if each["type"] == "function" and each["stateMutability"] == "nonpayable"
    ]
    formats = DESCRIPTOR["display"]["formats"]
    assert len(calls) == len(formats) == 8
    assert DESCRIPTOR["context"]["contract"]["abi"] == calls
    for call in calls:
        shown = formats[f"{call['name']}({','.join(named(each) for each in call['inputs'])})"]
        paths_shown = [each["path"] for each in shown["fields"]]
        assert shown["intent"]
        assert all(each["label"] for each in shown["fields"])
        every = set().union(*(paths(each) for each in call["inputs"]))
        assert {*paths_shown, *shown["excluded"]} == every
        assert any("study" in each for each in paths_shown)


def test_a_batch_names_its_kinds_in_the_contract_s_order() -> None:
    kinds = DESCRIPTOR["metadata"]["enums"]["kind"]
    assert list(kinds) == [str(n) for n in range(len(calldata._KINDS))]
