"""What each command does. A command takes the parsed line and returns its Result."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.cli.result import Narrator, Result, check_new, tell
from app.cli.values import parse_purpose, read_secret, show_bytes, show_time
from app.cli.viewing import file_set_lines, file_set_value
from app.composition import Composition
from app.session import Session
from viewer.dicom.file_set import FileSet
from wallet.errors import RequestInvalid
from wallet.library import car_export
from wallet.library.reading import SealedSource

EVERYWHERE: dict[str, dict[str, Any]] = {
    "--home": {"type": Path, "metavar": "DIR", "help": "the wallet's folder"},
    "--json": {"action": "store_true", "help": "print one JSON object"},
    "--passphrase-file": {"type": Path, "metavar": "FILE", "help": "holds the passphrase"},
}


def composition_of(given: argparse.Namespace) -> Composition:
    """Return the home that was named, and its parts."""
    return Composition(getattr(given, "home", None), say=tell)


def _passphrase(given: argparse.Namespace) -> str | None:
    if path := getattr(given, "passphrase_file", None):
        return read_secret(path, "passphrase")
    return os.environ.get("RAYFOLIO_PASSPHRASE") or None


@contextlib.contextmanager
def session_of(given: argparse.Namespace) -> Iterator[Session]:
    """Unlock that home while something is done with it."""
    session = composition_of(given).unlock(_passphrase(given))
    try:
        yield session
    finally:
        session.close()


def _write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet. Raises: RequestInvalid."""
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(text + "\n")
    except FileExistsError:
        raise RequestInvalid(f"{path.name} exists already; nothing is overwritten") from None
    except OSError as error:
        raise RequestInvalid(f"{path.name} cannot be written ({error.strerror})") from None


# -- wallet -----------------------------------------------------------------------------------


def init(given: argparse.Namespace) -> Result:
    """Make or restore a wallet."""
    composition = composition_of(given)
    composition.check_free()
    if given.words_file:
        words = read_secret(given.words_file, "words")
        opened = composition.create(words, given.name, _passphrase(given), restored=True)
    elif given.words_out:
        words = composition.new_words()
        _write_new(given.words_out, words)
        try:
            opened = composition.create(words, given.name, _passphrase(given), restored=False)
        except BaseException:
            given.words_out.unlink()
            raise
    else:
        raise RequestInvalid(
            "A new wallet needs --words-out FILE for its words (or --words-file to restore one)"
        )
    with contextlib.closing(opened) as session:
        value = {"account": session.account, "safety_code": session.safety_code}
    return Result(
        value,
        lambda: iter((f"Account      {value['account']}", f"Safety code  {value['safety_code']}")),
    )


def card(given: argparse.Namespace) -> Result:
    """Show one's own card."""
    with session_of(given) as session:
        value = {
            "account": session.account,
            "safety_code": session.safety_code,
            "card": session.card,
        }
    if given.out:
        _write_new(given.out, value["card"])
    return Result(value, lambda: iter((value["card"], f"Safety code  {value['safety_code']}")))


def contact_add(given: argparse.Namespace) -> Result:
    """Add a card, from a file or as text."""
    text: str = given.card
    with contextlib.suppress(OSError, ValueError):
        if Path(text).is_file():
            text = Path(text).read_text(encoding="utf-8")
    with session_of(given) as session:
        value = asdict(session.add_contact(text, given.name))
    return Result(
        value,
        lambda: iter(
            (
                f"{value['name']}  {value['account']}",
                f"Compare this safety code with them: {value['safety_code']}",
            )
        ),
    )


def contact_list(given: argparse.Namespace) -> Result:
    """Show all contacts."""
    with session_of(given) as session:
        rows = [asdict(each) for each in session.contacts()]
    return Result(
        {"contacts": rows},
        lambda: (f"{r['name']}  {r['account']}  {r['safety_code']}" for r in rows),
    )


# -- studies ----------------------------------------------------------------------------------

_STUDY_KEYS = ("study", "head", "series", "instances", "bytes_in", "bytes_stored", "gas")
_GRANT_KEYS = ("grant", "to", "state", "opened_at", "until")


def _pick(item: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: getattr(item, key) for key in keys}


def _study_line(item: Any) -> str:
    return (
        f"{item.study}  {item.title}, {item.date or 'no date'}: {item.series} series, "
        f"{item.instances} images, {show_bytes(item.bytes_in)}"
    )


