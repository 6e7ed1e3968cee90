from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils import keccak
from hexbytes import HexBytes

from chain import transactions
from wallet.ports import Address

TO = Address("0x4e59b44847b379578588920cA78FbF26c0B4956C")


def test_the_payer_is_who_signed_and_the_fields_arrive(key) -> None:
    payer = key("payer")
    call = transactions.Call(560048, TO, b"\x01\x02")
    built = transactions.build(call, 7, 50_000, transactions.fees(10, 3), payer)
    assert Account.recover_transaction(built.raw) == payer.address == built.payer
    fields = TypedTransaction.from_bytes(HexBytes(built.raw)).as_dict()
    assert (fields["chainId"], fields["nonce"], fields["gas"]) == (560048, 7, 50_000)
    assert (fields["maxFeePerGas"], fields["maxPriorityFeePerGas"]) == (23, 3)
    assert fields["value"] == 0
    assert bytes(fields["data"]) == b"\x01\x02"
    assert "0x" + keccak(built.raw).hex() == built.hash
    assert built.worst_fee_wei == 50_000 * 23


def test_both_parities_of_a_signature_are_encoded(key) -> None:
    payer = key("payer")
    call = transactions.Call(1, TO, b"")
    built = [transactions.build(call, n, 1, transactions.fees(1, 1), payer) for n in range(12)]
    assert {TypedTransaction.from_bytes(HexBytes(each.raw)).as_dict()["v"] for each in built} == {
        0,
        1,
    }
    assert {Account.recover_transaction(each.raw) for each in built} == {payer.address}


def test_the_gas_limit_leaves_a_quarter() -> None:
    assert transactions.with_margin(40_000) == 50_000
