"""Reports, letters and PDFs: read in a child, checked here, and nothing of them acts."""

from __future__ import annotations

import contextlib
import os
import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.sequence import Sequence as Items

from viewer.dicom import documents
from viewer.dicom.documents import Letter, Line, Pdf, Reference, Report, key_objects, scale_for
from viewer.dicom.lines import as_text, lines
from viewer.dicom.sandbox import Sandbox, document_replies
from viewer.dicom.sandbox.replies import Malformed
from viewer.errors import CannotShow, ReaderFailed

from . import papers

Open = Callable[[Path | str], int]
Make = Callable[..., Path]
Read = Callable[..., documents.Document]


@pytest.fixture
def read(sandbox: Sandbox, made: Make, opened: Open) -> Read:
    def read_it(sop_class: str, **attributes: object) -> documents.Document:
        return sandbox.document(opened(made(SOPClassUID=sop_class, **attributes)))

    return read_it


@pytest.fixture
def packed(made: Make, opened: Open) -> Callable[[bytes, str], int]:
    def pack(data: bytes, sop_class: str = papers.PDF) -> int:
        padded = data + b"\0" * (len(data) % 2)
        return opened(
            made(
                SOPClassUID=sop_class,
                EncapsulatedDocument=padded,
                EncapsulatedDocumentLength=len(data),
            )
        )

    return pack


# -- reports ----------------------------------------------------------------------------------

CORPUS_REPORTS = (
    "cornerstone3D/no-pixel-data.dcm",
    "dcmjs/examples/data/structured_report.dcm",
    "dcmjs/test/sample-sr.dcm",
    "dcmqi/sr-example/sr.dcm",
    "dicomParser/deflate/report_dfl",
    "highdicom/sr_document.dcm",
    "highdicom/sr_document_with_multiple_groups.dcm",
    "pydicom/test_files/reportsi.dcm",
    "pydicom/test_files/reportsi_with_empty_number_tags.dcm",
    "pydicom/test_files/test-SR.dcm",
)
DSRDUMP = ("dsrdump", "-q", "-Ph", "+Pl", "+Pn", "+U8", "-Ee", "-Ec", "-Er", "-Ev", "+Pu", "-Dv")
ITEM = re.compile(
    r"(?P<place>[\d.]+)  <(?:(?P<relationship>[a-z ]+) )?"
    r'(?:(?P<kind>[A-Z0-9]+):(?:\(,,"(?P<name>[^"]*)"\))?=)?(?P<value>.*)>'
)


def _places(report: Report) -> list[str]:
    """Number the items as dsrdump does."""
    path: list[int] = []
    found = []
    for each in report.entries:
        del path[each.level + 1 :]
        if len(path) == each.level + 1:
            path[-1] += 1
        else:
            path.append(1)
        found.append(".".join(map(str, path)))
    return found


def _value(kind: str, said: str) -> str:
    """Return the value out of dsrdump's words for it."""
    if kind in ("TEXT", "NUM", "PNAME", "DATE", "TIME", "DATETIME", "UIDREF"):
        quoted = re.match(r'"(.*?)"(?: \(|$)' if kind == "NUM" else r'"(.*)"', said)
        return quoted[1] if quoted else ""
    if kind == "CODE":
        quoted = re.search(r',"(.*)"\)', said)
        return quoted[1] if quoted else ""
    return ""


