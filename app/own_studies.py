"""A person's own studies, offered to the viewer to compare one with those from before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.pictures import decode
from app.service import Wallet
from viewer.dicom.pixels import Pixels
from viewer.dicom.reader import Reader
from viewer.dicom.sandbox import Sandbox
from viewer.dicom.source import SeriesView
from viewer.priors import Opened, OtherStudy


@dataclass(frozen=True, slots=True)
class OwnStudy:
    """One of the person's own studies, by its id."""

    wallet: Wallet
    study: str


class OwnStudies:
    """Those of the same patient, as the wallet knows it; the viewer looks for itself as well.

    Implements viewer.priors.PriorStudies.
    """

    def __init__(self, own: OwnStudy, sandbox: Sandbox) -> None:
        self._own, self._sandbox = own, sandbox

    def offered(self) -> Sequence[OtherStudy]:
        items = self._own.wallet.studies()
        patient = next((each.patient for each in items if each.study == self._own.study), "")
        return [
            OtherStudy(each.title, each.date, partial(self._open, each.study))
            for each in items
            if each.study != self._own.study and each.patient == patient
        ]

    def _open(self, study: str) -> Opened:
        source = self._own.wallet.source(study)

        def decoded(series: SeriesView, instance: int, frame: int) -> Pixels:
            return decode(self._sandbox, source, series, instance, frame)

        return Opened(source, decoded, Reader(self._sandbox, source))
