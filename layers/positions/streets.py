"""The streets of the moment, on which fixes are matched."""

from __future__ import annotations

from collections.abc import Callable

from routing.matching.match import Matcher
from routing.modes import Mode
from routing.nearest.engine import Engine
from spatial.errors import NotFoundError


class StreetMatchers:
    """A matcher for each mode, made when its first fix comes and again when streets change."""

    def __init__(self, engine: Callable[[], Engine]) -> None:
        """Over what `engine` gives; it may raise NotFoundError while the town has no streets."""
        self._engine_now = engine
        self._engine: Engine | None = None
        self._matchers: dict[Mode, Matcher] = {}

    def refresh(self) -> bool:
        """Look whether the streets have changed; whether there are any."""
        try:
            engine = self._engine_now()
        except NotFoundError:
            self._engine = None
            return False
        if engine is not self._engine:
            self._engine, self._matchers = engine, {}
        return True

    def of(self, mode: Mode) -> Matcher:
        """Of one mode; after `refresh` has found streets."""
        assert self._engine is not None
        if mode not in self._matchers:
            self._matchers[mode] = Matcher(self._engine.graph, mode, self._engine.segments)
        return self._matchers[mode]
