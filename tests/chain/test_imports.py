import subprocess
import sys

import pytest

SIGN = (
    "from chain import transactions; from wallet.identity.secp256k1 import Key;"
    "call = transactions.Call(1, '0x' + '11' * 20, b'');"
    "transactions.build(call, 0, 21_000, transactions.fees(1, 1), Key.random())"
)
ASK = (
    "from chain.endpoint import Endpoint; from wallet.errors import LedgerUnreachable\n"
    "from types import SimpleNamespace as Network\n"
    "try: Endpoint(Network(name='none'), 'http://127.0.0.1:1').chain_id()\n"
    "except LedgerUnreachable: pass"
)


@pytest.mark.parametrize("doing", (SIGN, ASK))
def test_libraries_of_ethereum_do_not_lift_the_recursion_limit(doing: str) -> None:
    program = (
        "import sys\n" + doing + "\nassert 'py_ecc' in sys.modules; print(sys.getrecursionlimit())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "1000"
