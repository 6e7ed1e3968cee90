"""The recovery script, on what the wallet sealed and on what time does to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from owned import WORDS, Owned, own, recovery
from shelf import NOBODY, dicom_like, file_in, series_in

from wallet.container.sealing import new_series_id
from wallet.container.writer import SeriesIn
from wallet.errors import BlockUnreachable, RequestInvalid
from wallet.library import car_export
from wallet.library.reading import SealedSource
from wallet.storage import car
from wallet.storage.cid import cid_bytes
from wallet.storage.embedded import EmbeddedStore
from wallet.storage.unixfs import decode_node

SCRIPT = Path(__file__).parents[3] / "packaging" / "recover.py"
ENGLISH = Path(__file__).parents[2] / "vectors" / "bip39" / "english.txt"
OTHER = "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"
recover = recovery()


def as_car(owned: Owned, path: Path) -> Path:
    car_export.write(SealedSource(owned.study()), path)
    return path


class Tried:
    """One run of the script, in this process."""

    def __init__(self, source: Path, out: Path, text: str = WORDS, *more: str) -> None:
        self.out = out
        words = out.with_name("words")
        words.write_text(text + "\n")
        self.code = recover.main([str(source), str(out), "--words-file", str(words), *more])

    @property
    def files(self) -> dict[str, bytes]:
        paths = [path for path in self.out.rglob("*") if path.is_file()]
        return {path.relative_to(self.out).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def owned() -> Owned:
    return own()


# -- what is whole ----------------------------------------------------------------------------


def test_the_script_imports_nothing_of_ours_and_two_packages() -> None:
    listed = f"import runpy; runpy.run_path({str(SCRIPT)!r})\n"
    listed += "print(*{name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"sys_path = {sys.path!r}\nimport sys\n"
         f"sys.path += [p for p in sys_path if 'site-packages' in p]\n{listed}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = {*done.stdout.splitlines()[-1].split()}
    assert {"cryptography", "zstandard"} <= found
    parts = {"_cffi_backend", "_openssl", "cython_runtime"}  # of cryptography and zstandard
    assert found - parts == {"__main__", "cryptography", "zstandard"}


def test_the_words_it_knows_are_those_of_bip_39() -> None:
    assert recover.ENGLISH.split() == ENGLISH.read_text().split()


def test_a_car_file_and_the_words_give_every_file_back(owned: Owned, tmp_path: Path) -> None:
    tried = Tried(as_car(owned, tmp_path / "study.car"), tmp_path / "out")
    assert tried.code == 0
    assert tried.files == owned.contents()
    assert len(tried.files) == 6


def test_a_folder_of_blocks_and_the_words_give_every_file_back(
    owned: Owned, tmp_path: Path
) -> None:
    EmbeddedStore(tmp_path / "store").add(owned.study().blocks())
    tried = Tried(tmp_path / "store", tmp_path / "out")
    assert tried.code == 0
    assert tried.files == owned.contents()


def test_files_of_many_leaves_and_parts_of_two_series_come_back(tmp_path: Path) -> None:
    owned = own([series_in(1, files=2, size=1_500_000), series_in(2, files=1, size=300_000)])
    tried = Tried(as_car(owned, tmp_path / "study.car"), tmp_path / "out")
    assert tried.code == 0
    assert tried.files == owned.contents()


def test_a_passphrase_belongs_to_the_words(tmp_path: Path) -> None:
    owned = own(passphrase="Übergröße")
    made = as_car(owned, tmp_path / "study.car")
    (tmp_path / "more").write_text("Übergröße\n")
    assert Tried(made, tmp_path / "none").code == 3
    tried = Tried(made, tmp_path / "out", WORDS, "--passphrase-file", str(tmp_path / "more"))
    assert tried.code == 0
    assert tried.files == owned.contents()


def test_a_later_generation_of_the_self_key_is_found(tmp_path: Path) -> None:
    owned = own(generation=3)
    assert Tried(as_car(owned, tmp_path / "study.car"), tmp_path / "out").code == 0


def test_of_two_heads_of_a_study_the_higher_sequence_is_written(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store")
    old, new = own([series_in(1)], sequence=8), own([series_in(2)], sequence=9)
    for each in (new, old):
        store.add(each.study().blocks())
    assert Tried(tmp_path / "store", tmp_path / "out").files == new.contents()
    chosen = Tried(tmp_path / "store", tmp_path / "old", WORDS, "--head", old.cid)
    assert chosen.files == old.contents()


def test_two_studies_in_one_folder_come_into_a_folder_each(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store")
    both = [own([series_in(1)], index=0), own([series_in(1)], index=5)]
    stranger = own([series_in(3)], text=OTHER)
    for each in (*both, stranger):
        store.add(each.study().blocks())
    tried = Tried(tmp_path / "store", tmp_path / "out")
    assert tried.code == 0
    assert tried.files == {
        f"study {each.record.index}/{path}": data
        for each in both
        for path, data in each.contents().items()
    }


def test_names_that_fall_together_and_names_that_a_system_reserves_are_kept_apart(
    tmp_path: Path,
) -> None:
    paths = ["CON/aux.dcm", "a/b.dcm", "a/b.dcm", "a", "ends. /x?.dcm"]
    files = [file_in(path, dicom_like(n, 600)) for n, path in enumerate(paths)]
    owned = own([SeriesIn(new_series_id(), {}, files, b"")])
    tried = Tried(as_car(owned, tmp_path / "study.car"), tmp_path / "out")
    assert tried.code == 0
    wanted = ["_CON/_aux.dcm", "a/b.dcm", "a/b (2).dcm", "a (2)", "ends/x_.dcm"]
    assert tried.files == {
        path: file.open().read() for path, file in zip(wanted, files, strict=True)
    }


# -- what is not ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WORDS.replace("title", "titel"), "word number 24"),
        (WORDS.replace("title", "legal"), "together they do not fit"),
        ("legal winner", "There are 2 words"),
    ],
)
def test_words_that_were_written_down_wrong_are_told_apart(
    owned: Owned, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    tried = Tried(as_car(owned, tmp_path / "study.car"), tmp_path / "out", text)
    assert tried.code == 2
    assert said in capsys.readouterr().err
    assert not tried.files


def test_words_of_another_wallet_open_nothing(
    owned: Owned, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = Tried(as_car(owned, tmp_path / "study.car"), tmp_path / "out", OTHER)
    assert tried.code == 3
    assert "another wallet's" in capsys.readouterr().err
    assert not tried.files


def test_a_car_cut_anywhere_gives_what_is_whole_and_says_that_it_is_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owned = own([series_in(1, files=3, size=900_000)])
    whole = as_car(owned, tmp_path / "study.car").read_bytes()
    counts = set()
    for number, at in enumerate(range(len(whole) - 1, 600, -len(whole) // 40)):
        cut = tmp_path / f"{number}.car"
        cut.write_bytes(whole[:at])
        tried = Tried(cut, tmp_path / f"out {number}")
        assert tried.code == 5
        assert "cut off" in capsys.readouterr().err
        assert tried.files.items() <= owned.contents().items()
        counts.add(len(tried.files))
    assert counts == {0, 1, 2}  # the last leaf has a piece of the last file


def test_a_damaged_block_costs_the_files_in_it_and_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owned = own([series_in(1, files=4, size=900_000)])
    made = as_car(owned, tmp_path / "study.car")
    data = bytearray(made.read_bytes())
    first = cid_bytes(decode_node(owned.shelf.get(owned.head.data[0])).leaves[0])
    data[data.rindex(first) + 36 + 5] ^= 1  # the last place that names it is the leaf's own
    made.write_bytes(data)
    tried = Tried(made, tmp_path / "out")
    assert tried.code == 5
    said = capsys.readouterr().err
    assert "S1/IM0.dcm: Block" in said
    assert tried.files.items() < owned.contents().items()
    assert len(tried.files) >= 2
    assert not list(tmp_path.rglob("*.part"))


def test_missing_blocks_of_images_are_named(
    owned: Owned, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = EmbeddedStore(tmp_path / "store")
    store.add(block for block in owned.study().blocks() if block.cid != owned.head.data[0])
    tried = Tried(tmp_path / "store", tmp_path / "out")
    assert tried.code == 5
    assert f"S1/IM0.dcm: Block {owned.head.data[0]} is missing" in capsys.readouterr().err
    assert not tried.files


def test_nothing_is_ever_overwritten(owned: Owned, tmp_path: Path) -> None:
    made = as_car(owned, tmp_path / "study.car")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    tried = Tried(made, tmp_path / "out")
    assert tried.code == 2
    assert tried.files == {"mine": b"mine"}


@pytest.mark.parametrize("content", [b"", b"\x00", b"no CAR at all", b"\xff" * 99])
def test_another_file_is_no_car(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.car").write_bytes(content)
    assert Tried(tmp_path / "x.car", tmp_path / "out").code == 2


def test_a_folder_without_blocks_is_said_to_be_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "store").mkdir()
    assert Tried(tmp_path / "store", tmp_path / "out").code == 2
    assert "no block" in capsys.readouterr().err


# -- the CAR file itself ----------------------------------------------------------------------


def test_the_car_has_the_head_first_and_as_its_root_and_each_block_once(
    owned: Owned, tmp_path: Path
) -> None:
    roots, blocks = car.read(as_car(owned, tmp_path / "study.car").read_bytes())
    assert roots == (owned.cid,)
    assert blocks[0].cid == owned.cid
    assert len({block.cid for block in blocks}) == len(blocks)
    assert {block.cid for block in blocks} == {*owned.shelf.blocks} - {NOBODY}


def test_a_car_is_written_over_nothing_and_not_half(owned: Owned, tmp_path: Path) -> None:
    made = as_car(owned, tmp_path / "study.car")
    before = made.read_bytes()
    with pytest.raises(RequestInvalid):
        as_car(owned, made)
    assert made.read_bytes() == before
    del owned.shelf.blocks[owned.head.data[0]]
    with pytest.raises(BlockUnreachable):
        as_car(owned, tmp_path / "other.car")
    assert [path.name for path in tmp_path.iterdir()] == ["study.car"]


def test_what_the_car_says_it_holds_is_what_it_holds(owned: Owned, tmp_path: Path) -> None:
    said = car_export.write(SealedSource(owned.study()), tmp_path / "study.car")
    _, blocks = car.read((tmp_path / "study.car").read_bytes())
    assert (said.blocks, said.bytes) == (len(blocks), sum(len(block.data) for block in blocks))
    assert said.head == owned.cid
