"""What a drawing of ours calls things, which writing and reading it share."""

from __future__ import annotations

from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.fields import LEVEL_TITLES

# Layers are called by both names, so that a drawing can be read in either language.
LAYERS = {level: f"{LEVEL_TITLES[level].zh}_{name}" for level, name in LEVEL_NAMES.items()}
TEXT_LAYERS = {level: f"{name}_编码" for level, name in LAYERS.items()}
# The application under which our extended entity data stand.
APPLICATION = "GRIDWHISTLE"
VALUES = ("code", "name", "name_en", "parent", "kind")
