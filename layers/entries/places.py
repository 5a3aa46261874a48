"""By what people tell where they are: lamp posts, and names that only people know."""

from __future__ import annotations

from layers.catalogue import Entry, Field, FieldType, Release, Rows, Text
from layers.entries.common import AS_SURVEYED, EDITORS, INSIDE, STAFF, key, updated
from layers.roles import Role

PLACES = (
    Entry(
        id="lamp-posts",
        title=Text("灯杆", "Lamp posts"),
        description=Text(
            "路灯杆及其编号,报警人可照杆上编号说明位置",
            "Lamp posts with the numbers on them, by which callers tell where they are",
        ),
        geometry="Point",
        release=Release.PUBLIC,
        precision=AS_SURVEYED,
        fields=(
            Field("number", Text("编号", "number"), editable=True, required=True),
            Field("street", Text("道路", "street"), editable=True),
            INSIDE,
            key(),
            updated(),
        ),
        source="layers.lamp_post",
        relation="layers.lamp_post",
        cell=True,
        editors=EDITORS,
        min_zoom=14,
        visible=False,
    ),
    Entry(
        id="place-aliases",
        title=Text("地名别称", "Aliases of places"),
        description=Text(
            "群众口中的地名别称,内部使用",
            "What people call places, for internal use",
        ),
        geometry="Point",
        release=Release.INTERNAL,
        precision=AS_SURVEYED,
        fields=(
            Field("name", Text("别称", "alias"), editable=True, required=True),
            Field("note", Text("说明", "note"), editable=True),
            Field(
                "added_by",
                Text("添加者账号", "account that added it"),
                FieldType.INTEGER,
                readers=EDITORS | {Role.DISPATCHER},
            ),
            INSIDE,
            key(),
            updated(),
        ),
        source="layers.place_alias",
        relation="layers.place_alias",
        cell=True,
        readers=dict.fromkeys(STAFF, Rows.ALL) | {Role.SYSTEM: Rows.GRANTED},
        editors=EDITORS | {Role.DISPATCHER},
        min_zoom=12,
        visible=False,
    ),
)
