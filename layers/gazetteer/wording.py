"""What callers say around a place's name: fillers, ways to say crossing, other words for a trade.

Pure text in, readings of the query out; the search tries them all and keeps the cheapest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from layers.gazetteer.units import normalised

MOST_LETTERS = 60
_MOST_VARIANTS = 8
# Between words of a query; no name has it.
BREAK = " "

_OPENING = re.compile(
    r"^(?:喂|你好|您好|请问|快来|救命|我们|我|人|现在|这里|这边|就|是|在|有|到|去|来|从|靠|离){1,8}(?=.{2})"
)
_FILLERS = re.compile(
    r"旁边|边上|附近|斜对面|对面|大门口|门口|隔壁|后面|前面|这里|这边|那边|那里|那个|这个|一带|"
    r"不远|里面|上面|下面|就是|有一?个|有人|靠近|左右|的地方|位置|地址|的|号码|编号(?:是|为)?"
)
# From here on it is told what happened there, or what lies nearby.
_STORY = re.compile(
    r"(?<=..)(?:旁边|边上|附近|斜对面|对面|大门口|门口|隔壁|后面|前面|这里|这边|那边|那里|有人|有一?[个辆只]|有车|"
    r"发生|出了|着火|起火|冒烟|打架|吵架|漏水|停水|停电|停了|停着|倒了|摔倒|坏了|被)"
)
# Two streets joined by a word.
_AND = re.compile(r"(?<=[路街巷弄道线桥])(?:与|和|跟|及|同|交|x|×)(?=.)")
_CROSSING = re.compile(
    r"(?:(?:的|那个|这个)路口|十字路口|丁字路口|三岔路口|交叉路口|交叉口|交汇处|交汇口|交界处|交界|岔路口|转弯处|转角|拐角|红绿灯)"
)
_MOUTH = re.compile(r"(?<=[路街巷弄])口|(?<=.路)口")
_LAMP = re.compile(r"路灯杆|路灯|灯柱|电线杆|电杆|电灯杆|灯桩|灯杆号|杆号")
_INNER = re.compile(r"(?:(?<=幢)\d+单元)?(?:\d+[层楼])?(?:\d+(?:室|号房|房))?$")
_DASHES = re.compile(r"(?<!\d)(\d{1,3})[-–—‐](\d{1,2})(?:[-–—‐](\d{2,5}))?(?!\d)")
_NO_WORD = re.compile(r"[^\w\s]|_")

# What people call a trade that the register calls otherwise.
_OTHER_WORDS = (
    ("诊所", "卫生服务站"), ("卫生院", "卫生服务站"), ("卫生室", "卫生服务站"),
    ("医务室", "卫生服务站"), ("超市", "便利店"), ("小店", "便利店"), ("小卖部", "便利店"),
    ("药店", "药房"), ("饭店", "快餐店"), ("饭馆", "小吃店"), ("餐馆", "快餐店"),
    ("酒店", "宾馆"), ("旅馆", "宾馆"), ("发廊", "理发店"), ("理发厅", "理发店"),
    ("礼堂", "文化礼堂"), ("养老院", "居家养老中心"), ("办事大厅", "便民服务中心"),
    ("快递站", "快递驿站"), ("菜场", "蔬菜店"), ("干洗店", "洗衣店"), ("监控", "摄像头"),
    ("探头", "摄像头"), ("烟感", "烟雾传感器"), ("居委会", "社区"), ("小区", "花苑"),
)  # fmt: skip


@dataclass(frozen=True)
class Wording:
    """One way to understand what was typed.

    Attributes:
        text: normalised; BREAK between words.
        extra: what is added to the cost of all that it finds.
        inner: the part of a building that was named and isn't in `text`: 2单元601室.
    """

    text: str
    extra: float = 0.0
    inner: str = ""

    @property
    def words(self) -> list[str]:
        """What was typed or spoken apart."""
        return self.text.split()


@dataclass(frozen=True)
class Question:
    """All ways to understand what was typed, and what kind of place was spoken of, if one was."""

    wordings: tuple[Wording, ...]
    hint: str | None = None


def understand(typed: str, town_names: tuple[str, ...] = ()) -> Question:
    """The ways to understand `typed`, the plainest first.

    Args:
        typed: as it came.
        town_names: how the town is called, which callers say before a place's name; longest first.
    """
    text = normalised(typed)[:MOST_LETTERS]
    hint = _hint(text)
    plain = _spaced(text)
    wordings = [Wording(plain)]
    spoken = _spaced(_without_talk(text))
    if spoken and spoken != plain:
        wordings.append(Wording(spoken, 0.02))
    place = _spaced(_without_story(text))
    if place and place not in {plain, spoken}:
        wordings.append(Wording(place, 0.06))
    for find in (lambda w: _without_town(w, town_names), _without_inner, _in_other_words):
        wordings += [found for each in tuple(wordings) if (found := find(each))]
    return Question(tuple(dict.fromkeys(wordings))[:_MOST_VARIANTS], hint)


def _hint(text: str) -> str | None:
    if _CROSSING.search(text) or _AND.search(text):
        return "crossing"
    if _LAMP.search(text) or "灯杆" in text:
        return "lamp-post"
    return None


def _spaced(text: str) -> str:
    """Words apart by one BREAK; signs are breaks."""
    return BREAK.join(_NO_WORD.sub(" ", _with_dashes(text)).split())


def _with_dashes(text: str) -> str:
    """3-2-601 as 3幢2单元601室."""

    def written(found: re.Match[str]) -> str:
        house, entrance, room = found.groups()
        return f"{house}幢{entrance}单元" + (f"{room}室" if room else "")

    return _DASHES.sub(written, text)


def _without_talk(text: str) -> str:
    text = _LAMP.sub("灯杆", text)
    text = _CROSSING.sub(" ", text)
    text = _MOUTH.sub("", text)
    text = _AND.sub(" ", text)
    text = _OPENING.sub("", text)
    return _FILLERS.sub(" ", text)


def _without_story(text: str) -> str:
    """What was said before the first word that leads away from the place."""
    found = _STORY.search(text)
    return _without_talk(text[: found.start()]) if found else text


def _without_town(wording: Wording, town_names: tuple[str, ...]) -> Wording | None:
    for name in town_names:
        if wording.text.startswith(name) and len(wording.text) > len(name):
            rest = wording.text.removeprefix(name).strip()
            return replace(wording, text=rest, extra=wording.extra + 0.1)
    return None


def _without_inner(wording: Wording) -> Wording | None:
    """The house alone, where an entrance, a floor or a room of it was named too."""
    found = _INNER.search(wording.text)
    inner = found[0] if found else ""
    house = wording.text.removesuffix(inner).strip()
    if not inner or not house:
        return None
    return Wording(house, wording.extra + 0.15, inner)


def _in_other_words(wording: Wording) -> Wording | None:
    for said, registered in _OTHER_WORDS:
        if said in wording.text and registered not in wording.text:
            text = wording.text.replace(said, registered)
            return replace(wording, text=text, extra=wording.extra + 0.25)
    return None
