"""What a body says, checked against its layer before any SQL is made."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.entries import CATALOGUE
from layers.reading.crs import epsg_uri, find_crs
from layers.roles import Role
from layers.writing.change import editable_fields, read_new, read_patch, read_replacement
from layers.writing.document import parse_object
from layers.writing.shapes import allowed_types, read_shape
from spatial.errors import InputError

PREMISES = CATALOGUE.entry("premises")
SENSORS = CATALOGUE.entry("sensors")
WATER = CATALOGUE.entry("water")
EDITOR = Role.GIS_EDITOR
CRS84 = find_crs(None, 4549)
POINT = {"type": "Point", "coordinates": [120.05, 29.05]}


def feature(properties: Any = None, geometry: Any = POINT, **members: Any) -> dict[str, Any]:
    if properties is None:
        properties = {"name": "店", "kind": "shop"}
    return {"type": "Feature", "geometry": geometry, "properties": properties} | members


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "one JSON object"),
        (b'"text"', "one JSON object"),
        (b"null", "one JSON object"),
        (b"{} {}", "not JSON"),
        (b'{"a": NaN}', "no JSON number"),
        (b'{"a": -Infinity}', "no JSON number"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'{"a": {"b": 1, "b": 1}}', "'b' twice"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": "x\\u0000y"}', "U\\+0000"),
        (b'{"x\\u0000y": 1}', "U\\+0000"),
        (b'{"a": "\\ud800"}', "half a character"),
        (b'{"a": "x\x00y"}', "not JSON"),
        (b'{"a": ' * 30 + b"1" + b"}" * 30, "nested"),
        (b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested"),
        (b"[" * 1_000_000, "nested"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_document_is_refused_in_words(content, said):
    with pytest.raises(InputError, match=said):
        parse_object(content)


def test_a_document_is_read_as_it_is():
    text = '{"type": "Feature", "properties": {"name": "<b>\\u4f5b\\u5802 \\ud83c\\udfe0"}}'
    assert parse_object(text.encode())["properties"]["name"] == "<b>佛堂 🏠"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"type": "FeatureCollection", "features": []}, "one GeoJSON feature"),
        ({"type": "Point", "coordinates": [1, 2]}, "one GeoJSON feature"),
        ({}, "one GeoJSON feature"),
        (feature([]), "properties has to be an object"),
        (feature({}), "name is required"),
        (feature({"name": "x"}), "kind is required"),
        (feature({"name": None, "kind": "shop"}), "name is required"),
        (feature({"name": " ", "kind": "shop"}), "name can't be blank"),
        (feature({"name": "x", "kind": "castle"}), "kind can't be 'castle'"),
        (feature({"name": "x", "kind": ["shop"]}), "kind has to be a string"),
        (feature({"name": 5, "kind": "shop"}), "name has to be a string, not 5"),
        (feature({"name": "x", "kind": "shop", "nothing": 1}), "no property 'nothing'"),
        (feature({"name": "x", "kind": "shop", "town_id": 2}), "no property 'town_id'"),
        (feature({"name": "x", "kind": "shop", "cell": 2}), "no property 'cell'"),
        (feature({"name": "x", "kind": "shop", "building_id": 2}), "no property 'building_id'"),
        (feature({"name": "x", "kind": "shop", "inside": True}), "inside can't be written"),
        (feature({"name": "x", "kind": "shop", "updated": "2020-01-01"}), "updated can't be"),
        (feature(geometry=None), "geometry has to be a GeoJSON geometry of type Point"),
        (feature(geometry=[1, 2]), "of type Point"),
        (feature(geometry={"type": "Polygon", "coordinates": []}), "of type Point"),
        (feature(geometry={"type": "Point"}), "no GeoJSON"),
        (feature(geometry={"type": "Point", "coordinates": [1]}), "no GeoJSON"),
        (feature(geometry={"type": "Point", "coordinates": ["1", 2]}), "no GeoJSON"),
        (feature(geometry={"type": "Point", "coordinates": [None, 2]}), "no GeoJSON"),
        (feature(geometry={"type": "Point", "coordinates": []}), "empty"),
        (feature(geometry={"type": "Point", "coordinates": [29, 120]}), "outside the world"),
        (feature(geometry={"type": "Point", "coordinates": [1e300, 0]}), "outside the world"),
        (feature(place=POINT), "place is not read"),
        (feature(crs={"type": "name", "properties": {"name": "EPSG:3857"}}), "Content-Crs"),
        (feature(crs="EPSG:3857"), "Content-Crs"),
    ],
    ids=lambda value: str(value)[:90],
)
@pytest.mark.parametrize("read", [read_new, read_replacement])
def test_what_is_no_feature_of_the_layer_is_refused_in_words(read, body, said):
    only_new = {"inside", "updated"} & set(body.get("properties") or {})
    if read is read_replacement and only_new:
        # A client sends back what it was given.
        assert not only_new & set(read(PREMISES, EDITOR, body, CRS84).values)
        return
    with pytest.raises(InputError, match=said):
        read(PREMISES, EDITOR, body, CRS84)


def test_a_new_feature_takes_defaults_where_it_says_nothing():
    body = feature({"name": "x", "kind": "shop", "address": None, "inside": None, "key": None})
    body |= {"id": 7, "bbox": [0, 0, 1, 1], "links": [], "place": None}
    body["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert read_new(PREMISES, EDITOR, body, CRS84).values == {"name": "x", "kind": "shop"}


def test_a_replacement_unsets_what_it_does_not_say():
    change = read_replacement(PREMISES, EDITOR, feature(), CRS84)
    assert change.values == {
        "name": "店", "kind": "shop", "address": None, "entrance": None, "floor": None, "key": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("patch", "values"),
    [
        ({}, {}),
        ({"properties": {}}, {}),
        ({"properties": {"address": None}}, {"address": None}),
        ({"type": "Feature", "id": 7, "properties": {"name": "新"}}, {"name": "新"}),
        ({"id": "7"}, {}),
        ({"unknown": 1, "links": None}, {}),
    ],
)
def test_a_patch_says_what_changes(patch, values):
    change = read_patch(PREMISES, EDITOR, patch, CRS84, feature_id=7)
    assert change.values == values
    assert change.shape is None


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"id": 8}, "id can't be changed"),
        ({"id": None}, "id can't be changed"),
        ({"type": None}, "one GeoJSON feature"),
        ({"properties": None}, "name is required"),
        ({"properties": 1}, "properties has to be an object"),
        ({"properties": {"name": None}}, "name is required"),
        ({"properties": {"updated": None}}, "updated can't be written"),
        ({"properties": {"cell": 1}}, "no property 'cell'"),
        ({"geometry": None}, "of type Point"),
        ({"geometry": {"coordinates": [29, 120]}}, "outside the world"),
        ({"geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}, "of type Point"),
    ],
)
def test_a_patch_that_leaves_no_feature_is_refused_in_words(patch, said):
    with pytest.raises(InputError, match=said):
        read_patch(PREMISES, EDITOR, patch, CRS84, feature_id=7)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2, word by word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
LON_LAT = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(
                st.sampled_from(["address", "floor", "key"]), st.none() | TEXTS
            ),
            "geometry": st.builds(lambda place: {"coordinates": list(place)}, LON_LAT),
            "links": st.none(),
        },
    )
)
def test_a_patch_is_a_json_merge_patch(patch):
    before = feature({"name": "店", "kind": "shop", "address": "a", "floor": "1", "key": "k"})
    change = read_patch(PREMISES, EDITOR, patch, CRS84, feature_id=7)
    expected = merged(before, patch)
    values = before["properties"] | change.values
    assert {name: each for name, each in values.items() if each is not None} == (
        expected["properties"]
    )
    if change.shape is not None:
        assert [change.shape.x, change.shape.y] == expected["geometry"]["coordinates"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "coordinates", "geometry", "properties", "name", "value", "id"]
            )
            | TEXTS,
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON)
def test_whatever_comes_is_read_or_refused(document, properties, geometry):
    for body in (feature(properties, geometry), {"properties": document, "geometry": geometry}):
        with suppress(InputError):
            read_new(SENSORS, EDITOR, parse_object(json.dumps(body).encode()), CRS84)
        with suppress(InputError):
            read_patch(SENSORS, EDITOR, body, CRS84, feature_id=1)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("value", "5", "value has to be a number, not '5'"),
        ("value", True, "value has to be a number, not True"),
        ("last_seen", "yesterday", "last_seen has to be a RFC 3339 date-time"),
        ("last_seen", 5, "last_seen has to be a RFC 3339 date-time"),
        ("last_seen", "2026-13-01T00:00:00Z", "last_seen has to be"),
        ("status", "broken", "status can't be 'broken'"),
        ("bearing_deg", {}, "bearing_deg has to be a number"),
    ],
)
def test_values_are_of_their_type(name, value, said):
    with pytest.raises(InputError, match=said):
        read_new(SENSORS, EDITOR, feature({"name": "x", "kind": "air", name: value}), CRS84)


@pytest.mark.parametrize("srid", [4326, 4490, 4549, 3857])
def test_coordinates_come_in_the_stated_crs_and_its_axis_order(srid):
    from pyproj import Transformer  # noqa: PLC0415 - the reference of this test alone

    crs = find_crs(epsg_uri(srid), 4549)
    # PROJ without always_xy speaks the axis order of each definition.
    written = Transformer.from_crs(4326, srid).transform(29.05, 120.05)
    shape = read_shape(PREMISES, {"type": "Point", "coordinates": [*written, 12.5]}, crs)
    assert (shape.x, shape.y) == pytest.approx((120.05, 29.05), abs=1e-9)
    assert not shape.has_z


def test_beyond_a_projection_is_refused():
    crs = find_crs(epsg_uri(4549), 4549)
    with pytest.raises(InputError):
        read_shape(PREMISES, {"type": "Point", "coordinates": [1e12, 1e12]}, crs)


def test_shapes_of_other_layers():
    assert allowed_types(WATER) == (
        "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    )  # fmt: skip
    assert allowed_types(CATALOGUE.entry("buildings")) == ("Polygon", "MultiPolygon")
    crossing = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    with pytest.raises(InputError, match=r"Self-intersection\[0.5 0.5\]"):
        read_shape(WATER, crossing, CRS84)


def test_who_does_not_see_a_property_does_not_write_it():
    assert "key" in {each.name for each in editable_fields(PREMISES, EDITOR)}
    assert "key" not in {each.name for each in editable_fields(PREMISES, Role.OFFICER)}
    with pytest.raises(InputError, match="no property 'key'"):
        read_new(PREMISES, Role.OFFICER, feature({"name": "x", "kind": "shop", "key": "k"}), CRS84)
