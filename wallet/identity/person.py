"""A person's keys, all from one seed, and the one-off identity of a link.

    account    m/44'/60'/0'/0/0        names the person on their card; pays for no consent
    payer d    m/44'/60'/0'/0/(1+d)    one a device; pays fees; on no card
    study i    m/7270'/60'/1'/0'/i'    one a study; its address is the study's id

The others are HKDF-SHA256 of the seed under the labels below, which never change.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wallet.errors import PasscodeMissing
from wallet.identity import hd
from wallet.identity.hpke import ReceivingKey
from wallet.identity.secp256k1 import Key, address_bytes
from wallet.ports import Address, Registry

PAYER_DEVICES = (1 << 31) - 1

_ACCOUNT = "m/44'/60'/0'/0/0"
_RECEIVE = b"rayfolio/1/receive/%d\0"
_SELF = b"rayfolio/1/self/%d\0"
_LOCATE = b"rayfolio/1/locate/0\0"
_LINK = b"rayfolio/1/link/0\0"
_PASSCODE = b"rayfolio/1/passcode\0"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who has the seed is the person."""

    seed: bytes = field(repr=False)  # 64 bytes

    def __post_init__(self) -> None:
        if len(self.seed) != 64:
            raise ValueError("the seed of a person is 64 bytes long")

    @property
    def account(self) -> Key:
        """Names the person to others."""
        return Key(hd.derive(self.seed, _ACCOUNT))

    def payer(self, device: int) -> Key:
        """Pays fees from one device; `device` is drawn at random from 0 to 2**31 - 2."""
        return Key(hd.derive(self.seed, f"m/44'/60'/0'/0/{1 + device}"))

    def study(self, index: int) -> Key:
        """Signs one study's consents; its address is the study's id."""
        return Key(hd.derive(self.seed, f"m/7270'/60'/1'/0'/{index}'"))

    def receiving(self, generation: int = 0) -> ReceivingKey:
        """Opens what others seal to the person's card of that generation."""
        return ReceivingKey.from_seed(_derive(self.seed, _RECEIVE % generation))

    def self_key(self, generation: int = 0) -> bytes:
        """Return the 32-byte key of what only the person reads."""
        return _derive(self.seed, _SELF % generation)

    def locator_key(self, registry: Registry, study: Address) -> bytes:
        """Return the 64-byte key that masks a study's words on one chain."""
        place = registry.chain_id.to_bytes(8) + address_bytes(registry.contract)
        return _derive(self.seed, _LOCATE + place + address_bytes(study), 64)


def link_receiving(secret: bytes, passcode: str | None) -> ReceivingKey:
    """Return the one-off receiving key of a link. With a passcode it takes 64 MiB and a moment.

    Raises: PasscodeMissing if the passcode is empty.
    """
    if len(secret) != 32:
        raise ValueError("the secret of a link is 32 bytes long")
    hardened = b"" if passcode is None else _harden(secret, passcode)
    return ReceivingKey.from_seed(_derive(secret + hardened, _LINK))


def _harden(secret: bytes, passcode: str) -> bytes:
    if not passcode:
        raise PasscodeMissing()
    salt = hashlib.sha256(_PASSCODE + secret).digest()[:16]
    argon = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=64 * 1024)
    return argon.derive(unicodedata.normalize("NFKC", passcode).encode(errors="surrogatepass"))


def _derive(secret: bytes, info: bytes, length: int = 32) -> bytes:
    return HKDF(SHA256(), length, b"", info).derive(secret)
