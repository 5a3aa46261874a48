"""What OGC API Processes, Part 1, tells apart."""

from __future__ import annotations

from spatial.errors import NotFoundError


class NoSuchProcessError(NotFoundError):
    """There is no process of that name."""


class NoSuchJobError(NotFoundError):
    """There is no such job, or it is somebody else's."""


class ResultNotReadyError(NotFoundError):
    """The job is not finished yet."""


class ResultGoneError(NotFoundError):
    """The job was dismissed."""
