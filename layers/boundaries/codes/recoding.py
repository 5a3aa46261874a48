"""New units of a draft whose codes were given to others meanwhile get the next ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grids.arcs.change import Before
from layers.boundaries.codes.naming import OwnersOf, next_code
from layers.boundaries.codes.numbering import Numbering
from layers.boundaries.rebase import Rebased
from layers.boundaries.redraw import Attributes, Coverage, Redraw

type _Instead = Mapping[int, tuple[str, str]]  # by unit: its code, and the one that it gets


def recoded(steps: Rebased, today: Coverage, owners_of: OwnersOf, numbering: Numbering) -> Rebased:
    """The same steps of today's coverage, with codes that nobody else has or had.

    Two editors who split in the same grid at once get the same next code; whoever comes second
    gets another one. A code that was typed for a unit that is there already is left alone, for its
    author to decide: the whole check tells it.
    """
    coverage, found = today, []
    instead: dict[int, tuple[str, str]] = {}
    for order, step in steps:
        redraw = _with_codes(step, instead)
        new = {unit: after.code for unit, (was, after) in redraw.attributes.items()
               if was is None and after is not None}  # fmt: skip
        borne = {each.code for each in coverage.attributes.values()}
        owned = owners_of(list(new.values())) if new else {}
        for unit, code in new.items():
            if code in borne or owned.get(code, frozenset()) - {unit}:
                after = coverage.after(redraw)
                instead[unit] = (code, next_code(after, unit, owners_of, numbering))
                redraw = _with_codes(redraw, instead)
        found.append((order, redraw))
        coverage = coverage.after(redraw)
    return found


def _with_codes(redraw: Redraw, instead: _Instead) -> Redraw:
    if not instead.keys() & redraw.attributes.keys():
        return redraw
    attributes = {
        unit: _pair(pair, *instead[unit]) if unit in instead else pair
        for unit, pair in redraw.attributes.items()
    }
    return replace(redraw, attributes=attributes)


def _pair(pair: Before[Attributes], code: str, new: str) -> Before[Attributes]:
    before, after = (
        each._replace(code=new) if each is not None and each.code == code else each for each in pair
    )
    return before, after