def _compare(path: Path, report: Report) -> int:
    dumped = subprocess.run([*DSRDUMP, path], capture_output=True, check=True).stdout.decode()
    rows = [row for row in dumped.splitlines() if row]
    assert len(rows) == len(report.entries)
    for row, place, entry in zip(rows, _places(report), report.entries, strict=True):
        said = ITEM.match(row)
        assert said, row
        kind = said["kind"] or "REFERENCE"
        assert said["place"] == place
        assert (said["relationship"] or "").upper() == entry.relationship
        assert kind == entry.kind
        assert (said["name"] or "") == entry.name
        value = _value(kind, said["value"]).replace("\\r", "\n").replace("\\n", "\n")
        if kind == "NUM":
            assert entry.text == (value or "no value")
            assert not entry.unit or re.search(f'[("]{re.escape(entry.unit)}[,"]', said["value"])
        elif value:
            assert entry.text.split() == value.split(), row
        if kind in ("IMAGE", "COMPOSITE", "WAVEFORM"):
            uids = re.findall(r',"([\d.]+)"', said["value"])
            assert [each.sop_uid for each in entry.references] == uids
        if kind == "SCOORD":
            numbers = [float(each) for each in re.findall(r"[-\d.]+(?:e[-+]\d+)?", said["value"])]
            assert entry.points == pytest.approx(numbers, rel=1e-5)
        assert (kind == "CONTAINER" and "=CONTINUOUS" in row) == entry.continuous
    return len(rows)


@pytest.mark.corpus
def test_every_report_has_the_items_and_values_that_dcmtk_finds(
    sandbox: Sandbox, opened: Open
) -> None:
    top = Path(os.environ["RAYFOLIO_TEST_DATA"]) / "dicom"
    counted = 0
    for name in CORPUS_REPORTS:
        report = sandbox.document(opened(top / name))
        assert isinstance(report, Report)
        assert report.missing == ""
        counted += _compare(top / name, report)
    assert counted > 400


@pytest.mark.parametrize("name", ("reportsi.dcm", "test-SR.dcm"))
def test_a_bundled_report_has_what_dcmtk_finds(
    name: str, sandbox: Sandbox, opened: Open, bundled: Callable[[str], Path]
) -> None:
    report = sandbox.document(opened(bundled(name)))
    assert isinstance(report, Report)
    assert _compare(bundled(name), report) > 8


def _num(value: str, code: str, meaning: str) -> dict[str, object]:
    from pydicom.dataset import Dataset

    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = papers.coded(code, "UCUM", meaning)
    return {"MeasuredValueSequence": Items([measured])}


def test_a_number_keeps_its_digits_and_a_unit_its_meaning(read: Read) -> None:
    items = [
        papers.content("NUM", "Length", **_num("12.30", "mm", "millimeter")),
        papers.content("NUM", "Ratio", **_num("1.5", "1", "no units")),
        papers.content("NUM", "Side", **_num("64.4", "1", "px")),
        papers.content("NUM", "Mean", **_num("-119", "[hnsf'U]", "Hounsfield unit")),
        papers.content("NUM", "Depth", MeasuredValueSequence=Items([])),
    ]
    found = read(papers.TEXT_SR, ValueType="CONTAINER", ContentSequence=Items(items))
    assert isinstance(found, Report)
    assert [(each.text, each.unit) for each in found.entries[1:]] == [
        ("12.30", "mm"),
        ("1.5", ""),
        ("64.4", "px"),
        ("-119", "Hounsfield unit"),
        ("no value", ""),
    ]


def test_a_reader_is_told_first_that_a_report_may_change(read: Read) -> None:
    found = read(
        papers.TEXT_SR,
        ValueType="CONTAINER",
        ConceptNameCodeSequence=papers.coded("1", "99TEST", "Findings"),
        CompletionFlag="PARTIAL",
        VerificationFlag="UNVERIFIED",
        PreliminaryFlag="PRELIMINARY",
        ContentSequence=Items([papers.content("TEXT", "Impression", TextValue="Nothing new.")]),
    )
    assert list(lines(found)) == [
        Line("title", 0, "Findings"),
        Line("notice", 0, "This report is preliminary: it may still change."),
        Line("notice", 0, "This report is not complete."),
        Line("notice", 0, "Nobody has signed this report."),
        Line("row", 1, "Impression", "Nothing new."),
    ]


