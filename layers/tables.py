"""The things on the map: premises, buildings, sensors, responders, incidents, and the ground."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from spatial.tables import batch_id, metadata, town_id, updated

SCHEMA = "layers"


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def _geom(kind: str, *, nullable: bool = False) -> Column[Any]:
    return Column("geom", Geometry(kind, 4326, spatial_index=False), nullable=nullable)


def _key() -> Column[str]:
    return Column("key", Text, nullable=False, comment="identity in the source: --key, or a hash")


def _inside() -> Column[bool]:
    return Column("inside", Boolean, nullable=False, comment="lies in the town's outline")


def _cell() -> Column[int]:
    return Column("cell", BigInteger, comment="H3 cell at resolution 11")


department = Table(
    "department",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    schema=SCHEMA,
)

category = Table(
    "category",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("department", Text, ForeignKey("layers.department.code")),
    schema=SCHEMA,
)

building = Table(
    "building",
    metadata,
    _id(),
    town_id(),
    _key(),
    Column("name", Text),
    Column("use", Text, comment="residential, commercial, industrial, public, other"),
    Column("floors", SmallInteger),
    Column("height_m", Float),
    Column("address", Text),
    Column("households", Integer, comment="an aggregate; in no public layer"),
    _geom("MULTIPOLYGON"),
    _inside(),
    batch_id(),
    updated(),
    UniqueConstraint("town_id", "key"),
    CheckConstraint("households >= 0", name="households"),
    schema=SCHEMA,
)
Index("building_geom_idx", building.c.geom, postgresql_using="gist")

rental_room = Table(
    "rental_room",
    metadata,
    _id(),
    town_id(),
    _key(),
    Column("building_id", BigInteger, ForeignKey("layers.building.id"), nullable=False),
    Column("floor", SmallInteger, nullable=False),
    Column("room", Text, nullable=False),
    batch_id(),
    Column("entrance", Text, comment="单元"),
    UniqueConstraint("town_id", "key"),
    schema=SCHEMA,
    comment="居住出租房: personal; no layer publishes it",
)
# Usage: the rooms of a building, counts per grid.
Index("rental_room_building_id_idx", rental_room.c.building_id)

premises = Table(
    "premises",
    metadata,
    _id(),
    town_id(),
    _key(),
    Column("kind", Text, nullable=False, comment="firm, workshop, shop, school, ... "),
    Column("name", Text, nullable=False),
    Column("address", Text),
    Column("floor", Text),
    Column("building_id", BigInteger, ForeignKey("layers.building.id")),
    _geom("POINT"),
    _cell(),
    _inside(),
    batch_id(nullable=True),
    updated(),
    Column("entrance", Text, comment="单元"),
    UniqueConstraint("town_id", "key"),
    schema=SCHEMA,
)
Index("premises_geom_idx", premises.c.geom, postgresql_using="gist")

sensor = Table(
    "sensor",
    metadata,
    _id(),
    town_id(),
    _key(),
    Column("kind", Text, nullable=False, comment="camera, smoke, water, air, ..."),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="unknown"),
    Column("last_seen", DateTime(timezone=True)),
    Column("value", Float, comment="the latest reading"),
    Column("unit", Text, comment="UCUM unit of the reading"),
    Column("bearing_deg", Float, comment="where a camera looks, from north clockwise"),
    Column("field_of_view", Geometry("POLYGON", 4326, spatial_index=False)),
    _geom("POINT"),
    _cell(),
    _inside(),
    batch_id(nullable=True),
    updated(),
    UniqueConstraint("town_id", "key"),
    schema=SCHEMA,
)
Index("sensor_geom_idx", sensor.c.geom, postgresql_using="gist")
# Usage: which cameras see this point; the fields-of-view layer.
Index("sensor_field_of_view_idx", sensor.c.field_of_view, postgresql_using="gist")

responder = Table(
    "responder",
    metadata,
    _id(),
    town_id(),
    _key(),
    Column("label", Text, nullable=False, comment="call sign; never a person's name"),
    Column("department", Text, ForeignKey("layers.department.code")),
    Column("mode", Text, nullable=False, server_default="car"),
    Column("on_duty", Boolean, nullable=False, server_default="true"),
    Column("fix_at", DateTime(timezone=True)),
    Column("accuracy_m", Float),
    _geom("POINT"),
    _cell(),
    _inside(),
    batch_id(nullable=True),
    updated(),
    Column("team", Text),
    Column("skills", ARRAY(Text), nullable=False, server_default="{}", comment="layers.skill"),
    Column("skill_list", Text, comment="the same with commas, for clients that know no arrays"),
    Column("duty_since", DateTime(timezone=True)),
    Column("break_until", DateTime(timezone=True), comment="on duty, but not to be sent before"),
    Column("speed_mps", Float),
    Column("bearing_deg", Float, comment="where it moves, from north clockwise"),
    Column("street_id", BigInteger, comment="the street that the last fix was matched to"),
    Column("fraction", Float, comment="share of that street's geometry, 0 to 1"),
    Column("forward", Boolean, comment="moves along the geometry; NULL: not known"),
    Column(
        "received_at",
        DateTime(timezone=True),
        comment="by the database's clock, when a device last told where; NULL: none has",
    ),
    UniqueConstraint("town_id", "key"),
    CheckConstraint("mode IN ('foot', 'ebike', 'car', 'emergency')", name="mode"),
    schema=SCHEMA,
    # Moved every second and few: no index on what a fix changes, and room beside each row, so that
    # a move rewrites its page and nothing else.
    postgresql_with={"fillfactor": 50},
)

incident = Table(
    "incident",
    metadata,
    _id(),
    town_id(),
    _key(),
    Column("category", Text, ForeignKey("layers.category.code"), nullable=False),
    Column("state", Text, nullable=False, server_default="closed"),
    Column("source", Text, comment="12345, 110, grid_member, iot, video, ..."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("cell", BigInteger, nullable=False, comment="H3 cell at resolution 11"),
    Column("grid_version_id", BigInteger, ForeignKey("grids.version.id")),
    Column("premises_id", BigInteger, ForeignKey("layers.premises.id")),
    _geom("POINT"),
    _inside(),
    batch_id(nullable=True),
    updated(),
    Column(
        "share_version_id",
        BigInteger,
        ForeignKey("grids.share_version.id", ondelete="SET NULL"),
        comment="the micro-grid of a high-rise that it is in, if any",
    ),
    Column("number", Text, comment="E, day, six digits; NULL: imported"),
    Column("title", Text),
    Column("severity", SmallInteger, nullable=False, server_default="3", comment="1 to 4"),
    Column("reported_at", DateTime(timezone=True)),
    Column("place_source", Text, comment="what said where it is: the report, a premises, ..."),
    Column("place_accuracy_m", Float),
    Column(
        "department",
        Text,
        ForeignKey("layers.department.code"),
        comment="that leads; NULL: its category's",
    ),
    Column("revision", Integer, nullable=False, server_default="0", comment="events so far"),
    Column("merged_into", BigInteger, ForeignKey("layers.incident.id")),
    UniqueConstraint("town_id", "key"),
    UniqueConstraint("town_id", "number"),
    CheckConstraint("severity BETWEEN 1 AND 4", name="severity"),
    CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged"),
    CheckConstraint(
        "state IN ('open', 'reported', 'triage', 'dispatched', 'handling', 'suspended', 'handled',"
        " 'verifying', 'reopened', 'closed', 'merged', 'rejected', 'cancelled')",
        name="state",
    ),
    schema=SCHEMA,
)
Index("incident_geom_idx", incident.c.geom, postgresql_using="gist")
# Usage: drilling into one cell's descendants, a contiguous range; counts per cell and window.
Index("incident_town_id_cell_idx", incident.c.town_id, incident.c.cell)
# Usage: the incidents of a grid's version, when that is changed or deleted.
Index("incident_grid_version_id_idx", incident.c.grid_version_id)
# Usage: likewise of the micro-grids of high-rises.
Index("incident_share_version_id_idx", incident.c.share_version_id)
# Usage: what the town is busy with.
Index(
    "incident_open_idx",
    incident.c.town_id,
    incident.c.occurred_at,
    postgresql_where=text("state NOT IN ('closed', 'merged', 'rejected', 'cancelled')"),
)
# Usage: datetime= on the incidents layer; the window of a hotspot map.
Index("incident_occurred_at_idx", incident.c.occurred_at)

hotspot = Table(
    "hotspot",
    metadata,
    _id(),
    town_id(),
    Column("cell", BigInteger, nullable=False),
    Column("resolution", SmallInteger, nullable=False),
    Column("category", Text, nullable=False, comment="a category's code, or 'all'"),
    Column("from_date", Date, nullable=False),
    Column("to_date", Date, nullable=False, comment="the day after the last one counted"),
    Column("count", Integer, nullable=False),
    Column("neighbourhood_count", Integer, nullable=False, comment="the cell and its ring"),
    Column("z", Float, nullable=False),
    Column("p", Float, nullable=False),
    Column("class", Text, nullable=False, comment="hot_99, hot_95, hot_90, not_significant, ..."),
    _geom("POLYGON"),
    updated(),
    UniqueConstraint("town_id", "category", "cell"),
    schema=SCHEMA,
    comment="the published heat map, replaced as a whole when it is recomputed",
)
Index("hotspot_geom_idx", hotspot.c.geom, postgresql_using="gist")

water = Table(
    "water",
    metadata,
    _id(),
    town_id(),
    Column("kind", Text, nullable=False, comment="river, stream, canal, lake, pond, ..."),
    Column("name", Text),
    _geom("GEOMETRY"),
    batch_id(),
    updated(),
    schema=SCHEMA,
)
Index("water_geom_idx", water.c.geom, postgresql_using="gist")

place = Table(
    "place",
    metadata,
    _id(),
    town_id(),
    Column("kind", Text, nullable=False, comment="OSM place value"),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    _geom("POINT"),
    _cell(),
    batch_id(),
    updated(),
    schema=SCHEMA,
)
Index("place_geom_idx", place.c.geom, postgresql_using="gist")

row_before = Table(
    "row_before",
    metadata,
    Column("batch_id", BigInteger, ForeignKey("spatial.batch.id"), primary_key=True),
    Column("layer", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("row", Text, nullable=False, comment="the row as JSON before the batch changed it"),
    schema=SCHEMA,
    comment="what `import undo` puts back",
)
