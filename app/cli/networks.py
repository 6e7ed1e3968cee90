"""`rayfolio network`: which chains a home believes, and putting the consent contract on one."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.commands import composition_of, session_of
from app.cli.result import Result, check_new
from wallet.errors import LedgerMistrusted, RequestInvalid

if TYPE_CHECKING:
    from chain.networks import Network

_NAME = r"[a-z][a-z0-9-]{0,31}"


def add_network(network: Any, command: Any) -> None:
    """Describe `network` and what it takes; `command` makes one of its commands."""
    subs = network.add_subparsers(dest="what", required=True, metavar="WHAT")
    command("list", "Show the networks that this wallet believes.", subs, list_)

    sub = command("add", "Add a network, or your own endpoint of a known one.", subs, add)
    sub.add_argument("name", metavar="NAME")
    sub.add_argument("--endpoint", nargs="+", required=True, metavar="URL")
    sub.add_argument("--explorer", default=None, metavar="URL", help="with {transaction} in it")
    sub.add_argument("--finality", choices=("finalized", "safe", "latest"))
    sub.add_argument("--since-block", type=int, metavar="N", help="no consent lies before it")
    sub.add_argument("--max-age-s", type=int, metavar="S", help="0: blocks come only with changes")

    sub = command("deploy", "Put the consent contract on a network.", subs, deploy)
    where = sub.add_mutually_exclusive_group(required=True)
    where.add_argument("name", nargs="?", metavar="NAME")
    where.add_argument("--endpoint", metavar="URL", help="of a network that is not in the table")

    sub = command("verify", "Compare the contract on a network with this release's.", subs, verify)
    sub.add_argument("name", metavar="NAME")
    sub.add_argument("--out", type=Path, metavar="FILE", help="write what an explorer asks for")


def list_(given: argparse.Namespace) -> Result:
    """Show all networks."""
    composition = composition_of(given)
    status = composition.local_chain().status()
    local = {
        "name": "local",
        "caip2": f"eip155:{status.chain_id}",
        "endpoints": [status.rpc] if status.rpc else [],
        "contract": status.contract,
    }
    rows = [local, *(_row(each) for each in composition.networks().values())]
    for row in rows:
        row["in_use"] = row["name"] == composition.network_name()

    def lines() -> Iterator[str]:
        for row in rows:
            mark = "*" if row["in_use"] else " "
            yield f"{mark} {row['name']}  {row['caip2']}  {', '.join(row['endpoints'])}"

    return Result({"networks": rows}, lines)


def add(given: argparse.Namespace) -> Result:
    """Ask the endpoints which chain they are of, and believe it if the contract is on it."""
    from chain import networks, survey

    if not re.fullmatch(_NAME, given.name) or given.name == "local":
        raise RequestInvalid("A network is named by small letters, digits and -, and not `local`")
    if not all(map(networks.is_safe, given.endpoint)):
        raise RequestInvalid("An endpoint is https://, or http:// on this machine")
    composition = composition_of(given)
    known = composition.networks().get(given.name)
    found = survey.network_at(given.name, given.endpoint)
    if known is not None and known.chain_id != found.chain_id:
        raise LedgerMistrusted(given.name, f"these endpoints are of chain {found.chain_id}")
    survey.check_contract(found)
    row = _with_options(replace(known, endpoints=found.endpoints) if known else found, given)
    networks.add(composition.own_networks, row)
    return Result(_row(row), lambda: iter((f"{row.name} is chain {row.chain_id}, and is known.",)))


def _with_options(network: Network, given: argparse.Namespace) -> Network:
    options = {
        name: getattr(given, name)
        for name in ("explorer", "finality", "since_block")
        if getattr(given, name) is not None
    }
    if given.max_age_s is not None:
        options["max_age_s"] = given.max_age_s or None
    return replace(network, **options)


def deploy(given: argparse.Namespace) -> Result:
    """Pay for the contract from this device's account; nothing is done if it is there."""
    from chain import survey
    from chain.registry import ConsentClient

    composition = composition_of(given)
    if given.endpoint:
        network = survey.network_at("this network", [given.endpoint])
    else:
        network = composition.network(given.name)
    with session_of(given) as session:
        client = ConsentClient(network)
        transaction = client.prepare_deployment(session.payer)
        receipt = None
        if transaction is not None:
            client.send(transaction)
            receipt = client.wait(transaction.hash)
    survey.check_contract(network)
    value = {
        "caip2": network.caip2,
        "contract": network.contract,
        "transaction": receipt.transaction if receipt else None,
        "gas": receipt.gas if receipt else 0,
    }
    what = f"paid by {transaction.payer}" if transaction else "it was there already"
    return Result(value, lambda: iter((f"The contract is at {network.contract} ({what}).",)))


def verify(given: argparse.Namespace) -> Result:
    """Compare the deployed code; print what a block explorer asks for to verify the source."""
    from chain import compile as compiler
    from chain import deploy as deployment
    from chain import survey
    from chain.calldata import artifact

    if given.out:
        check_new(given.out)
    network = composition_of(given).network(given.name)
    survey.check_contract(network)
    built = artifact()
    if given.out:
        given.out.write_text(compiler.STANDARD_JSON.read_text())
    value = {
        "caip2": network.caip2,
        "contract": network.contract,
        "code_hash": network.code_hash,
        "contract_name": f"{compiler.SOURCE.name}:ConsentRegistry",
        "compiler": built["compiler"],
        "settings": built["settings"],
        "license": "Apache-2.0",
        "constructor_arguments": "",
        "deployer": deployment.DEPLOYER,
        "salt": "0x" + deployment.SALT.hex(),
        "standard_json": str(given.out or compiler.STANDARD_JSON),
    }

    def lines() -> Iterator[str]:
        yield f"The code at {network.contract} is this release's."
        yield from (f"  {name}: {each}" for name, each in value.items())

    return Result(value, lines)


def _row(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "caip2": network.caip2,
        "endpoints": list(network.endpoints),
        "contract": network.contract,
    }