def test_sections_of_one_report_stand_alike_whether_short_or_long() -> None:
    def text(level: int, name: str, words: str) -> documents.Entry:
        return documents.Entry(level, "CONTAINS", "TEXT", name, words)

    entries = (
        documents.Entry(0, "", "CONTAINER", "Imaging report"),
        text(1, "History", "None."),
        text(1, "Findings", "word " * 40),
        documents.Entry(1, "CONTAINS", "CONTAINER", "Lesion"),
        text(2, "Place", "Left"),
    )
    told = [(each.kind, each.text) for each in lines(Report("Imaging report", entries))]
    headings = [words for kind, words in told if kind == "heading"]
    assert headings == ["History", "Findings", "Lesion"]
    assert ("row", "Place") in told


def test_a_continuous_text_reads_as_one(read: Read) -> None:
    items = [
        papers.content("TEXT", "Description", TextValue="A mass of"),
        papers.content("NUM", "Diameter", **_num("3", "cm", "centimeter")),
        papers.content("TEXT", "Description", TextValue=", new."),
    ]
    found = read(
        papers.TEXT_SR,
        ValueType="CONTAINER",
        ContinuityOfContent="CONTINUOUS",
        ContentSequence=Items(items),
    )
    assert Line("text", 0, "A mass of 3 cm, new.") in list(lines(found))


def test_letters_that_steer_what_is_around_them_are_taken_out(read: Read) -> None:
    said = "a\u202egnp.exe\u202c\x07 <b>b</b>"
    found = read(
        papers.TEXT_SR,
        SpecificCharacterSet="ISO_IR 192",
        ValueType="CONTAINER",
        ContentSequence=Items([papers.content("TEXT", "Note", TextValue=said)]),
    )
    assert isinstance(found, Report)
    assert found.entries[1].text == "a gnp.exe   <b>b</b>"


def test_marked_pictures_say_who_marked_them_and_why(read: Read) -> None:
    from pydicom.dataset import Dataset

    picture = Dataset()
    picture.ReferencedSOPClassUID, picture.ReferencedSOPInstanceUID = papers.STORAGE + "2", "1.2.9"
    picture.ReferencedFrameNumber = [2, 5]
    items = [
        papers.content("PNAME", "Observer", "HAS OBS CONTEXT", PersonName="Lee^Ann"),
        papers.content("TEXT", "Key Object Description", TextValue="For the meeting"),
        papers.content("IMAGE", ReferencedSOPSequence=Items([picture])),
        papers.content("IMAGE", ReferencedSOPSequence=Items([picture])),
    ]
    found = read(
        papers.KEYS,
        ValueType="CONTAINER",
        ConceptNameCodeSequence=papers.coded("113000", "DCM", "Of Interest"),
        ContentSequence=Items(items),
    )
    assert isinstance(found, Report)
    marked = key_objects(found)
    assert (marked.title, marked.description) == ("Of Interest", "For the meeting")
    assert marked.marked_by == "Lee^Ann"
    assert marked.references == (Reference(papers.STORAGE + "2", "1.2.9", (2, 5)),)


@pytest.mark.parametrize("undefined", (False, True))
def test_deep_nesting_is_cut_and_said(
    undefined: bool, sandbox: Sandbox, opened: Open, tmp_path: Path
) -> None:
    body = b""
    for _ in range(2000):  # from the inside out
        length = 0xFFFFFFFF if undefined else len(body) + 8 + 18
        ends = [struct.pack("<HHL", 0xFFFE, each, 0) for each in (0xE00D, 0xE0DD)]
        kind = struct.pack("<HH2sH", 0x40, 0xA040, b"CS", 10) + b"CONTAINER "
        item = struct.pack("<HHL", 0xFFFE, 0xE000, length - 8 if not undefined else length)
        item += kind + body + (ends[0] if undefined else b"")
        body = struct.pack("<HH2sHL", 0x40, 0xA730, b"SQ", 0, length) + item
        body += ends[1] if undefined else b""
    head = struct.pack("<HH2sH", 8, 0x16, b"UI", 30) + papers.TEXT_SR.encode() + b"\0"
    syntax = b"1.2.840.10008.1.2.1\0"
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", len(syntax)) + syntax
    kind = struct.pack("<HH2sH", 0x40, 0xA040, b"CS", 10) + b"CONTAINER "
    path = tmp_path / "deep"
    path.write_bytes(bytes(128) + b"DICM" + meta + head + kind + body)
    found = sandbox.document(opened(path))
    assert isinstance(found, Report)
    assert found.missing
    assert len(found.entries) <= documents.MAX_DEPTH + 1
    assert Line("notice", 0, found.missing) in list(lines(found))


