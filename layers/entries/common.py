"""Fields, texts and groups of roles that several entries share."""

from __future__ import annotations

from layers.catalogue import Field, FieldType, Text
from layers.roles import Role

NAME = Field("name", Text("名称", "name"))
EDITABLE_NAME = Field("name", Text("名称", "name"), editable=True, required=True)
NAME_EN = Field("name_en", Text("英文名称", "English name"))
CODE = Field("code", Text("编码", "code"))
INSIDE = Field("inside", Text("在镇域内", "inside the outline"), FieldType.BOOLEAN)
ADDRESS = Field("address", Text("地址", "address"))
DEPARTMENT = Field("department", Text("部门", "department"))
# SQL beside spatial.town: the moment that the map of versions shows.
MOMENT = "coalesce((SELECT layers.asked_moment()), town.as_of, now())"
AS_SURVEYED = Text("按来源精度", "as exact as its source")

EDITORS = frozenset({Role.GIS_EDITOR, Role.ADMINISTRATOR})
STAFF = frozenset({
    Role.GRID_MEMBER, Role.OFFICER, Role.DISPATCHER, Role.GIS_EDITOR, Role.PLANNER,
    Role.ADMINISTRATOR,
})  # fmt: skip


def updated(expression: str | None = None) -> Field:
    """When the row was last changed; every layer has it, so that a copy can be kept up to date."""
    title = Text("更新时间", "updated at")
    return Field("updated", title, FieldType.DATE_TIME, expression=expression)


def key() -> Field:
    """The identity in the source, for those who keep the data."""
    return Field("key", Text("来源编号", "identity in the source"), readers=EDITORS, editable=True)
