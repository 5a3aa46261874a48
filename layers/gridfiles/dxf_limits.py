"""How much work a drawing may make: told by what it says, before any of it is done.

A town of 20,000 units stays far below all of this. A small file can ask for endless work all the
same: blocks of blocks of blocks, arcs of a planet's radius, lines that all cross each other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from ezdxf.document import Drawing
from ezdxf.path import Path as DrawnPath
from shapely.geometry.base import BaseGeometry

from spatial.crs import Geometries
from spatial.errors import InputError

_MOST_TEXT_LINES = 8_000_000
_MOST_ENTITIES = 400_000
_DEEPEST_NESTING = 12
_MOST_VERTICES = 5_000_000
# Segments whose boxes meet: neighbours share theirs, and each meets some around its ends.
_MOST_MEETINGS_EACH = 12
_MEETINGS_ALLOWED_ANYHOW = 1_000_000
_SEGMENTS_AT_ONCE = 1_000


def _too_much(name: str, what: str) -> InputError:
    return InputError(
        f"{name}: {what} / 图纸过于复杂",
        remedy="save the layers of grids alone, without symbols, hatches and blocks",
    )


def check_text(path: Path) -> None:
    """Refuse a drawing whose text alone would take long to read.

    Raises:
        InputError: it has too many lines of text.
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(1 << 20), b"")
        lines = sum(max(chunk.count(b"\n"), chunk.count(b"\r")) for chunk in chunks)
    if lines > _MOST_TEXT_LINES:
        raise _too_much(path.name, f"more than {_MOST_TEXT_LINES:,} lines of text")


def check_entities(drawing: Drawing, name: str) -> None:
    """Refuse a drawing that draws too much, blocks within blocks included.

    Raises:
        InputError: says which limit it passes.
    """
    _Blocks(drawing, name).drawn_in(drawing.modelspace(), 0)


@dataclass
class _Blocks:
    """How many entities each block draws, counted once."""

    drawing: Drawing
    name: str
    counted: dict[str, int] = field(default_factory=dict)

    def drawn_in(self, space: Iterable[Any], depth: int) -> int:
        """The entities of a space; each block that is inserted counts with all that it draws."""
        if depth > _DEEPEST_NESTING:
            raise _too_much(self.name, f"blocks lie deeper than {_DEEPEST_NESTING} in each other")
        total = 0
        for entity in space:
            total += 1
            if entity.dxftype() == "INSERT" and not entity.attribs:
                total += self._drawn_by(str(entity.dxf.name), depth)
            if total > _MOST_ENTITIES:
                raise _too_much(self.name, f"more than {_MOST_ENTITIES:,} entities, with blocks")
        return total

    def _drawn_by(self, block_name: str, depth: int) -> int:
        key = block_name.lower()
        if key not in self.counted:
            block = self.drawing.blocks.get(block_name)
            self.counted[key] = 0 if block is None else self.drawn_in(block, depth + 1)
        return self.counted[key]


class VertexBudget:
    """How many vertices the lines of a drawing may still become."""

    def __init__(self, name: str, chord: float) -> None:
        self._name, self._chord = name, chord
        self._left: float = _MOST_VERTICES

    def spend(self, path: DrawnPath) -> None:
        """Count a line before its curves become chords.

        Raises:
            InputError: all lines together become too many vertices.
        """
        self._left -= len(path) + (self._chords_of(path) if path.has_curves else 0)
        if not self._left >= 0:  # NaN, too
            raise _too_much(self._name, f"its curves take more than {_MOST_VERTICES:,} vertices")

    def _chords_of(self, path: DrawnPath) -> float:
        """About how many chords stray at most so far: as the root of how much a curve bends."""
        chords, start = 0.0, path.start
        for command in path.commands():
            ends = [start, *command[1:], command[0]]  # its controls stand behind its end
            bends = [
                (first - middle * 2 + last).magnitude
                for first, middle, last in zip(ends, ends[1:], ends[2:], strict=False)
            ]
            chords += math.sqrt(max(bends, default=0.0) / self._chord)
            start = command[0]
        return chords


def check_crossings(lines: Sequence[BaseGeometry], name: str) -> None:
    """Refuse lines that meet each other far more often than boundaries do.

    Raises:
        InputError: they do.
    """
    segments = _segments(lines)
    tree = shapely.STRtree(segments)
    left = _MEETINGS_ALLOWED_ANYHOW + _MOST_MEETINGS_EACH * len(segments)
    for some in itertools.batched(segments, _SEGMENTS_AT_ONCE):
        left -= tree.query(np.asarray(some, dtype=object)).shape[1]
        if left < 0:
            raise _too_much(name, "its lines cross each other too often")


def _segments(lines: Sequence[BaseGeometry]) -> Geometries:
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    begins = np.flatnonzero(line[:-1] == line[1:])
    pairs = np.stack([coordinates[begins], coordinates[begins + 1]], axis=1)
    return np.asarray(shapely.linestrings(pairs), dtype=object)