def test_more_than_is_kept_is_left_out_and_said(read: Read) -> None:
    items = [papers.content("TEXT", TextValue=str(each)) for each in range(20_100)]
    found = read(papers.TEXT_SR, ValueType="CONTAINER", ContentSequence=Items(items))
    assert isinstance(found, Report)
    assert len(found.entries) == documents.MAX_ENTRIES
    assert found.missing == "A part of this report is left out: there is too much of it."


def test_broken_references_lead_nowhere(read: Read) -> None:
    items = [
        papers.content("IMAGE", "No such picture"),
        papers.content("IMAGE", "Empty", ReferencedSOPSequence=Items([])),
        papers.content("SCOORD", "Nothing", GraphicType="POLYLINE"),
        papers.content("FUTURE", "Not known"),
    ]
    found = read(papers.TEXT_SR, ValueType="CONTAINER", ContentSequence=Items(items))
    assert isinstance(found, Report)
    assert [each.references for each in found.entries[1:]] == [()] * 4
    assert list(as_text(found))


# -- PDF --------------------------------------------------------------------------------------


def test_a_page_is_drawn_and_read(sandbox: Sandbox, packed: Callable[..., int]) -> None:
    text = b"1 0 0 rg 0 0 100 50 re f 0 g BT /F 20 Tf 110 70 Td (Finding) Tj ET"
    fd = packed(papers.one_page(text))
    found = sandbox.document(fd)
    assert isinstance(found, Pdf)
    assert found.pages == ((200.0, 100.0),)
    page = sandbox.page(fd, 0, 2.0)
    assert page.array.shape == (200, 400, 3)
    # PDF counts from below: red in the lower left quarter, white above it, letters at the right.
    assert page.array[150, 100].tolist() == [255, 0, 0]
    assert page.array[50, 100].tolist() == [255, 255, 255]
    assert (page.array[20:70, 220:] < 100).all(2).sum() > 100
    assert (page.text, page.missing) == ("Finding", "")


def test_a_page_of_odd_width_is_not_sheared(sandbox: Sandbox, packed: Callable[..., int]) -> None:
    page = sandbox.page(packed(papers.one_page(b"0 g 0 0 50 100 re f", "0 0 101 100")), 0, 1.0)
    assert page.array.shape == (100, 101, 3)
    assert (page.array[:, 49] == 0).all() and (page.array[:, 51] == 255).all()


def test_what_was_filled_in_is_seen(sandbox: Sandbox, packed: Callable[..., int]) -> None:
    field = (
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(42)/Rect[0 0 100 50]/F 4"
        "/P 3 0 R/AP<</N 7 0 R>>>>"
    )
    drawn = papers.stream(
        b"0 0 1 rg 0 0 100 50 re f", "/Type/XObject/Subtype/Form/BBox[0 0 100 50]"
    )
    made = papers.one_page(b"", about="/Annots[6 0 R]", more=(field, drawn))
    root = b"<</Type/Catalog/Pages 2 0 R>>"
    form = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>"
    page = sandbox.page(packed(made.replace(root, form)), 0, 1.0)
    assert page.array[75, 50].tolist() == [0, 0, 255]


def test_letters_without_a_font_are_said_to_be_missing(
    sandbox: Sandbox, packed: Callable[..., int]
) -> None:
    font = (
        "<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>"
    )
    below = (
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>"
    )
    page = (
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R>>>>>>"
    )
    text = papers.stream(b"BT /F 20 Tf 10 50 Td <533B5B66> Tj ET")
    made = papers.pdf("<</Type/Pages/Kids[3 0 R]/Count 1>>", page, text, font, below)
    found = sandbox.page(packed(made), 0, 1.0)
    assert found.text == "医学"
    assert "Letters may be missing" in found.missing


