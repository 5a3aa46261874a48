"""Random streams: one seed, and an independent stream for every part of the town.

A part that draws more or fewer numbers leaves all the others as they were.
"""

from __future__ import annotations

from enum import IntEnum

from numpy.random import PCG64, Generator, SeedSequence


class Part(IntEnum):
    """The parts of the town; a number never changes its meaning."""

    TERRAIN = 1
    SETTLEMENTS = 2
    ROADS = 3
    LANES = 4
    NETWORK = 5
    RULES = 6
    BUILDINGS = 7
    MESH = 8
    PARTITION = 9
    HOUSEHOLDS = 10
    PREMISES = 11
    RENTALS = 12
    SENSORS = 13
    RESPONDERS = 14
    INCIDENTS = 15
    SPOTS = 16
    PONDS = 17


def stream(seed: int, part: Part) -> Generator:
    """The stream of `part` under `seed`."""
    return Generator(PCG64(SeedSequence(entropy=seed, spawn_key=(int(part),))))