def import_(given: argparse.Namespace) -> Result:
    """Seal, store and publish."""
    if not all(path.exists() for path in given.paths):
        raise RequestInvalid("A path to import does not exist")
    with session_of(given) as session:
        done = session.import_paths(given.paths, Narrator())
    value = {
        "studies": [_pick(s, _STUDY_KEYS) for s in done.studies],
        "skipped": [{"path": path, "reason": reason} for path, reason in done.skipped],
    }

    def lines() -> Iterator[str]:
        yield from (_study_line(s) for s in done.studies)
        yield from (f"skipped {path}: {reason}" for path, reason in done.skipped)

    return Result(value, lines)


def list_(given: argparse.Namespace) -> Result:
    """Show all studies."""
    with session_of(given) as session:
        studies = session.listed(Narrator())
    return Result(
        {"studies": [_pick(s, _STUDY_KEYS) for s in studies]},
        lambda: (_study_line(s) for s in studies),
    )


def show(given: argparse.Namespace) -> Result:
    """Show one study."""
    with session_of(given) as session:
        detail = session.show(given.study)
    series = [_pick(s, ("uid", "modality", "title", "instances")) for s in detail.series]
    grants = [_pick(g, _GRANT_KEYS) for g in detail.study.grants]
    copies = [_pick(c, ("store", "confirmed", "checked_at")) for c in detail.copies]

    def lines() -> Iterator[str]:
        yield _study_line(detail.study)
        for each in detail.series:
            yield f"  series {each.uid}: {each.modality} {each.title}, {each.instances} images"
        yield from (f"  {line}" for line in _grant_lines(grants))
        for copy in detail.copies:
            yield f"  copy on {copy.store}: {'confirmed' if copy.confirmed else 'NOT confirmed'}"

    studies = [_pick(detail.study, _STUDY_KEYS)]
    return Result({"studies": studies, "series": series, "grants": grants, "copies": copies}, lines)


def _grant_lines(grants: list[dict[str, Any]]) -> Iterator[str]:
    for g in grants:
        opened = f", reported opened {show_time(g['opened_at'])}" if g["opened_at"] else ""
        yield f"{g['grant']}  {g['to']}: {g['state']}, until {show_time(g['until'])}{opened}"


def share(given: argparse.Namespace) -> Result:
    """Grant access."""
    purpose = parse_purpose(given.purpose)
    if given.passcode_out and not given.by_link:
        raise RequestInvalid("--passcode-out goes with --by-link")
    if given.passcode_out and given.passcode_out.exists():
        raise RequestInvalid(f"{given.passcode_out.name} exists already; nothing is overwritten")
    terms = (tuple(given.series), given.until, purpose, Narrator())
    with session_of(given) as session:
        if given.by_link:
            done = session.share_by_link(given.study, bool(given.passcode_out), *terms)
        else:
            done = session.share_with(given.study, given.to, *terms)
    if given.passcode_out:
        _write_new(given.passcode_out, done.passcode)
    value = _pick(done, ("grant", "link", "transaction", "gas", "until"))
    return Result(
        value,
        lambda: iter((value["link"], f"Open until {show_time(value['until'])}. It can be stopped"
                      f" with: rayfolio revoke {given.study} {value['grant']}")),
    )  # fmt: skip


def grants(given: argparse.Namespace) -> Result:
    """Show who can see a study."""
    with session_of(given) as session:
        rows = [_pick(g, _GRANT_KEYS) for g in session.grants(given.study)]
    return Result({"grants": rows}, lambda: _grant_lines(rows))


def revoke(given: argparse.Namespace) -> Result:
    """Stop sharing, and seal anew."""
    with session_of(given) as session:
        done = session.revoke(given.study, given.grant, given.later, Narrator())
    value = _pick(done, ("transactions", "gas", "head", "resealed"))
    value["transactions"] = list(done.transactions)

    def lines() -> Iterator[str]:
        yield "Stopped. Their link and keys open nothing that is sealed from now on."
        if not done.resealed:
            yield "The study itself is sealed anew at the next run."
        if done.opened_at:
            yield f"They had reported opening it on {show_time(done.opened_at)}."
        yield "What somebody has already copied or remembers cannot be called back."

    return Result(value, lines)