def test_scripts_and_actions_of_a_pdf_do_nothing(
    sandbox: Sandbox, packed: Callable[..., int], tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    actions = (
        f"<</S/Launch/F(/bin/touch)/Win<</F(touch)/P({mark})>>/Next 7 0 R>>",
        "<</S/JavaScript/JS(this.pageNum=7;while(true){app.alert\\('x'\\);})/Next 8 0 R>>",
        "<</S/URI/URI(http://127.0.0.1:9/)>>",
        f"<</Type/Filespec/F({mark})/EF<</F 10 0 R>>>>",
        papers.stream(b"attached"),
    )
    made = papers.one_page(
        b"0 g 0 0 200 100 re f", about="/AA<</O 6 0 R/C 7 0 R>>", more=actions
    ).replace(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 6 0 R"
        b"/Names<</JavaScript<</Names[(a) 7 0 R]>>/EmbeddedFiles<</Names[(a) 9 0 R]>>>>>>",
    )
    fd = packed(made)
    assert isinstance(sandbox.document(fd), Pdf)
    assert (sandbox.page(fd, 0, 1.0).array == 0).all()
    assert not mark.exists()


def test_a_huge_page_is_drawn_small_or_not_at_all(
    sandbox: Sandbox, packed: Callable[..., int]
) -> None:
    fd = packed(papers.one_page(b"0 g 0 0 9e9 9e9 re f", "0 0 1e9 1e9"))
    found = sandbox.document(fd)
    assert isinstance(found, Pdf)
    (size,) = found.pages
    assert max(size) <= documents.PAGE_SIDE_PT
    page = sandbox.page(fd, 0, scale_for(size, 100_000))
    assert max(page.array.shape) <= documents.PAGE_SIDE_PX
    for scale in (10.0, 1e9, float("1e300")):
        with pytest.raises(CannotShow, match="too large"):
            sandbox.page(fd, 0, scale)


@pytest.mark.parametrize("box", ("0 0 0 0", "0 0 -5 1e-9", "nan nan nan nan", "0 0 1e38 1e38"))
def test_a_page_of_no_sensible_size_is_shown_as_some_page(
    box: str, sandbox: Sandbox, packed: Callable[..., int]
) -> None:
    fd = packed(papers.one_page(b"", box))
    found = sandbox.document(fd)
    assert isinstance(found, Pdf)
    (size,) = found.pages
    assert sandbox.page(fd, 0, scale_for(size, 50)).array.size


def test_a_pdf_that_unpacks_without_end_fails_alone(
    sandbox: Sandbox, packed: Callable[..., int]
) -> None:
    data = papers.bomb(1500 << 20)
    assert len(data) < 8 << 20
    fd = packed(data)
    with contextlib.suppress(ReaderFailed, CannotShow):
        assert sandbox.page(fd, 0, 1.0).array.size
    assert sandbox.page(packed(papers.one_page(b"")), 0, 1.0).array.size


@pytest.mark.parametrize(
    ("data", "why"),
    (
        (b"%PDF-1.7\n", "it is damaged"),
        (b"MZ not a PDF at all", "it is damaged"),
        (papers.pdf("<</Type/Pages/Kids[]/Count 0>>"), "it has no pages"),
    ),
)
def test_what_is_no_pdf_says_so(
    data: bytes, why: str, sandbox: Sandbox, packed: Callable[..., int]
) -> None:
    with pytest.raises(CannotShow, match=why):
        sandbox.document(packed(data))


def test_an_attached_model_is_named(sandbox: Sandbox, packed: Callable[..., int]) -> None:
    with pytest.raises(CannotShow, match="it is a 3D model"):
        sandbox.document(packed(b"solid x", papers.STORAGE + "104.3"))


def test_a_drawing_that_holds_itself_fails_alone(
    sandbox: Sandbox, packed: Callable[..., int]
) -> None:
    about = "/Resources<</XObject<</X 6 0 R>>>>"
    form = papers.stream(b"/X Do /X Do", f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]{about}")
    with contextlib.suppress(ReaderFailed, CannotShow):
        sandbox.page(packed(papers.one_page(b"/X Do", about=about, more=(form,))), 0, 1.0)
    loop = papers.pdf("<</Type/Pages/Kids[2 0 R 2 0 R]/Count 999999>>")
    with pytest.raises(CannotShow, match="damaged"):
        sandbox.page(packed(loop), 0, 1.0)
    assert sandbox.page(packed(papers.one_page(b"")), 0, 1.0).array.size


def test_documents_are_read_over_pipes_too(packed: Callable[..., int]) -> None:
    fd = packed(papers.one_page(b"0 g 0 0 200 100 re f BT /F 20 Tf 10 50 Td (Finding) Tj ET"))
    with Sandbox(piped=True) as elsewhere:
        assert elsewhere.document(fd) == Pdf("Document", ((200.0, 100.0),))
        page = elsewhere.page(fd, 0, 1.0)
    assert (page.array == 0).all() and page.text == "Finding"


def test_a_picture_is_no_document(
    sandbox: Sandbox, opened: Open, bundled: Callable[[str], Path]
) -> None:
    with pytest.raises(CannotShow, match="it is a picture"):
        sandbox.document(opened(bundled("CT_small.dcm")))
    with pytest.raises(CannotShow, match="ECG"):
        sandbox.document(opened(bundled("waveform_ecg.dcm")))


HARMS: dict[str, tuple[object, ...]] = {
    "title": (5, None, "\x07", "a\u202eb", "x" * 257, "\ud800"),
    "entries": ([], [{}], [{"level": -1}], [{"level": 33}], [{"level": True}],
                [{"level": 0, "x": 1}],
                [{"level": 0, "points": [float("nan")]}], [{"level": 0, "references": [["a"]]}],
                [{"level": 0, "references": [["a", "b", [0]]]}], [{"level": 0, "text": ["a"]}]),
    "signed": ([["a"]], [["a", "b", "c"]], "ab"),
    "missing": ([], 1),
}  # fmt: skip


def test_a_reply_that_no_honest_child_gives_is_refused() -> None:
    honest: dict[str, object] = {
        "title": "t", "entries": [{"level": 0}], "completion": "", "verification": "",
        "preliminary": "", "signed": [], "written": "", "missing": "",
    }  # fmt: skip
    nothing = lambda _at, length: bytes(length)  # noqa: E731
    assert isinstance(document_replies.document({"report": honest}, nothing), Report)
    for name, values in HARMS.items():
        for value in values:
            with pytest.raises(Malformed):
                document_replies.document({"report": honest | {name: value}}, nothing)
        without = {key: value for key, value in honest.items() if key != name}
        with pytest.raises(Malformed):
            document_replies.document({"report": without}, nothing)
    page = {"shape": [2, 3], "text": "", "missing": ""}
    assert document_replies.page({"page": page}, nothing).array.shape == (2, 3, 3)
    for shape in ([0, 3], [2, 4097], [2], [2, 3, 3], [2.0, 3], "23"):
        with pytest.raises(Malformed):
            document_replies.page({"page": page | {"shape": shape}}, nothing)
    for reply in (None, [], {}, {"pdf": {}}, {"pdf": {"title": "", "missing": "", "pages": []}}):
        with pytest.raises(Malformed):
            document_replies.document(reply, nothing)


def test_mutants_of_a_pdf_never_harm(sandbox: Sandbox, packed: Callable[..., int]) -> None:
    from random import Random

    random = Random(5)
    honest = papers.one_page(b"0 g BT /F 20 Tf 10 50 Td (Finding) Tj ET", about="/Rotate 90")
    drawn = 0
    for _ in range(60):
        data = bytearray(honest)
        for _ in range(random.randint(1, 12)):
            data[random.randrange(len(data))] = random.randrange(256)
        fd = packed(bytes(data))
        try:
            found = sandbox.document(fd)
            assert isinstance(found, Pdf)
            drawn += sandbox.page(fd, 0, scale_for(found.pages[0], 120)).array.size > 0
        except (CannotShow, ReaderFailed):
            continue
    assert drawn > 10


# -- letters ----------------------------------------------------------------------------------


def test_a_letter_is_read_in_chapters(sandbox: Sandbox, packed: Callable[..., int]) -> None:
    head = (
        '<title>Discharge letter</title><effectiveTime value="202403011405+0100"/>'
        "<recordTarget><patientRole><patient><name><given>Ann</given><family>Lee</family></name>"
        "</patient></patientRole></recordTarget>"
    )
    text = (
        "<paragraph>First  line<br/>second <content styleCode='Bold'>bold</content> &amp; on"
        "</paragraph><list><item>One</item><item>Two</item></list>"
        "<table><thead><tr><th>Value</th><th>Unit</th></tr></thead>"
        "<tbody><tr><td>5</td><td><paragraph>mm</paragraph></td></tr></tbody></table>"
    )
    coded = "<entry><observation><text>not for a reader</text></observation></entry>"
    inner = papers.section("Details", "Free text")
    data = papers.letter(papers.section("Findings", text, coded + inner), head)
    found = sandbox.document(packed(data, papers.CDA))
    assert found == Letter(
        "Discharge letter",
        (
            Line("row", 0, "Patient", "Ann Lee"),
            Line("row", 0, "Date", "2024-03-01 14:05"),
            Line("heading", 1, "Findings"),
            Line("text", 1, "First line\nsecond bold & on"),
            Line("item", 1, "One"),
            Line("item", 1, "Two"),
            Line("row", 1, "", cells=("Value", "Unit")),
            Line("row", 1, "", cells=("5", "mm")),
            Line("heading", 2, "Details"),
            Line("text", 2, "Free text"),
        ),
    )


LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (each, b"&l%d;" % (each - 1) * 10 if each else b"ha")
    for each in range(10)
)


