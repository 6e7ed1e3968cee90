"""Who an envelope is from: the account's signature over chain, contract, study and grant."""

from __future__ import annotations

from wallet.errors import Damaged
from wallet.identity.card import Card
from wallet.identity.secp256k1 import Key, recover
from wallet.identity.typed_data import Struct, digest, domain
from wallet.ports import Address, Registry

_SENDER = Struct("Sender", (("address", "study"), ("address", "grantId")))


def sign_sender(account: Key, registry: Registry, study: Address, grant_id: Address) -> bytes:
    """Return the account's 65-byte signature that this grant is from it."""
    return account.sign(_digest(registry, study, grant_id))


def verify_sender(
    card: Card, registry: Registry, study: Address, grant_id: Address, signature: bytes
) -> bool:
    """Whether the account on `card` signed this grant. If not, the sender is unknown."""
    try:
        return recover(_digest(registry, study, grant_id), signature) == card.account
    except Damaged:
        return False


def _digest(registry: Registry, study: Address, grant_id: Address) -> bytes:
    return digest(domain(registry), _SENDER.digest({"study": study, "grantId": grant_id}))
