"""Every sentence that a person can be told."""

from __future__ import annotations

import inspect
from string import Formatter

import pytest

from app.cli.main import EXIT_CODES
from viewer.errors import ViewerError
from wallet.errors import WalletError

Kind = type[Exception]


def every_error(root: Kind) -> list[Kind]:
    return [each for sub in root.__subclasses__() for each in (sub, *every_error(sub))]


ERRORS = every_error(WalletError) + every_error(ViewerError)
assert len(ERRORS) > 30


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.__name__)
def test_the_text_uses_only_what_the_error_carries(error: Kind) -> None:
    text: str = error.text  # type: ignore[attr-defined]
    wanted = {name for _, name, _, _ in Formatter().parse(text) if name}
    parameters = inspect.signature(error.__init__).parameters
    given = [name for name in parameters if name not in ("self", "args", "kwargs")]

    assert wanted <= set(given)
    assert str(error(*["x" for _ in given])).strip()


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.__name__)
def test_every_error_has_an_exit_code(error: Kind) -> None:
    families = [code for family, code in EXIT_CODES if issubclass(error, family)]

    assert families or error.__subclasses__()