@pytest.mark.parametrize(
    "prologue",
    (
        b"<!DOCTYPE ClinicalDocument [" + LAUGHS + b"]>",
        b'<!DOCTYPE ClinicalDocument SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE ClinicalDocument [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ),
)
def test_a_letter_with_a_document_type_is_refused(
    prologue: bytes, sandbox: Sandbox, packed: Callable[..., int]
) -> None:
    data = prologue + papers.letter(papers.section("A", "&l9;&x;")).split(b"?>", 1)[1]
    with pytest.raises(CannotShow, match="instructions for its reader"):
        sandbox.document(packed(data, papers.CDA))


@pytest.mark.parametrize(
    ("body", "why"),
    (
        ("<a>" * 5000, "too much"),
        (papers.section("A", "x" * 2_100_000), "too much"),
        (papers.section("A", "<br/>" * 210_000), "too much"),
    ),
)
def test_a_letter_without_measure_is_refused(
    body: str, why: str, sandbox: Sandbox, packed: Callable[..., int]
) -> None:
    with pytest.raises(CannotShow, match=why):
        sandbox.document(packed(papers.letter(body), papers.CDA))


def test_a_letter_that_breaks_off_says_so(sandbox: Sandbox, packed: Callable[..., int]) -> None:
    data = papers.letter(papers.section("Findings", "All well"))
    found = sandbox.document(packed(data[: data.index(b"</section>")], papers.CDA))
    assert isinstance(found, Letter)
    assert found.missing == "A part of this letter is missing: it is damaged."
    assert Line("text", 1, "All well") in found.lines
    with pytest.raises(CannotShow, match="not a letter"):
        sandbox.document(packed(b"<html/>", papers.CDA))


def test_pages_and_replies_stay_apart(sandbox: Sandbox, packed: Callable[..., int]) -> None:
    # A long text must not lie over the picture, wherever it is put.
    letters = b"BT /F 1 Tf 0 0 Td (" + b"\\374" * 40_000 + b") Tj ET"
    page = sandbox.page(packed(papers.one_page(letters + b" 0 g 0 0 200 100 re f")), 0, 1.0)
    assert (page.array == 0).all()
    assert 1000 < len(page.text) <= documents.PAGE_TEXT
