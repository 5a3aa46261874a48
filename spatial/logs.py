"""The log of a running process: what went wrong and where, and nothing of whom it was about.

What an error says may quote a row ("Failing row contains …"), a filter or a value that somebody
sent. So the log has the place in the program and the kind of each error, and for the database's the
code and the names of what they concern.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from typing import override

import psycopg

# These speak of the program alone.
_HARMLESS = (AttributeError, ImportError, NameError, TypeError)
_BEGINNING = "Traceback (most recent call last; messages are left out):\n"


class ElsewhereError(Exception):
    """A defect in another process; its text was made by `describe` there."""


class _Discreet(logging.Formatter):
    @override
    def formatException(self, ei: object) -> str:
        error = ei[1] if isinstance(ei, tuple) else None
        return describe(error) if isinstance(error, BaseException) else ""


def log_to_stderr(name: str) -> None:
    """Let this process tell on stderr of warnings and defects, in its name."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet(f"{name}: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def describe(error: BaseException) -> str:
    """Where an error came from and of which kind it is, with those that led to it, oldest first."""
    return "".join(_BEGINNING + _places(each) + kind_of(each) + "\n" for each in _chain(error))


def kind_of(error: BaseException) -> str:
    """Its class, and what it may say without saying anything of the data."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, psycopg.Error):
        named = error.diag
        concerned = (
            error.sqlstate, named.schema_name, named.table_name, named.column_name,
            named.constraint_name,
        )  # fmt: skip
        return " ".join([name, *filter(None, concerned)])
    told = isinstance(error, (*_HARMLESS, ElsewhereError))
    return f"{name}: {error}" if told else name


def _places(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__))


def _chain(error: BaseException, told: frozenset[int] = frozenset()) -> Iterator[BaseException]:
    """Each once: an error may be named as its own cause."""
    told |= {id(error)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in told:
        yield from _chain(cause, told)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _chain(each, told)
    yield error
