"""Compiles the consent contract: `python -m chain.compile` writes the artifact, `--check` compares.

The compiler is solc-js of `packaging/npm`, run by node over standard JSON; nothing is fetched.
The code carries no metadata hash and no immutable, so its hash is the same everywhere.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from chain.hashing import keccak

CONTRACTS = Path(__file__).parent / "contracts"
ARTIFACT = CONTRACTS / "ConsentRegistry.json"
COMPILER = Path(__file__).parent.parent / "packaging" / "npm" / "node_modules" / "solc"
SETTINGS: dict[str, Any] = {
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 1_000_000},
    "evmVersion": "cancun",
    "metadata": {"appendCBOR": False, "bytecodeHash": "none"},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}},
}
_RUN = """
const solc = require(process.argv[1]);
const input = require('fs').readFileSync(0, 'utf8');
const output = JSON.parse(solc.compile(input));
process.stdout.write(JSON.stringify({version: solc.version(), output}));
"""


def compile_registry() -> dict[str, Any]:
    """Return the artifact: compiler, settings, abi, bytecode, and the deployed code's hash."""
    source = {"ConsentRegistry.sol": {"content": (CONTRACTS / "ConsentRegistry.sol").read_text()}}
    request = {"language": "Solidity", "sources": source, "settings": SETTINGS}
    done = subprocess.run(
        ["node", "-e", _RUN, str(COMPILER)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    complaints = [e["formattedMessage"] for e in answer["output"].get("errors", [])]
    if complaints:
        raise ValueError("\n".join(complaints))
    contract = answer["output"]["contracts"]["ConsentRegistry.sol"]["ConsentRegistry"]
    deployed = contract["evm"]["deployedBytecode"]["object"]
    return {
        "compiler": answer["version"],
        "settings": {name: SETTINGS[name] for name in SETTINGS if name != "outputSelection"},
        "abi": contract["abi"],
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployed_code_hash": "0x" + keccak(bytes.fromhex(deployed)).hex(),
    }


def to_text(artifact: dict[str, Any]) -> str:
    """Return the artifact as it lies in the repository."""
    return json.dumps(artifact, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Write the artifact, or with --check return 1 if the committed one differs."""
    parser = argparse.ArgumentParser(prog="python -m chain.compile", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args(arguments).check
    text = to_text(compile_registry())
    if check:
        return 0 if ARTIFACT.read_text() == text else 1
    ARTIFACT.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
