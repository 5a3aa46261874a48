"""One village's micro-grids as bits of whole numbers, and what is known of sets of them.

A set of leaves is a Python int: bit i says whether leaf i is in it. Sets come again and again in a
search, so that what was asked once is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import pi

type Leafset = int


def leaves_in(leaves: Leafset) -> Iterator[int]:
    """The leaves of a set, from the lowest."""
    while leaves:
        lowest = leaves & -leaves
        yield lowest.bit_length() - 1
        leaves ^= lowest


def set_of(leaves: Iterable[int]) -> Leafset:
    """The set of some leaves."""
    found = 0
    for leaf in leaves:
        found |= 1 << leaf
    return found


@dataclass
class _Memory:
    held: dict[Leafset, int] = field(default_factory=dict)
    beside: dict[Leafset, Leafset] = field(default_factory=dict)
    pieces: dict[Leafset, tuple[Leafset, ...]] = field(default_factory=dict)
    compactness: dict[Leafset, float] = field(default_factory=dict)
    leaving: dict[tuple[Leafset, int], int] = field(default_factory=dict)
    movable: dict[tuple[Leafset, Leafset], tuple[Leafset, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Village:
    """The leaves of one village, numbered from 0.

    Attributes:
        households: of each leaf.
        borders_m: of each leaf its neighbours and the edge shared with them.
        perimeters_m, areas_m2: of each leaf.
        homes: of each grid, numbered from 0, the leaves that it has at present.
    """

    households: Sequence[int]
    borders_m: Sequence[dict[int, float]]
    perimeters_m: Sequence[float]
    areas_m2: Sequence[float]
    homes: tuple[Leafset, ...]
    _memory: _Memory = field(default_factory=_Memory, repr=False, compare=False)

    def held(self, leaves: Leafset) -> int:
        """The households of a set."""
        memory = self._memory.held
        if leaves not in memory:
            memory[leaves] = sum(self.households[leaf] for leaf in leaves_in(leaves))
        return memory[leaves]

    def beside(self, leaves: Leafset) -> Leafset:
        """The leaves that share an edge with a set, without its own."""
        memory = self._memory.beside
        if leaves not in memory:
            around = 0
            for leaf in leaves_in(leaves):
                around |= set_of(self.borders_m[leaf])
            memory[leaves] = around & ~leaves
        return memory[leaves]

    def pieces(self, leaves: Leafset) -> tuple[Leafset, ...]:
        """The connected pieces of a set, that with the lowest leaf first."""
        memory = self._memory.pieces
        if leaves not in memory:
            found, rest = [], leaves
            while rest:
                piece = self._reached(rest & -rest, rest)
                found.append(piece)
                rest &= ~piece
            memory[leaves] = tuple(found)
        return memory[leaves]

    def _reached(self, start: Leafset, within: Leafset) -> Leafset:
        reached = front = start
        while front:
            around = 0
            for leaf in leaves_in(front):
                around |= self.beside(1 << leaf)
            front = around & within & ~reached
            reached |= front
        return reached

    def compactness(self, leaves: Leafset) -> float:
        """Polsby and Popper's measure of a set's union; 0 of an empty one."""
        memory = self._memory.compactness
        if leaves not in memory:
            memory[leaves] = self._measured_compactness(leaves)
        return memory[leaves]

    def _measured_compactness(self, leaves: Leafset) -> float:
        area = perimeter = 0.0
        for leaf in leaves_in(leaves):
            area += self.areas_m2[leaf]
            perimeter += self.perimeters_m[leaf]
            inner = (m for other, m in self.borders_m[leaf].items() if leaves >> other & 1)
            perimeter -= sum(inner)
        return 4 * pi * area / perimeter**2 if perimeter > 0 else 0.0

    def least_leaving(self, leaves: Leafset, excess: int) -> int:
        """The least number of households of whole leaves of a set that is `excess` or more.

        A bound from below on what must leave a grid; `excess` is at most what the set holds.
        """
        if excess <= 0:
            return 0
        memory = self._memory.leaving
        if (leaves, excess) not in memory:
            sums = 1  # bit s says whether some of the leaves hold s households together
            for leaf in leaves_in(leaves):
                sums |= sums << self.households[leaf]
            sums >>= excess
            memory[leaves, excess] = excess + (sums & -sums).bit_length() - 1
        return memory[leaves, excess]

    def movable(self, giver: Leafset, taker: Leafset) -> tuple[Leafset, ...]:
        """What may go from one grid to another by one move, each in one piece with the taker.

        Each is a leaf at the border, together with whatever the giver would lose its hold of
        without it. To an empty grid any leaf may go. A lone leaf may go as well.
        """
        memory = self._memory.movable
        if (giver, taker) not in memory:
            edge = giver & self.beside(taker) if taker else giver
            found = {self._torn_off(giver, 1 << leaf): None for leaf in leaves_in(edge)}
            memory[giver, taker] = tuple(found)
        return memory[giver, taker]

    def _torn_off(self, giver: Leafset, leaf: Leafset) -> Leafset:
        pieces = self.pieces(giver & ~leaf)
        before = len(self.pieces(giver))
        if len(pieces) <= before:
            return leaf
        largest = max(pieces, key=lambda piece: (self.held(piece), piece))
        return self._reached(leaf, giver & ~largest)
