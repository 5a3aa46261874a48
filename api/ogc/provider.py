"""What pygeoapi asks of a layer when it describes it. Data is read by our own routes."""

from __future__ import annotations

from typing import Any

from pygeoapi.provider.base import BaseProvider
from pygeoapi.provider.base_mvt import BaseMVTProvider
from pygeoapi.provider.tile import BaseTileProvider

from layers.catalogue import FieldType
from layers.entries import CATALOGUE
from layers.roles import Role

_TEMPORAL = {FieldType.DATE, FieldType.DATE_TIME}


class CatalogueProvider(BaseProvider):  # type: ignore[misc]
    """A catalogue entry as a feature provider: its fields."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self._role = Role(provider_def["role"])
        self._fields = self.get_fields()

    def get_fields(self) -> dict[str, Any]:
        """Property name → JSON Schema."""
        return {
            field.name: {"type": "string", "format": field.type.value}
            if field.type in _TEMPORAL
            else {"type": field.type.value}
            for field in CATALOGUE.entry(self.data).fields_for(self._role)
        }


class CatalogueTiles(BaseMVTProvider):  # type: ignore[misc]
    """A catalogue entry as a tile provider: its links."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        BaseTileProvider.__init__(self, provider_def)
        self._role = Role(provider_def["role"])
        self.tile_type = "vector"

    def get_layer(self) -> str:
        """The name of the layer inside the tiles: the collection's id."""
        return str(self.data)

    def get_fields(self) -> dict[str, Any]:
        """The tiles carry the same properties as the items."""
        return {field.name: {} for field in CATALOGUE.entry(self.data).fields_for(self._role)}

    def get_tiles_service(self, *, servicepath: str, **_unused: str) -> dict[str, Any]:
        """The link to the tiles themselves; pygeoapi passes more than is needed."""
        return {
            "links": [
                {
                    "type": self.mimetype,
                    "rel": "item",
                    "title": "Mapbox Vector Tiles",
                    "href": servicepath,
                    "templated": True,
                }
            ]
        }
