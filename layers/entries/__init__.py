"""The published layers, one entry each, in the order of the legend."""

from __future__ import annotations

from layers.catalogue import Catalogue
from layers.entries.coverages import COVERAGES
from layers.entries.ground import GROUND
from layers.entries.highrises import HIGHRISES
from layers.entries.things import THINGS

CATALOGUE = Catalogue((*GROUND, *COVERAGES, *HIGHRISES, *THINGS))
