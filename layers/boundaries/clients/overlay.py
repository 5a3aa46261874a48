"""A client's draft for who reads the layers' items: what stands in the place of what holds."""

from __future__ import annotations

from layers.boundaries.clients.places import as_multi
from layers.boundaries.clients.view import ClientView
from layers.reading.overlay import Drawn, Overlay

_STATED = ("code", "name", "name_en", "kind", "parent", "updated")


def overlay_of(view: ClientView, level: int) -> Overlay | None:
    """What the client sees otherwise of a level; None as long as its draft changes nothing."""
    if not view.faces and not view.state.done:
        return None
    draft, before = view.state.draft, view.state.base.topology.units.by_id
    there = view.units.by_id
    concerned = [
        unit
        for unit in sorted(view.changed)
        if any(unit in units and units[unit].level == level for units in (before, there))
    ]
    return Overlay(
        draft_id=draft.id,
        moment=draft.base_at,
        hidden=concerned,
        drawn=[_drawn(view, unit) for unit in concerned if unit in there],
        names=_STATED,
    )


def _drawn(view: ClientView, unit: int) -> Drawn:
    parent = view.attributes.get(view.unit(unit).parent)
    properties = view.attributes[unit]._asdict() | {
        "parent": parent.code if parent else None,
        "updated": view.updated(unit),
    }
    return Drawn(unit, properties, as_multi(view.shape(unit)).wkb)
