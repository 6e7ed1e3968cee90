"""The library record: what belongs to the person and to no study, sealed on IPFS.

    record = object of kind 5 under a key of its own, container zero, epoch = version;
             payload = dag-cbor {v: 1, contacts: [[account, card, name]]}

It has no word on the chain: its CID, key and version stand in the `self` of the next head of any
study. Restoring takes the highest version.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from wallet.container import cbor
from wallet.container.sealing import Epoch, Kind, open_object, seal_object
from wallet.container.self_record import LibraryPointer
from wallet.errors import CardInvalid, Damaged
from wallet.identity import card as cards
from wallet.library.state import Entry, State
from wallet.ports import Address, BlobStore, BlockSource
from wallet.storage import unixfs

_CONTAINER = bytes(16)


def keep(state: State, store: BlobStore) -> LibraryPointer | None:
    """Return where the record of these contacts is, sealed and stored anew if they changed."""
    known = state.library
    if not state.contacts and known is None:
        return None
    if known is not None and not state.library_changed:
        return known
    version = known.version + 1 if known else 1
    record_key = secrets.token_bytes(32)
    contacts = [[account, card, name] for account, (card, name) in state.contacts.items()]
    payload = cbor.encode({"v": 1, "contacts": contacts})
    sealed = seal_object(record_key, Kind.LIBRARY, Epoch(_CONTAINER, version), payload)
    root, blocks = unixfs.build(sealed)
    store.add(blocks)
    store.pin(root)
    state.library = LibraryPointer(root, record_key, version)
    state.library_changed = False
    return state.library


def restore(state: State, source: BlockSource, entries: Iterable[Entry]) -> None:
    """Take the contacts of the newest record that any study knows of.

    Raises: BlockUnreachable, Damaged.
    """
    pointers = [e.record.library for e in entries if e.record.library is not None]
    newest = max(pointers, key=lambda each: each.version, default=None)
    if newest is None or (state.library and state.library.version >= newest.version):
        return
    sealed = unixfs.File(source, newest.cid).read_all()
    epoch = Epoch(_CONTAINER, newest.version)
    value = cbor.decode(open_object(newest.key, Kind.LIBRARY, epoch, sealed))
    try:
        contacts = {Address(a): (card, name) for a, card, name in value["contacts"]}
        for account, (card, _) in contacts.items():
            if cards.decode(card).account != account:
                raise Damaged(Kind.LIBRARY.noun)
    except (KeyError, TypeError, ValueError, CardInvalid):
        raise Damaged(Kind.LIBRARY.noun) from None
    state.contacts = contacts | state.contacts
    state.library = newest
