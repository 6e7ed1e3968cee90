"""The people that a wallet knows: their cards, and what the person calls them."""

from __future__ import annotations

from app.service import ContactItem
from wallet.errors import ContactAmbiguous, ContactUnknown
from wallet.identity import card as cards
from wallet.identity.card import Card
from wallet.library.state import State


def listed(state: State) -> tuple[ContactItem, ...]:
    """Return all contacts by name."""
    found = [
        ContactItem(account, name, cards.safety_code(cards.decode(card)))
        for account, (card, name) in state.contacts.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.account)))


def add(state: State, card: Card, name: str | None) -> ContactItem:
    """Keep a card; the highest signed version of an account wins."""
    known = state.contacts.get(card.account)
    shown = name or (known[1] if known else "") or card.name or card.account
    is_newer = known is None or cards.decode(known[0]).version <= card.version
    kept = card.encode() if known is None or is_newer else known[0]
    state.contacts[card.account] = (kept, shown)
    state.library_changed = True
    return ContactItem(card.account, shown, cards.safety_code(cards.decode(kept)))


def find(state: State, contact: str) -> tuple[Card, str]:
    """Return the card and name of a contact by account or name.

    Raises: ContactUnknown, ContactAmbiguous.
    """
    found = [
        (card, name)
        for account, (card, name) in state.contacts.items()
        if contact.lower() == account.lower() or contact == name
    ]
    if not found:
        raise ContactUnknown(contact)
    if len(found) > 1:
        raise ContactAmbiguous(contact)
    return cards.decode(found[0][0]), found[0][1]
