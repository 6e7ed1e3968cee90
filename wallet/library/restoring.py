"""From the words alone: study keys are derived in order and looked up on the chain."""

from __future__ import annotations

from wallet.errors import BlockUnreachable
from wallet.library import record
from wallet.library.owner import Owner
from wallet.ports import WORD_ERASED, WORD_NONE, Progress, unwatched

_EMPTY_ENOUGH = 100
_AT_ONCE = 20


def restore(owner: Owner, progress: Progress = unwatched) -> int:
    """Find all studies of this person; stop after 100 unused keys in a row.

    Returns: how many of them cannot be reached right now; they are found at the next run.

    Raises: LedgerError, StoreUnreachable, Damaged.
    """
    index = empty = unreachable = 0
    while empty < _EMPTY_ENOUGH:
        progress("Looking for your studies", index, 0)
        addresses = [owner.identity.study(index + i).address for i in range(_AT_ONCE)]
        words = owner.words(addresses)
        for study in addresses:
            word = words[study]
            empty = empty + 1 if word == WORD_NONE else 0
            if word in (WORD_NONE, WORD_ERASED) or study in owner.state.studies:
                continue
            try:
                owner.state.studies[study] = owner.fetch(study, word)
            except BlockUnreachable:
                unreachable += 1
        index += _AT_ONCE
    try:
        record.restore(owner.state, owner.store(), owner.state.studies.values())
    except BlockUnreachable:
        unreachable += 1
    owner.state.restored = unreachable > 0
    return unreachable
