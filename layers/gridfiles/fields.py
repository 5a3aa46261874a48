"""What stands in a file of units: its layers and fields, with their meaning in words."""

from __future__ import annotations

from layers.catalogue import Text
from layers.codes import UNIT_KINDS
from layers.gridfiles.share_rows import SHARE_FIELDS, SHARES_LAYER, SHARES_TITLE

# Short enough for the ten characters of a .dbf, so that every format has the same names.
FIELDS = {
    "code": Text("编码", "code"),
    "name": Text("名称", "name"),
    "name_en": Text("英文名称", "English name"),
    "level": Text(
        "层级：town、villages、grids、micro-grids", "town, villages, grids or micro-grids"
    ),
    "parent": Text("上级编码", "code of the unit above"),
    "kind": Text(
        "类型：" + "、".join(f"{code} {title.zh}" for code, title in UNIT_KINDS.items()),
        ", ".join(UNIT_KINDS),
    ),
    "valid_from": Text("生效时间（ISO 8601）", "since when it holds (ISO 8601)"),
}
# What others call the code, in attributes of blocks too.
CODE_NAMES = (
    "编码", "代码", "编号", "网格编码", "网格编号", "网格代码", "微网格编码", "微网格编号",
    "grid_code", "行政区划代码", "区划代码", "xzqdm", "adcode",
)  # fmt: skip
LEVEL_TITLES = {
    1: Text("镇域", "town"),
    2: Text("村社", "villages"),
    3: Text("网格", "grids"),
    4: Text("微网格", "micro-grids"),
}


def explanation(crs_label: str) -> str:
    """The fields and the CRS, for somebody who has only the files."""
    lines = [
        "字段说明 / What the fields mean",
        "",
        *(f"{name:<12}{text.zh} / {text.en}" for name, text in FIELDS.items()),
        "",
        f"{SHARES_TITLE.zh} {SHARES_LAYER}（如有）/ {SHARES_TITLE.en}, if there are any",
        "",
        *(f"{name:<12}{text.zh} / {text.en}" for name, text in SHARE_FIELDS.items()),
        "",
        "Shapefile 字段名最长 10 个字符，以上各名均未截断；文字编码 UTF-8（.cpg）。",
        "Field names in a Shapefile have at most 10 characters; none above is cut.",
        "Texts are UTF-8 (.cpg).",
        "",
        f"坐标系 / CRS: {crs_label}",
    ]
    return "\n".join(lines) + "\n"
