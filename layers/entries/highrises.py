"""Micro-grids of high-rises, which share a polygon: features of their own beside `micro-grids`.

They are no part of that layer, whose polygons tile the town: each of its features is drawn, edited
and written back by itself.
"""

from __future__ import annotations

from layers.catalogue import Entry, Field, FieldType, Release, Text
from layers.entries.common import CODE, MOMENT, NAME, STAFF, updated

# Of each part one piece, in the same order in the three texts; households of each building once.
_PLACE = """
    SELECT string_agg(coalesce(building.name, building.address, '#' || (part ->> 'building')), '; '
                      ORDER BY position) AS building,
           string_agg(coalesce(
               (SELECT string_agg(name, ',' ORDER BY place)
                FROM jsonb_array_elements_text(nullif(part -> 'entrances', 'null'))
                    WITH ORDINALITY AS entrance (name, place)), '*'
           ), '; ' ORDER BY position) AS entrances,
           string_agg(coalesce((part #>> '{floors,0}') || '-' || (part #>> '{floors,1}'), '*'), '; '
                      ORDER BY position) AS floors,
           round(sum(building.households * grids.portion_of_building(
               version.shares, share.code, building.id, building.floors
           )) FILTER (WHERE NOT EXISTS (
               SELECT FROM jsonb_array_elements(share_version.parts)
                   WITH ORDINALITY AS earlier (part, position)
               WHERE earlier.part -> 'building' = shared.part -> 'building'
                 AND earlier.position < shared.position
           ))::numeric, 1) AS households
    FROM jsonb_array_elements(share_version.parts) WITH ORDINALITY AS shared (part, position)
    LEFT JOIN layers.building ON building.id = (part ->> 'building')::bigint
"""
HIGHRISES = (
    Entry(
        id="micro-grid-shares",
        title=Text("高层微网格", "Micro-grids of high-rises"),
        description=Text(
            "共用一个微网格多边形、按楼栋、单元、楼层划分的微网格",
            "Micro-grids that share a polygon, told apart by building, entrance and floor",
        ),
        geometry="Polygon",
        release=Release.PUBLIC,
        precision=Text("与所共用的微网格相同", "that of the micro-grid whose polygon is shared"),
        fields=(
            Field(CODE.name, CODE.title, expression="share.code"),
            Field(NAME.name, NAME.title, expression="share_version.name"),
            Field("building", Text("楼栋", "buildings"), expression="place.building"),
            Field(
                "entrances", Text("单元(* 全部)", "entrances (* all)"), expression="place.entrances"
            ),
            Field("floors", Text("楼层(* 全部)", "floors (* all)"), expression="place.floors"),
            Field(
                "households",
                Text("户数(按楼层分摊)", "households, by floors"),
                FieldType.NUMBER,
                unit="{household}",
                expression="place.households",
                readers=STAFF,
            ),
            Field("parent", Text("所属网格", "grid"), expression="parent.code"),
            Field(
                "polygon", Text("共用其多边形", "shares the polygon of"), expression="version.code"
            ),
            Field(
                "valid_from",
                Text("生效时间", "valid from"),
                FieldType.DATE_TIME,
                expression="lower(share_version.valid)",
            ),
            updated("share_version.updated"),
        ),
        source="grids.share_version",
        relation=f"""
            grids.share_version
            JOIN grids.share ON share.id = share_version.share_id
            JOIN grids.version ON version.id = share_version.version_id
            JOIN spatial.town ON town.id = share_version.town_id
            LEFT JOIN grids.version AS parent
                ON parent.unit_id = version.parent_id AND parent.valid @> {MOMENT}
            CROSS JOIN LATERAL ({_PLACE}) AS place
        """,
        condition=f"share_version.valid @> {MOMENT}",
        id_column="share.id",
        town_column="share_version.town_id",
        geometry_column="version.geom",
        made_from="grids.version",
        moves_with_time=True,
        keeps_versions=True,
        min_zoom=13,
        visible=False,
    ),
)  # fmt: skip
