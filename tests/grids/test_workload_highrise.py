"""High-rises: homes of one polygon divided among micro-grids by building, entrance and floor."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.highrise import Floors, Home, Share, ShareError, share_out

HOMES = [
    Home("3幢", entrance, floor) for entrance in ("1单元", "2单元") for floor in (-1, 1, 9, 18)
]


def test_by_entrance_and_by_floor() -> None:
    shares = [
        Share(11, "3幢", frozenset({"1单元"})),
        Share(12, "3幢", frozenset({"2单元"}), Floors(-2, 9)),
        Share(13, "3幢", frozenset({"2单元"}), Floors(10, 40)),
        Share(13, "4幢"),
    ]
    homes = [*HOMES, Home("4幢", "1单元", 2)]
    assert share_out(homes, shares).tolist() == [11, 11, 11, 11, 12, 12, 12, 13, 13]
    assert share_out([], shares).tolist() == []


@pytest.mark.parametrize(
    ("one", "other", "home"),
    [
        (Share(1, "3幢"), Share(2, "3幢"), ("*", 1)),
        (Share(1, "3幢", floors=Floors(1, 9)), Share(2, "3幢", floors=Floors(9, 20)), ("*", 9)),
        (Share(1, "3幢", frozenset({"b", "a"})), Share(2, "3幢", floors=Floors(5, 6)), ("a", 5)),
        (Share(1, "3幢", frozenset({"a", "b"})), Share(2, "3幢", frozenset({"b"})), ("b", 1)),
    ],
)
def test_what_two_have_is_named(one: Share, other: Share, home: tuple[str, int]) -> None:
    with pytest.raises(ShareError, match="micro-grids 1 and 2 both have it") as caught:
        share_out([], [one, other])
    assert caught.value.home == Home("3幢", *home)
    assert caught.value.units == (1, 2)


def test_what_nobody_has_is_named() -> None:
    shares = [Share(1, "3幢", floors=Floors(1, 17))]
    with pytest.raises(ShareError, match="building 3幢, entrance 1单元, floor -1: no micro-grid"):
        share_out(HOMES, shares)
    with pytest.raises(ShareError) as caught:
        share_out([Home("5幢", "1单元", 1)], shares)
    assert caught.value.units == ()


def test_one_micro_grid_may_have_overlapping_shares() -> None:
    shares = [Share(1, "3幢"), Share(1, "3幢", frozenset({"1单元"}))]
    assert set(share_out(HOMES, shares).tolist()) == {1}


some_shares = st.builds(
    Share,
    unit=st.integers(1, 3),
    building=st.sampled_from("AB"),
    entrances=st.none() | st.frozensets(st.sampled_from("xyz")),
    floors=st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)).map(lambda f: Floors(*f)),
)


@given(st.lists(some_shares, max_size=5))
def test_shares_are_taken_as_a_table_of_all_homes_says(shares: list[Share]) -> None:
    homes = [Home(*where) for where in product("AB", "xyz", range(1, 5))]
    owners = [
        {
            share.unit
            for share in shares
            if share.building == home.building
            and (share.entrances is None or home.entrance in share.entrances)
            and (share.floors is None or home.floor in range(share.floors[0], share.floors[1] + 1))
        }
        for home in homes
    ]
    if all(len(owner) == 1 for owner in owners):
        assert share_out(homes, shares).tolist() == [owner.pop() for owner in owners]
    else:
        with pytest.raises(ShareError):
            share_out(homes, shares)
