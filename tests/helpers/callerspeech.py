"""How callers and hurried typists say places: kind by kind, with slips of their own.

Independent of `placequeries`: other slips, and each kind is counted apart.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from pypinyin import lazy_pinyin

from layers.gazetteer.places import Place

Slip = Callable[[random.Random, str], str]
# What is asked, and what the right place is called.
type Asked = tuple[str, str]

_NUMERALS = "0123456789零一二三四五六七八九十百"
# The 3,755 characters in common use, by their places in GB 2312.
_COMMON = [
    bytes([row, column]).decode("gb2312")
    for row in range(0xB0, 0xD8)
    for column in range(0xA1, 0xFF)
    if (row, column) < (0xD7, 0xFA)
]
_SAID: dict[str, list[str]] = {}
for _character in _COMMON:
    _SAID.setdefault(lazy_pinyin(_character)[0], []).append(_character)
_SUFFIXES = (
    "有限公司",
    "加工点",
    "社区",
    "村",
    "路",
    "街",
    "巷",
    "弄",
    "店",
    "厂",
    "行",
    "馆",
    "坊",
)


def _spots(text: str) -> list[int]:
    """Where a slip may happen: never in a number, which nobody could guess."""
    return [i for i, character in enumerate(text) if character not in _NUMERALS]


def _wrong(chance: random.Random, text: str) -> str:
    at = chance.choice(_spots(text))
    return text[:at] + chance.choice(_COMMON) + text[at + 1 :]


def _missing(chance: random.Random, text: str) -> str:
    at = chance.choice(_spots(text))
    return text[:at] + text[at + 1 :]


def _doubled(chance: random.Random, text: str) -> str:
    at = chance.choice(_spots(text))
    return text[: at + 1] + text[at:]


def _swapped(chance: random.Random, text: str) -> str:
    spots = _spots(text)
    pairs = [i for i in spots if i + 1 in spots and text[i] != text[i + 1]]
    if not pairs:
        return text
    at = chance.choice(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _homophone(chance: random.Random, text: str) -> str:
    """A character of the same sound, or two."""
    for at in chance.sample(_spots(text), k=min(len(_spots(text)), chance.choice([1, 1, 2]))):
        alike = _SAID.get(lazy_pinyin(text[at])[0], [text[at]])
        text = text[:at] + chance.choice(alike) + text[at + 1 :]
    return text


def _syllables(text: str) -> list[str]:
    return [each for said in map(lazy_pinyin, text) for each in said]


def _pinyin(_chance: random.Random, text: str) -> str:
    return "".join(_syllables(text))


def _pinyin_apart(_chance: random.Random, text: str) -> str:
    return re.sub(r"(?<=\d) (?=\d)", "", " ".join(_syllables(text)))


def _pinyin_slip(chance: random.Random, text: str) -> str:
    said = _pinyin(chance, text)
    at = chance.choice([i for i, letter in enumerate(said[:-1]) if i and letter.isalpha()])
    other = chance.choice("abcdefghijklmnopqrstuvwxyz")
    slips = [said[at + 1], said[at] * 2 + said[at + 1], other + said[at + 1]]
    if said[at + 1].isalpha():
        slips.append(said[at + 1] + said[at])
    return said[:at] + chance.choice(slips) + said[at + 2 :]


def _pinyin_southern(_chance: random.Random, text: str) -> str:
    """As those say it who tell neither zh from z nor -ng from -n."""
    said = _pinyin(_chance, text)
    for sound, same in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n")):
        said = said.replace(sound, same)
    return said


def _initials(_chance: random.Random, text: str) -> str:
    return "".join(said if said.isdigit() else said[0] for said in _syllables(text))


def _initials_partly(chance: random.Random, text: str) -> str:
    return "".join(
        said if said.isdigit() or chance.random() < 0.4 else said[0] for said in _syllables(text)
    )


def _mixed(chance: random.Random, text: str) -> str:
    """Some characters, some pinyin, some initials."""
    return "".join(
        each
        if each in _NUMERALS or chance.random() < 0.5
        else lazy_pinyin(each)[0][: chance.choice([1, 9])]
        for each in text
    )


def _without_suffix(_chance: random.Random, text: str) -> str:
    return next((text.removesuffix(each) for each in _SUFFIXES if text.endswith(each)), text)


_BEFORE = (
    "我在",
    "就在",
    "这里是",
    "你好我在",
    "喂,",
    "请问",
    "人在",
    "佛堂镇",
    "佛堂",
    "我们这边是",
)
_AFTER = (
    "旁边", "附近", "对面", "门口", "边上", "这里", "斜对面", "隔壁", "后面", "前面", "那边",
    "大门口",
    "的门口", "这边", "有人打架", "着火了", "附近有人摔倒了", "门口停了一辆车", "漏水",
)  # fmt: skip


def _spoken(chance: random.Random, text: str) -> str:
    before = chance.choice(["", *_BEFORE])
    return before + text + chance.choice(["", *_AFTER] if before else _AFTER)


def _spaced(chance: random.Random, text: str) -> str:
    spots = [at for at in range(1, len(text)) if not set(text[at - 1 : at + 1]) <= set(_NUMERALS)]
    at = chance.choice(spots)
    return text[:at] + chance.choice([" ", "  ", "　"]) + text[at:]


def _full_width(_chance: random.Random, text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if each.isdigit() else each for each in text)


def _in_numerals(chance: random.Random, text: str) -> str:
    digits = "".join(each for each in text if each.isdigit())
    plain = chance.random() < 0.3 and len(digits) > 2
    said = "".join("零一二三四五六七八九"[int(d)] for d in digits) if plain else _said(int(digits))
    return text.replace(digits, said)


def _said(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    names = "零一二三四五六七八九"
    text = f"{names[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else names[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (names[ones] if ones else "")


def _bare_address(chance: random.Random, text: str) -> str:
    """大成社区12号 as 大成12, 大成社区12, 大成12号, 佛堂大成12号."""
    short = text.replace("社区", "").replace("村", "") if len(text) > 4 else text
    return chance.choice([short, text.removesuffix("号"), short.removesuffix("号"), f"佛堂{short}"])


def _lamp_post(chance: random.Random, text: str) -> str:
    """清溪南路01500号灯杆 with or without street, zeros and the word."""
    street, number = text[:-8], text[-8:-3]
    bare = str(int(number))
    return chance.choice([
        number, f"灯杆{bare}", f"灯杆{number}", f"{bare}号灯杆", f"{bare}号路灯", f"路灯{bare}",
        f"{street}{bare}号灯杆", f"{street} {number}", f"{street}{bare}", f"灯杆号{number}",
        f"{bare}灯杆", f"{street}路灯{bare}", f"电线杆{number}", f"{street}的{bare}号路灯杆",
        f"dg{bare}", f"灯杆编号{number}", f"{bare}号电杆", f"灯杆{_full_width(chance, number)}",
    ])  # fmt: skip


def _crossing(chance: random.Random, text: str) -> str:
    streets = text.removesuffix("交叉口").split("与")
    if chance.random() < 0.5:
        streets.reverse()
    one, other = streets
    return chance.choice([
        f"{one}与{other}路口", f"{one}/{other}交叉口", f"{one} {other}", f"{one}{other}",
        f"{one}和{other}交叉口", f"{one}跟{other}", f"{one}、{other}路口", f"{one}{other}口",
        f"{one}{other}交叉口", f"{one}到{other}的路口", f"{one},{other}", f"{one}x{other}",
        f"{one}与{other}十字路口", f"{one}和{other}交界", f"{one}{other}红绿灯", f"{one}-{other}",
        f"{one}靠近{other}", f"{one}与{other}的交叉路口", f"{one}同{other}转角", f"{one}&{other}",
        f"{one}交{other}", f"{one}+{other}", f"{one}{other}十字路口", f"{one}近{other}",
    ])  # fmt: skip


def _crossing_slip(chance: random.Random, text: str) -> str:
    slip = chance.choice([_homophone, _wrong, _missing, _doubled, _pinyin, _initials])
    streets = text.removesuffix("交叉口").split("与")
    return chance.choice(["与", "和", " ", "/"]).join([slip(chance, streets[0]), streets[1]])


def _begun(chance: random.Random, text: str) -> str:
    """What is typed of it by now."""
    return text[: max(3, len(text) - chance.choice([1, 2]))]


_NAMES = ("village", "street", "building", "premises", "premises")
_ANY = (*_NAMES, "address", "crossing")
# Each kind of query, of which kinds of places it is made and how.
KINDS: dict[str, tuple[tuple[str, ...], Slip]] = {
    "wrong character": (_ANY, _wrong),
    "missing character": (_ANY, _missing),
    "doubled character": (_ANY, _doubled),
    "swapped characters": (_ANY, _swapped),
    "homophone": (_ANY, _homophone),
    "pinyin": (_ANY, _pinyin),
    "pinyin apart": (_ANY, _pinyin_apart),
    "pinyin with a slip": (_ANY, _pinyin_slip),
    "southern pinyin": (_ANY, _pinyin_southern),
    "initials": (_ANY, _initials),
    "initials partly": (_ANY, _initials_partly),
    "mixed": (_ANY, _mixed),
    "without suffix": (_NAMES, _without_suffix),
    "begun": (("building", "premises", "crossing"), _begun),
    "spoken": (_ANY, _spoken),
    "spaces": (_ANY, _spaced),
    "full width": (("address", "lamp-post", "sensor"), _full_width),
    "numerals": (("address",), _in_numerals),
    "bare address": (("address",), _bare_address),
    "lamp post": (("lamp-post",), _lamp_post),
    "crossing": (("crossing",), _crossing),
    "crossing with a slip": (("crossing",), _crossing_slip),
}


def asked_of(places: Sequence[Place], kind: str, seed: int, count: int) -> list[Asked]:
    """`count` queries of one of KINDS."""
    chance = random.Random(f"{kind} {seed}")  # nothing is secret
    of_kinds, slip = KINDS[kind]
    labels: dict[str, list[str]] = {each: [] for each in of_kinds}
    for place in places:
        if place.kind in labels and len(place.label) > 2:
            labels[place.kind].append(place.label)
    chosen = [chance.choice(labels[chance.choice(of_kinds)]) for _ in range(count)]
    return [(slip(chance, label), label) for label in chosen]
