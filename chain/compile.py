"""Compiles the consent contract: `python -m chain.compile` writes the artifact, `--check` compares.

The compiler is solc-js of `packaging/npm`, run by node over standard JSON; nothing is fetched. The
standard JSON, with the source in it, is written too: it is what a block explorer verifies by.
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
SOURCE = CONTRACTS / "ConsentRegistry.sol"
ARTIFACT = CONTRACTS / "ConsentRegistry.json"
STANDARD_JSON = CONTRACTS / "ConsentRegistry.standard.json"
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


def standard_json(source: str | None = None) -> dict[str, Any]:
    """Return the compiler's whole input, of the contract's source or of another in its place."""
    content = SOURCE.read_text() if source is None else source
    sources = {SOURCE.name: {"content": content}}
    return {"language": "Solidity", "sources": sources, "settings": SETTINGS}


def compile_registry(source: str | None = None) -> dict[str, Any]:
    """Return the artifact: compiler, settings, abi, bytecode, and the deployed code's hash."""
    answer = run(standard_json(source))
    contract = answer["output"]["contracts"][SOURCE.name]["ConsentRegistry"]
    deployed = contract["evm"]["deployedBytecode"]["object"]
    return {
        "compiler": answer["version"],
        "settings": {name: SETTINGS[name] for name in SETTINGS if name != "outputSelection"},
        "abi": contract["abi"],
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployed_code_hash": "0x" + keccak(bytes.fromhex(deployed)).hex(),
    }


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Return the compiler's version and output. Raises: ValueError if it has a complaint."""
    done = subprocess.run(
        ["node", "-e", _RUN, str(COMPILER)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    complaints = [e["formattedMessage"] for e in answer["output"].get("errors", [])]
    if complaints:
        raise ValueError("\n".join(complaints))
    return answer


def to_text(artifact: dict[str, Any]) -> str:
    """Return the artifact, or the standard JSON, as it lies in the repository."""
    return json.dumps(artifact, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Write both files, or with --check return 1 if a committed one differs."""
    parser = argparse.ArgumentParser(prog="python -m chain.compile", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args(arguments).check
    texts = {ARTIFACT: to_text(compile_registry()), STANDARD_JSON: to_text(standard_json())}
    if check:
        return 0 if all(path.read_text() == text for path, text in texts.items()) else 1
    for path, text in texts.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
