"""Writes tests/vectors/container anew: `python tests/wallet/container/write_vector.py`.

Keys, ids and contents are fixed; salts, dummies, padding and HPKE shares are drawn, so every run
gives other blocks. What is committed is never written again: it must open for ever.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from shelf import Shelf, file_in

from wallet.container.envelope import Place, Terms, commitment, seal_all
from wallet.container.head import Head
from wallet.container.sealing import Epoch, series_key
from wallet.container.self_record import GrantRecord, LibraryPointer, SelfRecord
from wallet.container.writer import SeriesIn, seal_study
from wallet.identity import locator
from wallet.identity.card import grantee_digest
from wallet.identity.hpke import ReceivingKey
from wallet.ports import Address, Cid, Registry, Word
from wallet.storage import unixfs

FOLDER = Path(__file__).parents[2] / "vectors" / "container"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)


def fixed(label: str, length: int = 32) -> bytes:
    """Bytes that anyone can compute: SHAKE-128 of the label."""
    return hashlib.shake_128(f"rayfolio vector {label}".encode()).digest(length)


def content(path: str, noise: int, zeros: int, preamble: bytes = b"") -> bytes:
    """128 bytes of preamble, "DICM", noise of the path, zeros."""
    return preamble.ljust(128, b"\0") + b"DICM" + fixed(path, noise) + bytes(zeros)


def series() -> list[SeriesIn]:
    axial = [
        file_in(f"CT/AXIAL/IM{n}.dcm", content(f"CT/AXIAL/IM{n}.dcm", 400, 4000 + n), (300,),
                header={"modality": "CT", "rows": 64, "position": [0.0, 0.5, -2.25 * n]})
        for n in (1, 2)
    ]  # fmt: skip
    hidden = content("CT/AXIAL/Übersicht.dcm", 100, 0, b"MZ a program could be here")
    axial.append(file_in("CT/AXIAL/Übersicht.dcm", hidden, compress=False))
    big = content("CT/THIN/IM1.dcm", 270_000, 0)
    thin = [
        file_in("CT/THIN/IM1.dcm", big, (1000, 200_000)),
        file_in("CT/THIN/EMPTY", b""),
    ]
    return [
        SeriesIn(fixed("series axial", 16), {"uid": "1.2.3.1"}, axial, PNG),
        SeriesIn(fixed("series thin", 16), {"uid": "1.2.3.2"}, thin, b""),
    ]


def main() -> None:
    if (FOLDER / "vector.json").exists():
        sys.exit("The vector is there, and stays as it is.")
    shelf, study_key, self_key = Shelf(), fixed("study key"), fixed("self key")
    epoch = Epoch(fixed("container", 16), 3)
    registry = Registry(560048, Address("0x" + fixed("contract", 20).hex()))
    place = Place(registry, Address("0x" + fixed("study", 20).hex()))
    sealed = seal_study(series(), study_key, epoch, shelf.add)
    thin = sealed.ranges[1].series_id
    record = SelfRecord(
        index=7,
        study_key=study_key,
        sequence=42,
        previous=Word(fixed("previous word")),
        ranges=sealed.ranges,
        labels={"description": "Thorax", "series": [{"uid": "1.2.3.1"}]},
        grants=(
            grant("whole", ("study",), tuple(each.series_id for each in sealed.ranges), "active"),
            grant("thin", (thin.hex(),), (thin,), "active"),
            grant("ended", ("study",), (), "revoked"),
        ),
        notes="Second opinion asked for in May.",
        library=LibraryPointer(
            Cid("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"), fixed("library"), 5
        ),
    )
    active = [each for each in record.grants if each.is_active]
    envelopes = [
        (each.receiving, record.envelope_for(each, epoch, b"a card", bytes(65))) for each in active
    ]
    links = []
    for sealed_file in (record.seal(self_key, epoch), seal_all(envelopes, place, epoch)):
        root, built = unixfs.build(sealed_file)
        links.append(root)
        shelf.add(built)
    head = Head(
        epoch.container, epoch.epoch, sealed.data, sealed.index, sealed.preview, *links
    ).encode()
    shelf.add([head])
    locator_key = fixed("locator key", 64)
    digest = hashlib.sha256(head.data).digest()
    vector = {
        "chain_id": registry.chain_id,
        "contract": registry.contract[2:],
        "study": place.study[2:],
        "locator_key": locator_key.hex(),
        "word": locator.mask(locator_key, place.study, digest).hex(),
        "head_digest": digest.hex(),
        "container": epoch.container.hex(),
        "epoch": epoch.epoch,
        "study_key": study_key.hex(),
        "self_key": self_key.hex(),
        "self_record": record.encode().hex(),
        "ranges": [[r.series_id.hex(), *r.to_list()[1:]] for r in sealed.ranges],
        "series_keys": [
            series_key(study_key, epoch.container, r.series_id).hex() for r in sealed.ranges
        ],
        "series": [expected(each) for each in series()],
        "readers": [
            {
                "seed": fixed(f"receiving {name}").hex(),
                "envelope": envelope.encode().hex(),
                "terms_commitment": commitment(envelope.salt, envelope.terms).hex(),
                "opens": opens,
            }
            for name, (_, envelope), opens in zip(
                ("whole", "thin"), envelopes, ([0, 1], [1]), strict=True
            )
        ],
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    blocks = {cid: base64.b64encode(data).decode() for cid, data in sorted(shelf.blocks.items())}
    (FOLDER / "blocks.json").write_text(json.dumps(blocks, indent=1) + "\n")
    (FOLDER / "vector.json").write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n")


def grant(name: str, scope: tuple[str, ...], ids: tuple[bytes, ...], state: str) -> GrantRecord:
    receiving = ReceivingKey.from_seed(fixed(f"receiving {name}")).public
    return GrantRecord(
        grant_key=fixed(f"grant key {name}"),
        salt=fixed(f"salt {name}"),
        terms=Terms(grantee_digest(receiving), scope, "TREAT", 1_780_000_000, 1_790_000_000),
        receiving=receiving,
        series_ids=ids,
        card=None,
        name=f"Dr. {name}",
        secret=None,
        passcode="",
        state=state,
        created_at=1_780_000_000,
    )


def expected(each: SeriesIn) -> dict[str, Any]:
    files = {}
    for file in each.files:
        with file.open() as source:
            data = source.read()
        files[file.path] = [len(data), hashlib.sha256(data).hexdigest()]
    return {"uid": each.attributes["uid"], "preview": each.preview.hex(), "files": files}


if __name__ == "__main__":
    main()
