"""Links: what parses encodes to the same text, and what was cut or changed is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.container import cbor
from wallet.errors import LinkInvalid
from wallet.identity.secp256k1 import checksum
from wallet.ports import Registry
from wallet.sharing.link import Link, parse

A, B, C = (checksum(bytes([n]) * 20) for n in (0x11, 0x22, 0x33))
PLAIN = Link(
    Registry(31337, A), B, C, bytes(range(64)), 1_800_000_000, ("/ip4/127.0.0.1/tcp/4001",)
)
WITH_KEY = Link(Registry(1, A), B, C, bytes(64), None, (), bytes(32), True)

links = st.builds(
    Link,
    st.builds(Registry, st.integers(0, 2**53 - 1), st.just(A)),
    st.binary(min_size=20, max_size=20).map(checksum),
    st.binary(min_size=20, max_size=20).map(checksum),
    st.binary(min_size=64, max_size=64),
    st.none() | st.integers(0, 2**40),
    st.lists(st.text(max_size=40), max_size=4).map(tuple),
    st.binary(min_size=32, max_size=32),
    st.booleans(),
)


@given(links)
def test_what_encodes_parses_to_the_same(link: Link) -> None:
    assert parse(link.encode()) == link


@pytest.mark.parametrize("link", [PLAIN, WITH_KEY])
def test_every_cut_is_noticed(link: Link) -> None:
    text = link.encode()

    for length in range(len(text)):
        with pytest.raises(LinkInvalid):
            parse(text[:length])


def test_white_space_of_a_mail_does_not_matter() -> None:
    text = PLAIN.encode()

    assert parse(f"\n {text[:40]}\n {text[40:]} ") == PLAIN


def test_a_link_without_a_key_may_stand_behind_a_host() -> None:
    body = PLAIN.encode().removeprefix("rayfolio:")

    assert parse(f"https://anything.example/#{body}") == PLAIN


def test_a_key_is_never_taken_from_a_web_address() -> None:
    body = WITH_KEY.encode().removeprefix("rayfolio:")

    with pytest.raises(LinkInvalid, match="web address"):
        parse(f"https://anything.example/#{body}")


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"extra": 1},
        {"chain": -1},
        {"chain": True},
        {"until": "soon"},
        {"locate": bytes(63)},
        {"secret": bytes(31)},
        {"hints": ["x"] * 17},
        {"hints": ["x" * 513]},
        {"study": bytes(19)},
    ],
)
def test_malformed_links_are_refused(change: dict[str, object]) -> None:
    body = PLAIN.encode().removeprefix("rayfolio:")
    value = cbor.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    changed = base64.urlsafe_b64encode(cbor.encode(value | change)).rstrip(b"=").decode()

    with pytest.raises(LinkInvalid):
        parse("rayfolio:" + changed)


@given(st.text(max_size=80))
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(LinkInvalid):
        parse("rayfolio:" + text)


def test_a_link_does_not_print_its_keys() -> None:
    assert "000102" not in repr(PLAIN)
    assert "secret" not in repr(WITH_KEY)
