"""The published layers, one entry each, in the order of the legend."""

from __future__ import annotations

from layers.catalogue import Catalogue
from layers.entries.closures import CLOSURES
from layers.entries.coverages import COVERAGES
from layers.entries.ground import GROUND
from layers.entries.highrises import HIGHRISES
from layers.entries.neighbours import NEIGHBOURS
from layers.entries.orders import ORDERS
from layers.entries.people import PEOPLE
from layers.entries.places import PLACES
from layers.entries.things import THINGS

CATALOGUE = Catalogue(
    (*GROUND, *CLOSURES, *COVERAGES, *HIGHRISES, *THINGS, *ORDERS, *PEOPLE, *PLACES, *NEIGHBOURS)
)
