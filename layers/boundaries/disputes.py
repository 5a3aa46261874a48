"""What a draft and the coverage of today dispute: kept with the draft, told with all versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grids.arcs.codec import arc_to_json
from grids.arcs.model import Arc, Unit
from grids.storeys import MicroGrids, micro_grids_to_json
from layers.boundaries.coverage import Connection
from layers.boundaries.draft_rows import Draft
from layers.boundaries.rebase import DisputeError
from layers.boundaries.redraw import Attributes

type Json = dict[str, Any]


def note_dispute(connection: Connection, draft: Draft, dispute: DisputeError) -> None:
    """Keep with the draft what it and the coverage of today dispute."""
    connection.execute(
        "UPDATE grids.draft SET conflict = %s WHERE id = %s",
        (json.dumps(dispute_json(dispute)), draft.id),
    )


def dispute_json(dispute: DisputeError) -> Json:
    """What is disputed, with the version of each side."""
    units = {*dispute.units, *dispute.names, *dispute.shares}
    broken = dispute.broken
    return {
        "arcs": [
            {"id": i, **_sides([_arc(i, arc) for arc in versions])}
            for i, versions in sorted(dispute.arcs.items())
        ],
        "units": [{"id": i, **_sides(_units_of(dispute, i))} for i in sorted(units)],
        "rule": broken.rule.name.lower() if broken else None,
        "place": list(broken.place) if broken and broken.place else None,
    }


def _sides(versions: Sequence[Json | None]) -> Json:
    base, theirs, mine = versions
    return {"base": base, "theirs": theirs, "mine": mine}


def _arc(arc_id: int, arc: Arc | None) -> Json | None:
    if arc is None:
        return None
    document = arc_to_json(arc)
    return {"id": arc_id} | {name: document[name] for name in ("coords", "left", "right")}


def _units_of(dispute: DisputeError, unit: int) -> list[Json | None]:
    nothing = (None, None, None)
    return [
        _unit(unit, shape, names, shares)
        for shape, names, shares in zip(
            dispute.units.get(unit, nothing),
            dispute.names.get(unit, nothing),
            dispute.shares.get(unit, nothing),
            strict=True,
        )
    ]


def _unit(
    unit: int, shape: Unit | None, names: Attributes | None, shares: MicroGrids | None
) -> Json | None:
    if shape is None and names is None and shares is None:
        return None
    document: Json = {"id": unit}
    if shape is not None:
        document |= shape._asdict()
    if names is not None:
        document |= names._asdict()
    if shares is not None:
        document["shares"] = micro_grids_to_json(shares)
    return document
