"""Fields and texts that several entries share."""

from __future__ import annotations

from layers.catalogue import Field, FieldType, Text

NAME = Field("name", Text("名称", "name"))
NAME_EN = Field("name_en", Text("英文名称", "English name"))
CODE = Field("code", Text("编码", "code"))
INSIDE = Field("inside", Text("在镇域内", "inside the outline"), FieldType.BOOLEAN)
ADDRESS = Field("address", Text("地址", "address"))
DEPARTMENT = Field("department", Text("部门", "department"))
AS_SURVEYED = Text("按来源精度", "as exact as its source")