def open_(given: argparse.Namespace) -> Result:
    """Open a link."""
    if given.dicomdir and not given.export:
        raise RequestInvalid("--dicomdir goes with --export")
    link = sys.stdin.read() if given.link == "-" else given.link
    passcode = read_secret(given.passcode_file, "passcode") if given.passcode_file else None
    made: FileSet | None = None
    with session_of(given) as session:
        if given.export:
            session.check_empty(given.export)
        if given.render:
            check_new(given.render)
        opened = session.open_link(link, passcode, Narrator())
        if given.export and given.dicomdir:
            made = session.export_opened_disc(opened, given.export, Narrator())
        elif given.export:
            session.export_opened(opened, given.export, Narrator())
        if given.render:
            _write_picture(given.render, session.picture(opened.source))
        if not (given.export or given.render) and sys.stdout.isatty():
            tell("Use --export DIR, --render FILE.png, or the window: rayfolio-app LINK")
    value = {
        "study": opened.study,
        "series": len(opened.series),
        "instances": opened.instances,
        "from": opened.sender,
        "until": opened.until,
    }
    if made is not None:
        value["apart"] = file_set_value(made)["apart"]
    known = "" if opened.sender_known else " (not among your contacts)"
    return Result(
        value,
        lambda: iter((f"{opened.title}, {opened.date or 'no date'}: {value['series']} series, "
                      f"{opened.instances} images, from {opened.sender}{known}, "
                      f"until {show_time(opened.until)}",)),
    )  # fmt: skip


def _write_picture(path: Path, png: bytes) -> None:
    with path.open("xb") as file:
        file.write(png)


def export(given: argparse.Namespace) -> Result:
    """Write the owner's originals, or the sealed study as it is stored."""
    if (given.folder is None) == (given.car is None) or (given.car and given.dicomdir):
        raise RequestInvalid("Give DIR for the originals, or --car FILE for the sealed study")
    if given.car:
        return _export_car(given)
    with session_of(given) as session:
        session.check_empty(given.folder)
        if given.dicomdir:
            made = session.export_disc(given.study, given.folder, Narrator())
            return Result(
                {"study": given.study} | file_set_value(made), lambda: file_set_lines(made)
            )
        count = session.export_study(given.study, given.folder, Narrator())
    return Result(
        {"study": given.study, "instances": count}, lambda: iter((f"{count} files written.",))
    )


def _export_car(given: argparse.Namespace) -> Result:
    check_new(given.car)
    with session_of(given) as session:
        session.catch_up(Narrator())
        source = session.source(given.study)
        assert isinstance(source, SealedSource)  # one's own studies are
        value = {"study": given.study} | asdict(car_export.write(source, given.car, Narrator()))
    return Result(
        value,
        lambda: iter((f"{value['blocks']} blocks, {show_bytes(value['bytes'])}. The recovery words"
                      " open it, with packaging/recover.py also where Rayfolio is not.",)),
    )  # fmt: skip


# -- parts ------------------------------------------------------------------------------------


def _node_result(status: Any) -> Result:
    value = {
        "running": status.running,
        "api": status.api,
        "addresses": list(status.addresses),
        "peers": status.peers,
        "version": status.version,
    }

    def lines() -> Iterator[str]:
        yield (
            f"The node is running, version {status.version}."
            if status.running
            else ("The node is not running.")
        )
        yield from status.addresses

    return Result(value, lines)


def node_start(given: argparse.Namespace) -> Result:
    """Start the home's own node."""
    node = composition_of(given).node()
    node.start(given.network)
    return _node_result(node.status())


def node_stop(given: argparse.Namespace) -> Result:
    """Stop it."""
    node = composition_of(given).node()
    node.stop()
    return _node_result(node.status())


def node_status(given: argparse.Namespace) -> Result:
    """Show its state."""
    return _node_result(composition_of(given).node().status())


def node_connect(given: argparse.Namespace) -> Result:
    """Dial another node."""
    node = composition_of(given).node()
    node.connect(given.address)
    return _node_result(node.status())


def _chain_result(status: Any) -> Result:
    value = {
        "running": status.running,
        "rpc": status.rpc,
        "chain_id": status.chain_id,
        "contract": status.contract,
    }
    return Result(
        value,
        lambda: iter((f"The local network is {'running' if status.running else 'not running'}."
                      f" {status.rpc or ''}",)),
    )  # fmt: skip


def chain_start(given: argparse.Namespace) -> Result:
    """Start the local network."""
    chain = composition_of(given).local_chain()
    chain.start()
    return _chain_result(chain.status())


def chain_stop(given: argparse.Namespace) -> Result:
    """Stop it."""
    chain = composition_of(given).local_chain()
    chain.stop()
    return _chain_result(chain.status())


def chain_status(given: argparse.Namespace) -> Result:
    """Show its state."""
    return _chain_result(composition_of(given).local_chain().status())


def doctor(given: argparse.Namespace) -> Result:
    """Check the parts."""
    parts = composition_of(given).doctor()
    rows = [asdict(part) for part in parts]
    missing = any(p.state == "missing" and p.needed for p in parts)
    for row in rows:
        del row["needed"]
    return Result(
        {"parts": rows},
        lambda: (f"{r['name']:<20} {r['state']:<10} {r['version']}  {r['advice']}" for r in rows),
        code=PART_MISSING if missing else 0,
    )


PART_MISSING = 4
