"""Queries for places of the demo town: written by hand, and made with slips of the finger."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from pypinyin import lazy_pinyin

from layers.gazetteer.places import Place

# What somebody types, and what the right place is called.
WRITTEN = (
    ("大成社区", "大成社区"),
    ("dcsq", "大成社区"),
    ("dachengshequ", "大成社区"),
    ("dacheng", "大成社区"),
    ("da cheng she qu", "大成社区"),
    ("大城社区", "大成社区"),
    ("大成社", "大成社区"),
    ("佛堂镇大成社区", "大成社区"),
    ("dcshequ", "大成社区"),
    ("zhouxuhu", "舟墟湖村"),
    ("zxhc", "舟墟湖村"),
    ("州墟湖村", "舟墟湖村"),
    ("剡溪", "剡溪村"),
    ("shanxicun", "剡溪村"),
    ("yanxicun", "剡溪村"),
    ("云黄居委会", "云黄社区"),
    ("芦塘下", "芦塘下村"),
    ("卢塘下村", "芦塘下村"),
    ("Dashi Community", "大士社区"),
    ("大成诊所", "大成社区卫生服务站"),
    ("佛堂大成 诊所", "大成社区卫生服务站"),
    ("钟村小学", "钟村小学"),
    ("zcxx", "钟村小学"),
    ("钟村小雪", "钟村小学"),
    ("楼村养老中心", "楼村居家养老中心"),
    ("楼村养老院", "楼村居家养老中心"),
    ("光明村礼堂", "光明村文化礼堂"),
    ("稽亭 礼堂", "稽亭村文化礼堂"),
    ("礼堂 稽亭", "稽亭村文化礼堂"),
    ("bmfwzx 舟墟湖", "舟墟湖村便民服务中心"),
    ("吴溪庚寅水果店", "吴溪庚寅水果店"),
    ("吴溪庚寅水果", "吴溪庚寅水果店"),
    ("吴溪庚银水果店", "吴溪庚寅水果店"),
    ("吴溪庚庚寅水果店", "吴溪庚寅水果店"),
    ("wxgysgd", "吴溪庚寅水果店"),
    ("wuxigengyinshuiguodian", "吴溪庚寅水果店"),
    ("wuxigengyinshuigoudian", "吴溪庚寅水果店"),
    ("吴溪gengyin水果", "吴溪庚寅水果店"),
    ("新店壬午文具", "新店壬午文具有限公司"),
    ("xdrwwjyxgs", "新店壬午文具有限公司"),
    ("桥西丁亥拉练厂", "桥西丁亥拉链厂"),
    ("晓联丙午豆腐", "晓联丙午豆腐坊"),
    ("寺前街甲戌化装品有限公司", "寺前街甲戌化妆品有限公司"),
    ("江北社区711号的宾馆", "江北丁卯宾馆"),
    ("大成社区12号", "大成社区12号"),
    ("大成12号", "大成社区12号"),
    ("大成社区十二号", "大成社区12号"),
    ("大成社区１２号", "大成社区12号"),
    ("dcsq12h", "大成社区12号"),
    ("稽亭村一百二十号", "稽亭村120号"),
    ("我在稽亭村120号", "稽亭村120号"),
    ("稽亭120", "稽亭村120号"),
    ("丹溪路与大成路交叉口", "丹溪路与大成路交叉口"),
    ("大成路与丹溪路交叉口", "丹溪路与大成路交叉口"),
    ("大成路丹溪路", "丹溪路与大成路交叉口"),
    ("大成路和丹溪路的路口", "丹溪路与大成路交叉口"),
    ("丹溪路、大成路", "丹溪路与大成路交叉口"),
    ("丹溪路/迎宾路路口", "丹溪路与迎宾路交叉口"),
    ("danxilu dachenglu", "丹溪路与大成路交叉口"),
    ("义南东路跟创新路那个十字路口", "义南东路与创新路交叉口"),
    ("丹溪北路朝阳北路红绿灯", "丹溪北路与朝阳北路交叉口"),
    ("丹溪西路康庄路口", "丹溪西路与康庄路交叉口"),
    ("灯杆1500", "清溪南路01500号灯杆"),
    ("01500号灯杆", "清溪南路01500号灯杆"),
    ("1500号路灯", "清溪南路01500号灯杆"),
    ("清溪南路1500号灯杆", "清溪南路01500号灯杆"),
    ("电线杆号 2000", "站前西路02000号灯杆"),
    ("dg777", "康庄南路00777号灯杆"),
    ("演示花苑2幢1单元", "演示花苑2幢1单元"),
    ("演示花苑2栋1单元", "演示花苑2幢1单元"),
    ("花苑二号楼一单元", "演示花苑2幢1单元"),
    ("花苑2-1", "演示花苑2幢1单元"),
    ("演示花苑2幢1单元601室", "演示花苑2幢1单元"),
    ("yshy1z", "演示花苑1幢"),
    ("演示公寓", "演示公寓1幢"),
    ("大成社区第一网格", "大成社区第1网格"),
    ("大成路", "大成路"),
    ("大城路", "大成路"),
    ("dcl", "大成路"),
    ("大成十二路", "大成十二路"),
    ("大成12路", "大成十二路"),
    ("摄像头0012", "高空摄像头0012"),
    ("12号探头", "高空摄像头0012"),
    ("演示江", "演示江"),
)

_KINDS = {
    "premises": 30, "address": 12, "crossing": 10, "street": 12, "village": 10, "building": 10,
    "lamp-post": 8, "grid": 4, "sensor": 2, "entrance": 2,
}  # fmt: skip
_ANY = "大小上下东西南北中山水木火土金王李张陈林江河溪田村店厂"
_SOUND_ALIKE = {
    "大": "达", "成": "城", "社": "设", "区": "曲", "村": "邨", "路": "陆", "街": "阶", "巷": "向",
    "店": "电", "厂": "场", "公": "工", "司": "丝", "堂": "塘", "阳": "杨", "江": "姜", "溪": "西",
    "山": "杉", "水": "税", "小": "晓", "学": "穴", "中": "钟", "心": "新", "服": "福", "号": "浩",
}  # fmt: skip

Slip = Callable[[random.Random, str], str]


def _place_for(chance: random.Random, text: str) -> int:
    """Where a slip may happen: never in a number, which nobody could guess."""
    numerals = "0123456789零一二三四五六七八九十百"
    return chance.choice([i for i, character in enumerate(text) if character not in numerals])


def _wrong(chance: random.Random, text: str) -> str:
    at = _place_for(chance, text)
    return text[:at] + chance.choice(_ANY) + text[at + 1 :]


def _missing(chance: random.Random, text: str) -> str:
    at = _place_for(chance, text)
    return text[:at] + text[at + 1 :]


def _doubled(chance: random.Random, text: str) -> str:
    at = _place_for(chance, text)
    return text[:at] + text[at] + text[at:]


def _homophone(chance: random.Random, text: str) -> str:
    found = [i for i, character in enumerate(text) if character in _SOUND_ALIKE]
    if not found:
        return text
    at = chance.choice(found)
    return text[:at] + _SOUND_ALIKE[text[at]] + text[at + 1 :]


def _pinyin(_chance: random.Random, text: str) -> str:
    return "".join(lazy_pinyin(text))


def _initials(_chance: random.Random, text: str) -> str:
    return "".join(said if said.isdigit() else said[0] for said in lazy_pinyin(text))


def _pinyin_slip(chance: random.Random, text: str) -> str:
    said = _pinyin(chance, text)
    at = chance.choice([i for i, letter in enumerate(said) if i and letter.isalpha()])
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
    return said[:at] + chance.choice(["", said[at] * 2, letter]) + said[at + 1 :]


def _half(_chance: random.Random, text: str) -> str:
    middle = max(1, len(text) // 2)
    return text[:middle] + "".join(lazy_pinyin(text[middle:]))


SLIPS: tuple[Slip, ...] = (
    _wrong, _missing, _doubled, _homophone, _pinyin, _initials, _pinyin_slip, _half
)  # fmt: skip


def made_queries(places: Sequence[Place], seed: int, count: int) -> list[tuple[str, str]]:
    """`count` queries with a slip each, and what the right place is called."""
    chance = random.Random(seed)  # nothing is secret
    kinds: dict[str, list[Place]] = {kind: [] for kind in _KINDS}
    for place in places:
        if place.kind in kinds and len(place.label) > 2:
            kinds[place.kind].append(place)
    there = [kind for kind in _KINDS if kinds[kind]]
    chosen = chance.choices(there, [_KINDS[kind] for kind in there], k=count)
    labels = [chance.choice(kinds[kind]).label for kind in chosen]
    return [(chance.choice(SLIPS)(chance, label), label) for label in labels]
