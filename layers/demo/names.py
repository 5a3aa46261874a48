"""Invented names for streets and premises. No name of a person, and none of a real firm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from layers.demo.frame import Geometries, Ints

_ROAD_WORDS = (
    "朝阳建设振兴康庄大成双林稠江义南清溪云黄画溪永安和平文昌丹溪迎宾望江环城站前工业创新富民"
)
_NUMERALS = "零一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
FIRM_TYPES = (
    "针织厂", "服饰有限公司", "饰品有限公司", "塑料制品厂", "五金制品厂", "木雕工艺厂",
    "印刷包装厂", "拉链厂", "玩具厂", "化妆品有限公司", "文具有限公司", "箱包厂",
    "日用品厂", "纺织有限公司",
)  # fmt: skip
WORKSHOP_TYPES = (
    "来料加工点", "缝纫加工点", "红糖加工坊", "木制品加工点", "注塑加工点", "包装加工点",
    "年糕加工坊", "绣花加工点", "饰品加工点", "豆腐坊",
)  # fmt: skip
SHOP_TYPES = (
    "小吃店", "便利店", "面馆", "水果店", "理发店", "五金店", "药房", "服装店", "烟酒店",
    "快餐店", "奶茶店", "手机店", "早餐店", "电动车行", "文具店", "宾馆", "火锅店",
    "蔬菜店", "洗衣店", "快递驿站",
)  # fmt: skip


def chinese_number(number: int) -> str:
    """1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("" if tens == 1 else _NUMERALS[tens]) + "十"
    return head + (_NUMERALS[ones] if ones or not tens else "")


def road_names(chance: Generator, count: int) -> list[str]:
    """`count` different names of main roads."""
    words = [_ROAD_WORDS[i : i + 2] for i in range(0, len(_ROAD_WORDS) - 1, 2)]
    suffixes = ("路", "北路", "南路", "东路", "西路")
    bare = [f"{word}{suffix}" for suffix in suffixes for word in words]
    order = chance.permutation(len(bare))
    return [bare[order[i % len(bare)]] for i in range(count)]


@dataclass(frozen=True)
class LanePlace:
    """Where a lane is: its settlement's short name, and its place in the lattice."""

    stem: str
    town: bool
    along: bool
    number: int


def lane_name(place: LanePlace) -> str:
    """街 and 路 in town, 巷 and 弄 in villages, numbered from one side to the other."""
    suffix = ("街" if place.along else "路") if place.town else ("巷" if place.along else "弄")
    return f"{place.stem}{chinese_number(place.number % 99 + 1)}{suffix}"


def premises_names(chance: Generator, stems: Geometries, types: tuple[str, ...]) -> list[str]:
    """Village, a name from the sexagenary cycle, and a trade: 稽亭甲辰针织厂."""
    cycle = chance.integers(0, 60, len(stems))
    trade: Ints = chance.integers(0, len(types), len(stems))
    return [
        f"{stem}{_STEMS[c % 10]}{_BRANCHES[c % 12]}{types[t]}"
        for stem, c, t in zip(stems.tolist(), cycle.tolist(), trade.tolist(), strict=True)
    ]


def stem_of(name: str) -> str:
    """A village's or community's name without 村 or 社区."""
    stem = name.removesuffix("社区")
    return stem.removesuffix("村") if len(stem) > 2 else stem


def stems_of(names: list[str]) -> Geometries:
    """The stems of many names."""
    return np.array([stem_of(name) for name in names], dtype=object)
