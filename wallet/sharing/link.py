"""The link that is handed over to open a study.

    link = "rayfolio:" base64url(dag-cbor {
        v: 1, chain: int, contract: bytes[20], study: bytes[20], grant: bytes[20],
        locate: bytes[64], until: int | null, hints: [str],
        ? secret: bytes[32], ? passcode: bool })

`until` only spares a reader the way when it has passed; what counts is the term in the envelope.
A link with a secret is `rayfolio:` only. One without may also stand behind `https://host/#`.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from wallet.container import cbor
from wallet.errors import Damaged, LinkInvalid
from wallet.identity.secp256k1 import checksum
from wallet.ports import Address, Registry

_SCHEME = "rayfolio:"
_ALLOWED = {
    "v", "chain", "contract", "study", "grant", "locate", "until", "hints", "secret", "passcode",
}  # fmt: skip
_MAX_TEXT = 8192
_MAX_HINTS = 16


@dataclass(frozen=True, slots=True)
class Link:
    """Where a study is and which consent opens it; the key only if shared by link."""

    registry: Registry
    study: Address
    grant_id: Address
    locator_key: bytes = field(repr=False)  # 64 bytes
    until: int | None
    hints: tuple[str, ...]
    secret: bytes | None = field(default=None, repr=False)  # 32 bytes
    passcode: bool = False

    def encode(self) -> str:
        value: dict[str, Any] = {
            "v": 1,
            "chain": self.registry.chain_id,
            "contract": _bytes20(self.registry.contract),
            "study": _bytes20(self.study),
            "grant": _bytes20(self.grant_id),
            "locate": self.locator_key,
            "until": self.until,
            "hints": list(self.hints),
        }
        if self.secret is not None:
            value |= {"secret": self.secret, "passcode": self.passcode}
        return _SCHEME + base64.urlsafe_b64encode(cbor.encode(value)).rstrip(b"=").decode()


def parse(text: str) -> Link:
    """Read a link as a person pasted it. Raises: LinkInvalid."""
    text = "".join(text.split())
    if not 0 < len(text) <= _MAX_TEXT:
        raise LinkInvalid("it is empty or too long")
    behind_host = text.startswith("https://")
    if behind_host:
        text = _SCHEME + text.partition("#")[2].removeprefix(_SCHEME)
    if not text.lower().startswith(_SCHEME):
        raise LinkInvalid("it does not start with rayfolio:")
    link = _decode(text[len(_SCHEME) :])
    if behind_host and link.secret is not None:
        raise LinkInvalid("a link that holds a key must not be a web address")
    return link


def _decode(body: str) -> Link:
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != body:
            raise LinkInvalid("it was changed on the way")
        value = cbor.decode(data)
        if not isinstance(value, dict) or value.get("v") != 1:
            raise LinkInvalid("it is of another version")
        if not set(value) <= _ALLOWED:
            raise LinkInvalid("it holds something unknown")
        return _typed(value)
    except (Damaged, ValueError, KeyError):
        raise LinkInvalid("a part of it is missing") from None


def _typed(value: dict[str, Any]) -> Link:
    chain, until, hints = value["chain"], value["until"], value["hints"]
    secret, passcode = value.get("secret"), value.get("passcode", False)
    well_formed = (
        _is_count(chain)
        and (until is None or _is_count(until))
        and isinstance(hints, list)
        and len(hints) <= _MAX_HINTS
        and all(isinstance(h, str) and len(h) <= 512 for h in hints)
        and _is_bytes(value["locate"], 64)
        and (secret is None or _is_bytes(secret, 32))
        and isinstance(passcode, bool)
        and all(_is_bytes(value[k], 20) for k in ("contract", "study", "grant"))
    )
    if not well_formed:
        raise LinkInvalid("it is malformed")
    return Link(
        Registry(chain, checksum(value["contract"])),
        checksum(value["study"]),
        checksum(value["grant"]),
        value["locate"],
        until,
        tuple(hints),
        secret,
        passcode,
    )


def _is_bytes(value: object, length: int) -> bool:
    return isinstance(value, bytes) and len(value) == length


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _bytes20(address: Address) -> bytes:
    return bytes.fromhex(address[2:])
