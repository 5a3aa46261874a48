"""A step's kind and parameters, carried out by the pure functions of `grids.arcs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grids.arcs.belonging import set_parents
from grids.arcs.border import border_nodes, led_to_border_ends, redraw_border
from grids.arcs.change import Edit
from grids.arcs.grouping import group_units, merge_units
from grids.arcs.model import Coords, Node, Topology, node_at
from grids.arcs.moving import add_vertex, move_node, move_vertex, remove_vertex, reshape_arc
from grids.arcs.outline import move_outline, move_outline_node
from grids.arcs.outline_course import redraw_outline
from grids.arcs.rules import Ground
from grids.arcs.runs import find_arc
from grids.arcs.splitting import split_face
from grids.arcs.straightening import follow_line, straighten
from grids.arcs.transfer import transfer_piece
from layers.boundaries.codes.naming import (
    OwnersOf,
    attributes_of,
    check_codes,
    check_new_code,
    next_code,
    next_name,
)
from layers.boundaries.codes.numbering import Numbering, renumbered
from layers.boundaries.highrises.shares import BuildingsOf, share_unit, shares_after_merge
from layers.boundaries.parameters import Parameters, check_code
from layers.boundaries.redraw import Attributes, Coverage, Redraw
from layers.codes import UNIT_KINDS
from spatial.errors import InputError

FOLLOWED_LAYERS = ("streets", "water")


@dataclass(frozen=True)
class Tools:
    """What an operation may ask for beside the coverage.

    Attributes:
        ground: metres and rules.
        base: the names of the units of the coverage that the draft stands on.
        new_unit: an id that no unit has or gets.
        owners_of: whose codes were at any time.
        numbering: how codes are made up.
        line_of: the course of a feature of a layer, nearest to a place.
        buildings_of: what is known of some buildings.
    """

    ground: Ground
    base: Mapping[int, Attributes]
    new_unit: Callable[[], int]
    owners_of: OwnersOf
    numbering: Numbering
    line_of: Callable[[str, int, Node], Coords]
    buildings_of: BuildingsOf


type Operation = Callable[[Coverage, Tools, Parameters], Redraw]


def perform(coverage: Coverage, tools: Tools, kind: str, parameters: Mapping[str, Any]) -> Redraw:
    """Carry out one step.

    Raises:
        InputError: there is no such kind, or a parameter is wrong.
        BrokenRuleError: a rule of the coverage would be broken; names the rule and the place.
        NotFoundError, ConflictError: what is named isn't there, or a code is taken.
    """
    operation = OPERATIONS.get(kind)
    if operation is None:
        raise InputError(
            f"there is no step {kind[:50]!r} / 没有这种操作", remedy=", ".join(OPERATIONS)
        )
    given = Parameters(parameters)
    redraw = operation(coverage, tools, given)
    given.finish()
    return redraw


def _shaped(operation: Callable[[Topology, Ground, Parameters], Edit]) -> Operation:
    """An operation that renames nothing."""

    def run(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
        return Redraw(operation(coverage.topology, tools.ground, given).change)

    return run


def _move_vertex(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    arc, vertex, to = given.number("arc"), given.number("vertex"), given.place("to")
    return move_vertex(topology, ground, arc, vertex, to)


def _add_vertex(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    arc, edge, at = given.number("arc"), given.number("edge"), given.place("at")
    return add_vertex(topology, ground, arc, edge, at)


def _remove_vertex(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    return remove_vertex(topology, ground, given.number("arc"), given.number("vertex"))


def _move_node(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    return move_node(topology, ground, given.place("node"), given.place("to"))


def _reshape(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    return reshape_arc(topology, ground, given.run(), given.line("line"))


def _straighten(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    tolerance_m = given.metres("tolerance_m") if given.has("tolerance_m") else None
    return straighten(topology, ground, given.run(), tolerance_m)


def _move_outline(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    given.text("neighbour")  # kept with the step: whom the change concerns
    return move_outline(topology, ground, given.run(), given.line("line"))


def _move_outline_node(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    given.text("neighbour")
    return move_outline_node(topology, ground, given.place("node"), given.place("to"))


def _redraw_outline(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    given.text("neighbour")
    return redraw_outline(topology, ground, given.line("line"))


def _transfer(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    giver, taker = given.number("giver"), given.number("taker")
    return transfer_piece(topology, ground, giver, taker, given.line("line"))


def _set_parent(topology: Topology, ground: Ground, given: Parameters) -> Edit:
    units = given.units("units") if given.has("units") else (given.number("unit"),)
    return set_parents(topology, ground, units, given.number("parent"))


def _follow(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
    run = given.run()
    if given.has("line"):
        line = given.line("line")
    else:
        coords = find_arc(coverage.topology, run.arc_id).coords
        line = _named_line(tools, given, node_at(coords, min(run.first, len(coords) - 1)))
    return Redraw(follow_line(coverage.topology, tools.ground, run, line).change)


def _redraw_border(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
    topology, pair = coverage.topology, (given.number("one"), given.number("other"))
    if given.has("line"):
        line = given.line("line")
    else:
        course = _named_line(tools, given, border_nodes(topology, *pair)[0])
        line = led_to_border_ends(topology, tools.ground, *pair, course)
    return Redraw(redraw_border(topology, tools.ground, *pair, line).change)


def _named_line(tools: Tools, given: Parameters, near: Node) -> Coords:
    layer, feature = given.text("layer"), given.number("feature")
    if layer not in FOLLOWED_LAYERS:
        raise InputError(f"layer has to be one of {', '.join(FOLLOWED_LAYERS)} / 图层不对")
    return tools.line_of(layer, feature, near)


def _split(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
    unit, line = given.number("unit"), given.line("line")
    old = attributes_of(coverage, unit)
    new = tools.new_unit()
    edit = split_face(coverage.topology, tools.ground, unit, line, new)
    attributes = _new_attributes(coverage, tools, given, unit, old)
    _check_new_code(coverage, tools, attributes)
    return Redraw(edit.change, {new: (None, attributes)}, frozenset({(unit, new)}))


def _group(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
    members = given.units("units")
    new = tools.new_unit()
    edit = group_units(coverage.topology, tools.ground, members, new)
    old = coverage.topology.units.by_id[members[0]].parent
    attributes = _new_attributes(coverage, tools, given, old, attributes_of(coverage, old))
    _check_new_code(coverage, tools, attributes)
    return Redraw(edit.change, {new: (None, attributes)}, frozenset({(old, new)}))


def _new_attributes(
    coverage: Coverage, tools: Tools, given: Parameters, like: int, old: Attributes
) -> Attributes:
    code = given.optional_text("code") or next_code(
        coverage, like, tools.owners_of, tools.numbering
    )
    name = given.optional_text("name") or next_name(coverage, like)
    return Attributes(check_code(code), name, None, old.kind)


def _check_new_code(coverage: Coverage, tools: Tools, attributes: Attributes) -> None:
    check_new_code(tools.base, coverage.attributes, attributes.code, tools.owners_of)


def _merge(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
    survivor, absorbed = given.number("survivor"), given.number("absorbed")
    edit = merge_units(coverage.topology, tools.ground, survivor, absorbed)
    gone = {absorbed: (attributes_of(coverage, absorbed), None)}
    shares = shares_after_merge(coverage, survivor, absorbed)
    return Redraw(edit.change, gone, frozenset({(absorbed, survivor)}), shares)


def _share(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
    return share_unit(coverage, given, tools.buildings_of, tools.owners_of)


def _rename(coverage: Coverage, _tools: Tools, given: Parameters) -> Redraw:
    unit = given.number("unit")
    old = attributes_of(coverage, unit)
    changed: dict[str, Any] = {}
    if given.has("name"):
        changed["name"] = given.text("name")
    for name in ("name_en", "kind"):
        if given.mentions(name):
            changed[name] = given.optional_text(name)
    if changed.get("kind") is not None and changed["kind"] not in UNIT_KINDS:
        raise InputError(f"kind has to be one of {', '.join(UNIT_KINDS)} / 类型不对")
    new = old._replace(**changed)
    return Redraw(attributes={unit: (old, new)} if new != old else {})


def _renumber(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
    return _with_codes(coverage, tools, given.codes("codes"))


def _renumber_by_scheme(coverage: Coverage, tools: Tools, given: Parameters) -> Redraw:
    unit = given.number("unit")
    level = given.number("level") if given.has("level") else None
    codes = renumbered(coverage, tools.ground, tools.numbering, unit, level)
    return _with_codes(coverage, tools, codes)


def _with_codes(coverage: Coverage, tools: Tools, codes: Mapping[int, str]) -> Redraw:
    after = dict(coverage.attributes)
    for unit, code in codes.items():
        after[unit] = attributes_of(coverage, unit)._replace(code=code)
    check_codes(tools.base, after, tools.owners_of)
    changed = {u: (coverage.attributes[u], after[u]) for u in codes}
    return Redraw(attributes={u: pair for u, pair in changed.items() if pair[0] != pair[1]})


OPERATIONS: Mapping[str, Operation] = {
    "move_vertex": _shaped(_move_vertex),
    "add_vertex": _shaped(_add_vertex),
    "remove_vertex": _shaped(_remove_vertex),
    "move_node": _shaped(_move_node),
    "reshape": _shaped(_reshape),
    "straighten": _shaped(_straighten),
    "follow": _follow,
    "redraw_border": _redraw_border,
    "split": _split,
    "merge": _merge,
    "transfer": _shaped(_transfer),
    "set_parent": _shaped(_set_parent),
    "share": _share,
    "group": _group,
    "rename": _rename,
    "renumber": _renumber,
    "renumber_by_scheme": _renumber_by_scheme,
    "move_outline": _shaped(_move_outline),
    "move_outline_node": _shaped(_move_outline_node),
    "redraw_outline": _shaped(_redraw_outline),
}
OUTLINE_KINDS = frozenset({"move_outline", "move_outline_node", "redraw_outline"})
