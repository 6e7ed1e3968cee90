"""Whose pictures these are: which headers may be of one person, and which are of several.

Two headers are of two people if their IDs differ or their dates of birth do. A name that differs
also counts, unless ID and date of birth are both there and the same: names get corrected.
What is empty contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.dicom.header import Header

_MAX_COMPARED = 64


@dataclass(frozen=True, slots=True, order=True)
class _Who:
    id: str
    birth_date: str
    name: str

    @property
    def told(self) -> int:
        return sum(map(bool, (self.id, self.birth_date, self.name)))

    def contradicts(self, other: _Who) -> bool:
        if _differ(self.id, other.id) or _differ(self.birth_date, other.birth_date):
            return True
        is_sure = bool(self.id and other.id and self.birth_date and other.birth_date)
        return not is_sure and _differ(self.name, other.name)

    def joined(self, other: _Who) -> _Who:
        return _Who(
            self.id or other.id, self.birth_date or other.birth_date, self.name or other.name
        )


def person_keys(headers: Sequence[Header]) -> list[int]:
    """Return for each header a number that is the same for what may be one person's.

    Numbers go by the ID, so that the order of the headers does not matter.
    """
    whos = [_who(header) for header in headers]
    distinct = sorted(set(whos), key=lambda who: (-who.told, who))
    people: list[_Who] = []
    key_of: dict[_Who, int] = {}
    for who in distinct:
        for key, person in enumerate(people[:_MAX_COMPARED]):
            if not who.contradicts(person):
                people[key] = person.joined(who)
                key_of[who] = key
                break
        else:
            key_of[who] = len(people)
            people.append(who)
    return [key_of[who] for who in whos]


def count_people(headers: Sequence[Header]) -> int:
    """Return of how many people these are, at least."""
    return len(set(person_keys(headers)))


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _who(header: Header) -> _Who:
    """Compare names by their letters: case, spacing and empty parts say nothing."""
    alphabetic = header.patient_name.split("=")[0] or header.patient_name
    name = " ".join(alphabetic.replace("^", " ").casefold().split())
    return _Who(header.patient_id.strip(), header.patient_birth_date.strip(), name)
