"""Bands: how far a unit is out of its own, and how many units share out a village's households."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.bands import DEFAULT_BANDS, Band
from spatial.errors import InputError

USUAL = Band(300, 500)


@pytest.mark.parametrize(
    ("households", "numbers"),
    [
        (0, [1]), (299, [1]), (300, [1]), (500, [1]),
        (501, [1]), (549, [1]), (550, [1, 2]), (551, [2]), (599, [2]),
        (600, [2]), (899, [2]), (900, [2, 3]), (1000, [2, 3]), (1001, [3]), (1200, [3, 4]),
    ],
)  # fmt: skip
def test_numbers_of_grids(households: int, numbers: list[int]) -> None:
    assert list(USUAL.closest_numbers(households)) == numbers


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 900))
def test_no_other_number_is_closer(least: int, width: int, households: int) -> None:
    band = Band(least, least + width)
    missed = {n: band.times(n).distance(households) for n in range(1, households // least + 3)}
    best = [number for number, by in missed.items() if by == min(missed.values())]
    assert list(band.closest_numbers(households)) == best


def test_distance_from_the_band() -> None:
    assert [USUAL.distance(held) for held in (250, 300, 500, 512)] == [50, 0, 0, 12]
    assert (USUAL.shortage(250), USUAL.excess(512)) == (50, 12)
    assert USUAL.times(3) == Band(900, 1500)


@pytest.mark.parametrize(("least", "most"), [(0, 5), (6, 5), (-1, 1)])
def test_an_empty_band_is_refused(least: int, most: int) -> None:
    with pytest.raises(InputError, match="holds nothing"):
        Band(least, most)


def test_the_usual_bands() -> None:
    assert DEFAULT_BANDS[3] == USUAL
    assert DEFAULT_BANDS[4].least >= 10
    assert DEFAULT_BANDS[4].most < 100
