"""A study's word on the chain is its head's digest under AES-256-XTS, so the chain shows no CID.

key    the study's locator key (64)
tweak  SHA-256(study)[:16]
data   SHA-256 of the head's block (32)
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import XTS

from wallet.identity.secp256k1 import address_bytes
from wallet.ports import Address, Word


def mask(locator_key: bytes, study: Address, digest: bytes) -> Word:
    """Return the word of a head. One that is WORD_NONE or WORD_ERASED must be sealed again."""
    encryptor = _cipher(locator_key, study, digest).encryptor()
    return Word(encryptor.update(digest) + encryptor.finalize())


def unmask(locator_key: bytes, study: Address, word: Word) -> bytes:
    """Return the SHA-256 digest of the head that `word` stands for."""
    decryptor = _cipher(locator_key, study, word).decryptor()
    return decryptor.update(word) + decryptor.finalize()


def _cipher(locator_key: bytes, study: Address, data: bytes) -> Cipher[XTS]:
    if len(locator_key) != 64 or len(data) != 32:
        raise ValueError("a locator key is 64 bytes long, a digest or word 32")
    return Cipher(AES(locator_key), XTS(hashlib.sha256(address_bytes(study)).digest()[:16]))
