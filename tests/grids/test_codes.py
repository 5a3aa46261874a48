"""Codes: well formed, never given twice, numbered as one reads."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.codes import DEFAULT_SCHEME, CodeScheme, reading_order
from spatial.errors import ConflictError, InputError

VILLAGE = "330782100014"
CODES = st.sets(st.integers(1, 999).map(lambda number: f"{VILLAGE}{number:03d}"), max_size=60)


@pytest.mark.parametrize(
    ("code", "level", "parent", "said"),
    [
        ("330782100", 1, None, None),
        (VILLAGE, 2, "330782100", None),
        (f"{VILLAGE}001", 3, VILLAGE, None),
        (f"{VILLAGE}00112", 4, f"{VILLAGE}001", None),
        (f"{VILLAGE}01", 3, VILLAGE, "3 digits"),
        (f"{VILLAGE}0a1", 3, VILLAGE, "3 digits"),
        (f"{VILLAGE}٠٠١", 3, VILLAGE, "3 digits"),
        (f"{VILLAGE}000", 3, VILLAGE, "zeros"),
        ("330782100015001", 3, VILLAGE, "begin with"),
        ("", 1, None, "9 digits"),
    ],
)
def test_codes_are_well_formed_or_it_is_said_why_not(
    code: str, level: int, parent: str | None, said: str | None
) -> None:
    fault = DEFAULT_SCHEME.fault(code, level, parent)
    assert fault is None if said is None else said in (fault or "")


def test_a_scheme_is_read_from_a_setting() -> None:
    assert CodeScheme.parse("6+3, 3, 3, 2") == DEFAULT_SCHEME
    for wrong in ("", "6+3, 3, 3", "a, b, c, d", "6, 3, 0, 2", "6, 3, 3, 99"):
        with pytest.raises(InputError, match="scheme"):
            CodeScheme.parse(wrong)


@given(CODES)
def test_the_next_code_was_never_given(taken: set[str]) -> None:
    code = DEFAULT_SCHEME.next_code(VILLAGE, 3, taken)
    assert code not in taken
    assert DEFAULT_SCHEME.fault(code, 3, VILLAGE) is None


def test_when_the_highest_is_given_gaps_are_used_and_then_there_are_none() -> None:
    micro = f"{VILLAGE}001"
    most = {f"{micro}{number:02d}" for number in range(1, 100)} - {f"{micro}07"}
    assert DEFAULT_SCHEME.next_code(micro, 4, most) == f"{micro}07"
    with pytest.raises(ConflictError, match="no code left"):
        DEFAULT_SCHEME.next_code(micro, 4, most | {f"{micro}07"})


@given(st.integers(1, 30), st.sets(st.integers(1, 60), max_size=20), st.randoms())
def test_renumbering_passes_codes_on_but_no_retired_one(
    count: int, retired_numbers: set[int], chance: object
) -> None:
    retired = {f"{VILLAGE}{number:03d}" for number in retired_numbers}
    free = [f"{VILLAGE}{n:03d}" for n in range(1, 200) if f"{VILLAGE}{n:03d}" not in retired]
    present = free[5 : 5 + count]
    chance.shuffle(present)  # type: ignore[attr-defined]
    codes = DEFAULT_SCHEME.renumber(VILLAGE, 3, present, retired | set(present))
    assert not set(codes) & retired
    assert codes == free[:count]


def test_squares_are_read_as_lines_are() -> None:
    centres = [(x * 100 + jitter, -y * 100 + jitter * 3) for y in range(3) for x, jitter in
               ((0, 0), (1, 8), (2, -9))]  # fmt: skip
    shuffled = [4, 0, 8, 2, 6, 1, 3, 7, 5]
    order = reading_order([centres[each] for each in shuffled], [100.0] * 9)
    assert [shuffled[row] for row in order] == list(range(9))


@given(
    st.lists(
        st.tuples(st.integers(-500, 500), st.integers(-500, 500)),
        min_size=1, max_size=40, unique=True,
    ),
    st.randoms(),
)  # fmt: skip
def test_the_order_depends_on_places_alone(places: list[tuple[int, int]], chance: object) -> None:
    shuffled = list(places)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    heights = [80.0] * len(places)
    first = [places[row] for row in reading_order(places, heights)]
    assert first == [shuffled[row] for row in reading_order(shuffled, heights)]
    moved = np.asarray(shuffled) * 2.0 + [1000, 4000]
    again = [shuffled[row] for row in reading_order(moved, [160.0] * len(places))]
    assert again == first
    for one, other in pairwise(first):
        assert other[0] > one[0] or other[1] < one[1]
