"""What neighbouring towns have said of themselves."""

from __future__ import annotations

from layers.catalogue import Entry, Field, Release, Rows, Text
from layers.codes import RESPONDER_MODES
from layers.entries.common import AS_SURVEYED, EDITABLE_NAME, EDITORS, INSIDE, key, updated
from layers.roles import Role

NEIGHBOURS = (
    Entry(
        id="neighbour-posts",
        title=Text("邻镇驻点", "Posts of neighbours"),
        description=Text(
            "邻近镇街可来支援的力量驻点和值班电话;本镇无人能在 3 分钟内到场时给出",
            "Where neighbouring towns have somebody who could come, and their duty desks; told "
            "where nobody of this town can be there within 3 minutes",
        ),
        geometry="Point",
        release=Release.INTERNAL,
        precision=AS_SURVEYED,
        fields=(
            Field("neighbour", Text("邻镇", "neighbour"), editable=True, required=True),
            EDITABLE_NAME,
            Field("desk_phone", Text("值班电话", "phone of the duty desk"), editable=True),
            Field("mode", Text("出行方式", "mode"), codes=RESPONDER_MODES, editable=True),
            INSIDE,
            key(),
            updated(),
        ),
        source="layers.neighbour_post",
        relation="layers.neighbour_post",
        cell=True,
        editors=EDITORS,
        readers={
            Role.DISPATCHER: Rows.ALL,
            Role.GIS_EDITOR: Rows.ALL,
            Role.ADMINISTRATOR: Rows.ALL,
            Role.SYSTEM: Rows.GRANTED,
        },
        min_zoom=9,
        visible=False,
    ),
)
