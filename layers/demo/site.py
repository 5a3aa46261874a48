"""The site of the town: its name, frame, terrain, settlements and streets."""

from __future__ import annotations

from dataclasses import dataclass

from layers.demo.arterials import make_arterials
from layers.demo.chance import Part, stream
from layers.demo.frame import Frame, Geometries
from layers.demo.lanes import make_lattice
from layers.demo.names import stems_of
from layers.demo.network import Network, make_network
from layers.demo.plan import FOTANG_CODE, Plan
from layers.demo.settlements import Kind, Settlements, make_settlements
from layers.demo.street_rules import make_rules
from layers.demo.street_table import name_edges, street_table
from layers.demo.terrain import Terrain, make_terrain
from layers.demo.units import TownName
from layers.facts import VillageFact, villages_of
from routing.streets import Streets

FOTANG = TownName(FOTANG_CODE, "佛堂镇", "Fotang")
_FOTANG_FRAME = Frame(srid=4549, lon=120.02, lat=29.20)
_FAR_BANK = "江北社区"  # north of the river


@dataclass(frozen=True)
class Site:
    """Where the town stands.

    Attributes:
        name: what it is called.
        frame: metres about its centre.
        terrain: outline and river.
        villages: the communities and villages; settlement i is village i.
        settlements: quarters and villages first, in the order of `villages`.
        network: straight edges along which buildings stand.
        streets: the streets as the routing room stores them.
        attribution: who made the streets, where they are real.
    """

    name: TownName
    frame: Frame
    terrain: Terrain
    villages: tuple[VillageFact, ...]
    settlements: Settlements
    network: Network
    streets: Streets
    attribution: str | None = None


def make_site(plan: Plan) -> Site:
    """Fotang, synthetic: its official communities and villages on an invented ground."""
    terrain = make_terrain(stream(plan.seed, Part.TERRAIN), plan.area_km2)
    chance = stream(plan.seed, Part.SETTLEMENTS)
    facts = villages_of(FOTANG.code)
    quarters = [fact for fact in facts if fact.kind == "community" and fact.name != _FAR_BANK]
    quarters += [fact for fact in facts if fact.name == _FAR_BANK]
    others = [fact for fact in facts if fact.kind == "village"]
    villages = (*quarters, *(others[i] for i in chance.permutation(len(others))))
    settlements = make_settlements(chance, terrain, len(quarters), len(others))
    arterials = make_arterials(stream(plan.seed, Part.ROADS), terrain, settlements)
    lattice = make_lattice(stream(plan.seed, Part.LANES), terrain, settlements)
    network = make_network(stream(plan.seed, Part.NETWORK), terrain, arterials, lattice)
    chance = stream(plan.seed, Part.RULES)
    rules = make_rules(chance, network, settlements)
    names = name_edges(chance, network, settlements, settlement_stems(villages, settlements))
    streets = street_table(network, rules, names, _FOTANG_FRAME)
    return Site(FOTANG, _FOTANG_FRAME, terrain, villages, settlements, network, streets)


def settlement_stems(villages: tuple[VillageFact, ...], settlements: Settlements) -> Geometries:
    """Short names of all settlements; hamlets and industrial areas are numbered."""
    own = list(stems_of([fact.name for fact in villages]))
    hamlets = [f"自然村{n}" for n in range(1, len(settlements.of(Kind.HAMLET)) + 1)]
    works = [f"工业区{n}" for n in range(1, len(settlements.of(Kind.INDUSTRY)) + 1)]
    return stems_of(own + works + hamlets)
