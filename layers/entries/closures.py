"""What is closed or slow on the streets now: public, so that nobody drives into it."""

from __future__ import annotations

from layers.catalogue import Entry, Field, FieldType, Release, Text
from layers.entries.common import AS_SURVEYED, STAFF, updated
from layers.entries.ground import mode_names
from layers.roles import Role

CLOSURE_KINDS = {
    "closed": Text("封闭", "closed"),
    "slow": Text("缓行", "slow"),
}
CLOSURE_REASONS = {
    "works": Text("施工", "road works"),
    "accident": Text("事故", "accident"),
    "fire": Text("火灾", "fire"),
    "water": Text("积水", "flooding"),
    "event": Text("活动", "event"),
    "other": Text("其他", "other"),
}

CLOSURES = (
    Entry(
        id="closures",
        title=Text("封路与缓行", "Closures"),
        description=Text(
            "正在封闭或缓行的道路及起止时间", "Streets that are closed or slow now, and until when"
        ),
        geometry="LineString",
        release=Release.PUBLIC,
        precision=AS_SURVEYED,
        fields=(
            Field("kind", Text("类型", "kind"), codes=CLOSURE_KINDS),
            Field(
                "speed_share",
                Text("剩余车速比例", "share of the speed that is left"),
                FieldType.NUMBER,
            ),
            Field("reason", Text("原因", "reason"), codes=CLOSURE_REASONS),
            Field("names", Text("道路", "streets")),
            Field("modes", Text("受限方式", "who is bound"), expression=mode_names("modes")),
            Field("starts", Text("开始", "from"), FieldType.DATE_TIME),
            Field("ends", Text("结束", "until"), FieldType.DATE_TIME),
            Field("streets", Text("路段数", "number of streets"), FieldType.INTEGER),
            Field("length_m", Text("长度", "length"), FieldType.NUMBER, unit="m"),
            Field("note", Text("备注", "note"), readers=STAFF),
            Field(
                "author",
                Text("设置人", "set by"),
                readers=frozenset({Role.DISPATCHER, Role.ADMINISTRATOR}),
            ),
            updated(),
        ),
        source="routing.closure",
        relation="routing.closure",
        condition=(
            "closure.starts <= now() AND (closure.ends IS NULL OR closure.ends > now())"
            " AND closure.streets > 0"
        ),
        made_from="routing.street",
        moves_with_time=True,
    ),
)
