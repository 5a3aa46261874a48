"""What the body of a request asks to be written: columns and their values, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from layers.catalogue import Entry, Field
from layers.reading.crs import OutputCrs
from layers.roles import Role
from layers.writing.document import JsonObject
from layers.writing.shapes import read_shape
from layers.writing.values import read_value
from spatial.errors import InputError

_CRS84_NAMES = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "OGC:CRS84")


@dataclass(frozen=True)
class Change:
    """What is written; what isn't named stays.

    Attributes:
        values: column → value; None unsets it.
        shape: EPSG:4326; None leaves the geometry as it is.
    """

    values: Mapping[str, Any]
    shape: BaseGeometry | None = None


def read_new(entry: Entry, role: Role, body: JsonObject, crs: OutputCrs) -> Change:
    """A new feature: what the body leaves out takes its default.

    Raises:
        InputError: the body is no feature of this layer, or sets what only the house sets.
    """
    properties = _feature_properties(body)
    for name, value in properties.items():
        # Clients that know the columns send those that they can't fill as null.
        if not _field(entry, role, name).editable and value is not None:
            raise _read_only(name)
    values = _read_editable(entry, role, properties)
    _require(entry, role, values)
    return Change(_set_only(values), read_shape(entry, body.get("geometry"), crs))


def read_replacement(entry: Entry, role: Role, body: JsonObject, crs: OutputCrs) -> Change:
    """A feature's whole content: what the body leaves out is unset.

    What only the house sets (`updated`) is left aside: a client sends back what it was given.

    Raises:
        InputError: the body is no feature of this layer.
    """
    properties = _feature_properties(body)
    for name in properties:
        _field(entry, role, name)
    values = _read_editable(entry, role, properties)
    _require(entry, role, values)
    unset = dict.fromkeys(each.name for each in editable_fields(entry, role))
    return Change(unset | values, read_shape(entry, body.get("geometry"), crs))


def read_patch(
    entry: Entry, role: Role, body: JsonObject, crs: OutputCrs, *, feature_id: int
) -> Change:
    """Changes to a feature, as a JSON merge patch (RFC 7396): null unsets, what is absent stays.

    Raises:
        InputError: the result would be no feature of this layer, or another one's.
    """
    if body.get("type", "Feature") != "Feature":
        raise _no_feature()
    if str(body.get("id", feature_id)) != str(feature_id):
        raise InputError("a feature's id can't be changed / 要素编号不可更改")
    _refuse_other_geometry(body)
    properties = body.get("properties", {})
    if properties is None:  # the patch removes them all
        properties = dict.fromkeys(each.name for each in editable_fields(entry, role))
    if not isinstance(properties, dict):
        raise InputError("properties has to be an object / properties 须是对象")
    for name in properties:
        if not _field(entry, role, name).editable:
            raise _read_only(name)
    values = _read_editable(entry, role, properties)
    for name, value in values.items():
        if value is None and _field(entry, role, name).required:
            raise _missing(name)
    return Change(values, _patched_shape(entry, body, crs))


def editable_fields(entry: Entry, role: Role) -> tuple[Field, ...]:
    """The properties that an editor in this role may write."""
    return tuple(each for each in entry.fields_for(role) if each.editable)


def _patched_shape(entry: Entry, body: JsonObject, crs: OutputCrs) -> BaseGeometry | None:
    if "geometry" not in body:
        return None
    geometry = body["geometry"]
    if isinstance(geometry, dict) and entry.geometry == "Point":
        geometry = {"type": "Point"} | geometry  # a patch needn't repeat what stays
    return read_shape(entry, geometry, crs)


def _feature_properties(body: JsonObject) -> JsonObject:
    if body.get("type") != "Feature":
        raise _no_feature()
    _refuse_other_geometry(body)
    properties = body.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise InputError("properties has to be an object / properties 须是对象")
    return properties


def _refuse_other_geometry(body: JsonObject) -> None:
    """Members beyond RFC 7946 are left aside, but for those that say where the feature lies."""
    if body.get("place") is not None:
        raise InputError("JSON-FG's place is not read / 不支持 place", remedy="geometry")
    if body.get("crs") is not None and not _names_crs84(body["crs"]):
        raise InputError(
            "the CRS of coordinates isn't said in the body / 坐标系不写在正文里",
            remedy="the header Content-Crs",
        )


def _names_crs84(crs: Any) -> bool:
    """The member `crs` of GeoJSON before RFC 7946, where it says what holds anyway."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return isinstance(properties, dict) and properties.get("name") in _CRS84_NAMES


def _read_editable(entry: Entry, role: Role, properties: JsonObject) -> dict[str, Any]:
    fields = {each.name: each for each in editable_fields(entry, role)}
    return {
        name: read_value(fields[name], value)
        for name, value in properties.items()
        if name in fields
    }


def _require(entry: Entry, role: Role, values: Mapping[str, Any]) -> None:
    for field in editable_fields(entry, role):
        if field.required and values.get(field.name) is None:
            raise _missing(field.name)


def _set_only(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _field(entry: Entry, role: Role, name: str) -> Field:
    found = entry.field_for(role, name)
    if found is None:
        raise InputError(
            f"{entry.id} has no property {name[:60]!r} / 没有这个属性",
            remedy=f"see {entry.id}/schema",
        )
    return found


def _no_feature() -> InputError:
    return InputError(
        'the body has to be one GeoJSON feature: {"type": "Feature", …} / 正文须是单个 GeoJSON 要素'
    )


def _missing(name: str) -> InputError:
    return InputError(f"{name} is required / 缺少必填属性")


def _read_only(name: str) -> InputError:
    return InputError(f"{name} can't be written; the house sets it / 只读属性")
