"""What can go wrong that a person can mend.

Every error below is shown to its user as one line, without a traceback. Anything else is a defect.

    GridwhistleError
    ├── InputError        a file, an argument or a request is wrong
    │   └── DatumError    the coordinates' datum is missing, unknown or can't be transformed openly
    ├── NotFoundError     what was named does not exist
    ├── GoneError         what was asked for was kept for a time, which is over
    ├── ConflictError     what was asked contradicts what is stored
    │   └── StaleError    what was to be changed has changed since it was read
    ├── AccessError       whoever asks may not
    ├── LimitError        more was asked than anybody may have at a time
    ├── SetupError        the installation lacks something; `remedy` is the command that repairs it
    └── UpstreamError     another server, on which the answer depends, refuses or can't be reached
        └── UpstreamSilentError   it doesn't answer in time
"""

from __future__ import annotations


class GridwhistleError(Exception):
    """Base of all errors that are meant for a person.

    Args:
        message: what is wrong and where, one sentence.
        remedy: what to do about it: a command or a short instruction.
    """

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


class InputError(GridwhistleError):
    """A file, an argument or a request is wrong."""


class DatumError(InputError):
    """The coordinates' datum is missing, unknown, or can't be transformed openly."""


class NotFoundError(GridwhistleError):
    """What was named does not exist."""


class GoneError(GridwhistleError):
    """What was asked for was kept for a time, which is over."""


class ConflictError(GridwhistleError):
    """What was asked contradicts what is stored."""


class StaleError(ConflictError):
    """What was to be changed has changed since it was read."""


class AccessError(GridwhistleError):
    """Whoever asks may not."""


class LimitError(GridwhistleError):
    """More was asked than anybody may have at a time."""


class SetupError(GridwhistleError):
    """The installation lacks something; `remedy` is the command that repairs it."""


class UpstreamError(GridwhistleError):
    """Another server, on which the answer depends, refuses or can't be reached."""


class UpstreamSilentError(UpstreamError):
    """Another server, on which the answer depends, doesn't answer in time."""
