"""What is asked of who can be there first, and of what the answer is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from layers.dispatch.settings import DispatchSettings
from routing.modes import MODES_BY_NAME, Mode
from routing.network.measures import Measure

Json = dict[str, Any]
# What held before a town could settle it.
_FORMER_RULES: Json = {"break_rule": "as_others"}


@dataclass(frozen=True)
class Supposed:
    """What is to be taken for true, though it isn't: the answer changes nothing.

    Attributes:
        moved: where responders would be, as (lon, lat) by key.
        added: responders who would be there, too.
        without: keys of responders who would not be.
        measures: closures and slowdowns that would be in force, by name.
    """

    moved: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    added: tuple[Known, ...] = ()
    without: frozenset[str] = frozenset()
    measures: Mapping[str, Measure] = field(default_factory=dict)


@dataclass(frozen=True)
class RankRequest:
    """Who can be at a place first?

    Attributes:
        lon, lat: of the place, degrees.
        k: how many are to be named.
        mode: only who travels so; None for everybody.
        skills: only who has all of them.
        departments: only who belongs to one of them; empty for all.
        exclude: keys of those who are not to be sent.
        with_busy: also who has an order already, as if it were taken off that.
        chosen: key of one who is named in any case, at the end if not among the first: whom a
            dispatcher sends whatever speaks against it.
        at: the moment, in the town's time; None for now.
        supposed: what is to be taken for true; None for things as they are.
    """

    lon: float
    lat: float
    k: int = 5
    mode: Mode | None = None
    skills: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    with_busy: bool = False
    chosen: str | None = None
    at: datetime | None = None
    supposed: Supposed | None = None


class Known(NamedTuple):
    """What is known of a responder, on duty or not.

    Attributes:
        state: free, break, ordered or on_scene.
        fix_age_s: seconds since the position was taken; None where nobody said when.
        accuracy_m: radius in which the position lies; None where its sender said nothing.
        speed_mps: at the fix; None where it isn't known.
        incident: number of the incident that it is on the way to, or at.
        street_id, fraction, forward: the street that the fix was matched to, the share of its
            geometry, and whether it is travelled along that; None where that isn't known.
    """

    key: str
    label: str
    department: str | None
    mode: str
    team: str | None
    skills: tuple[str, ...]
    lon: float
    lat: float
    on_duty: bool
    state: str = "free"
    fix_age_s: float | None = None
    accuracy_m: float | None = None
    speed_mps: float | None = None
    incident: str | None = None
    street_id: int | None = None
    fraction: float | None = None
    forward: bool | None = None


class NeighbourPost(NamedTuple):
    """Somebody of a neighbouring town, whom its desk can send."""

    key: str
    neighbour: str
    name: str
    phone: str | None
    mode: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Inputs:
    """Everything that an answer is made of: the same inputs give the same answer.

    Attributes:
        request: what was asked; what it supposed is in the rest already.
        at: the moment for which the streets are asked.
        known: all responders that the asker may see, by key.
        posts: of neighbours.
        skill_names: of the skills asked for, in both languages.
        settings: the town's.
        measures: closures and slowdowns in force, by name.
        graph_version: of the streets.
        measure_revision: of what is stored of closures; None where there are none.
        speed_revision: of what counted of speeds; None where nobody noted it (decisions of
            before it was kept).
        what_if: whether something was supposed.
    """

    request: RankRequest
    at: datetime
    known: tuple[Known, ...]
    posts: tuple[NeighbourPost, ...]
    skill_names: Mapping[str, tuple[str, str]]
    settings: DispatchSettings
    measures: Mapping[str, Measure]
    graph_version: int | None
    measure_revision: int | None
    speed_revision: int | None
    what_if: bool = False

    def as_json(self) -> Json:
        """Everything, to be stored; see `inputs_from_json`."""
        request = asdict(self.request) | {
            "mode": self.request.mode.label if self.request.mode else None,
            "at": None,
            "supposed": None,
        }
        return {
            "request": request,
            "at": self.at.isoformat(),
            "known": _rows(Known._fields, self.known),
            "posts": _rows(NeighbourPost._fields, self.posts),
            "skill_names": dict(self.skill_names),
            "settings": asdict(self.settings),
            "measures": {
                name: [list(each.steps), each.speed_share, int(each.modes)]
                for name, each in self.measures.items()
            },
            "graph_version": self.graph_version,
            "measure_revision": self.measure_revision,
            "speed_revision": self.speed_revision,
            "what_if": self.what_if,
        }


def inputs_from_json(stored: Json) -> Inputs:
    """What `Inputs.as_json` wrote."""
    request = stored["request"]
    mode = request["mode"]
    lists = {name: tuple(request[name]) for name in ("skills", "departments", "exclude")}
    return Inputs(
        request=RankRequest(**{**request, **lists, "mode": MODES_BY_NAME[mode] if mode else None}),
        at=datetime.fromisoformat(stored["at"]),
        known=tuple(
            Known(**{**row, "skills": tuple(row["skills"])}) for row in _named(stored["known"])
        ),
        posts=tuple(NeighbourPost(**row) for row in _named(stored["posts"])),
        skill_names={code: (zh, en) for code, (zh, en) in stored["skill_names"].items()},
        settings=DispatchSettings(**(_FORMER_RULES | stored["settings"])),
        measures={
            name: Measure(tuple(steps), share, Mode(modes))
            for name, (steps, share, modes) in stored["measures"].items()
        },
        graph_version=stored["graph_version"],
        measure_revision=stored["measure_revision"],
        speed_revision=stored.get("speed_revision"),
        what_if=stored["what_if"],
    )


def _rows(names: Iterable[str], things: Iterable[tuple[Any, ...]]) -> Json:
    """Many of one kind, each name once: decisions are kept by the thousand."""
    return {"names": [*names], "rows": [tuple(each) for each in things]}


def _named(stored: Json) -> list[Json]:
    return [dict(zip(stored["names"], row, strict=True)) for row in stored["rows"]]
