"""Layers of what only happens in a running town: in a new demo they have no rows."""

from __future__ import annotations

BEGIN_EMPTY = frozenset({"orders", "tracks", "place-aliases"})
