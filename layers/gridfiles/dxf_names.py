"""What a drawing of ours calls things, which writing and reading it share."""

from __future__ import annotations

from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.fields import LEVEL_TITLES
from layers.gridfiles.share_rows import ShareRow

# Layers are called by both names, so that a drawing can be read in either language.
LAYERS = {level: f"{LEVEL_TITLES[level].zh}_{name}" for level, name in LEVEL_NAMES.items()}
TEXT_LAYERS = {level: f"{name}_编码" for level, name in LAYERS.items()}
# The application under which our extended entity data stand.
APPLICATION = "GRIDWHISTLE"
VALUES = ("code", "name", "name_en", "parent", "kind")
# What a unit's text says of each micro-grid that shares its polygon: code, building, floors and
# entrances in their texts, and the name, which alone may be cut.
SHARE = "share"
_SHARE_VALUES = ("code", "building", "floors", "entrances", "name")


def share_text(row: ShareRow) -> str:
    """A micro-grid of a high-rise as one text, what is empty left out between the bars."""
    values = row.values
    return "|".join(str(values[name] or "").replace("|", " ") for name in _SHARE_VALUES)


def values_of_share(text: str) -> dict[str, str | None]:
    """What `share_text` wrote; fields that a text of somebody else's lacks are empty."""
    parts = text.split("|", len(_SHARE_VALUES) - 1)
    return {name: part or None for name, part in zip(_SHARE_VALUES, parts, strict=False)}
