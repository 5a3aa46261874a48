"""The answer in words: why the order is as it is, who is left out, whether the promise holds."""

from __future__ import annotations

from math import ceil

from layers.catalogue import Text
from layers.dispatch.asked import Inputs, Known
from layers.dispatch.sifting import LeftOut, Why, missing_skills
from routing.nearest.answers import Arrival

# A place that lies farther from its street than this isn't on it any more.
BESIDE_M = 50.0
# A fix that is less exact is worth a word.
_VAGUE_M = 50.0
_STATES = {
    "break": Text(
        "休息中:因无他人能按时到场才列出", "on a break: named since nobody else is in time"
    ),
    "ordered": Text("正赶往另一事件", "on the way to another incident"),
    "on_scene": Text("在另一现场", "at another incident"),
}


def duration(seconds: float) -> Text:
    """1 分 35 秒, 1 min 35 s; begun seconds count."""
    minutes, rest = divmod(ceil(max(seconds, 0.0) - 1e-9), 60)
    if not minutes:
        return Text(f"{rest} 秒", f"{rest} s")
    if minutes >= 60:
        hours, minutes = divmod(minutes, 60)
        return Text(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    return Text(
        f"{minutes} 分 {rest} 秒" if rest else f"{minutes} 分钟",
        f"{minutes} min {rest} s" if rest else f"{minutes} min",
    )


def length(metres: float) -> Text:
    """350 米, 350 m; from a kilometre on 1.2 千米, 1.2 km."""
    if metres >= 950:
        return Text(f"{metres / 1000:.1f} 千米", f"{metres / 1000:.1f} km")
    return Text(f"{10 * round(metres / 10)} 米", f"{10 * round(metres / 10)} m")


def promise(inputs: Inputs) -> Text:
    """The time within which somebody shall be there."""
    return duration(inputs.settings.hold_s)


def why_first(arrival: Arrival, known: Known, air_m: float, inputs: Inputs) -> Text:
    """Of who is there first."""
    ready, way, far = (
        duration(arrival.origin.delay_s),
        duration(arrival.travel_time_s),
        length(arrival.distance_m),
    )
    first = Text(
        f"最快:出动 {ready.zh} + 路上 {way.zh}({far.zh})",
        f"first: {ready.en} to set off + {way.en} on the road ({far.en})",
    )
    return _joined(
        first, *_turning(arrival), *_state(known, inputs), *_doubts(arrival, known, air_m, inputs)
    )


def why_later(  # noqa: PLR0913 - of two, all that is compared
    arrival: Arrival,
    first: Arrival,
    known: Known,
    air_m: float,
    inputs: Inputs,
    *,
    nearest_by_air: bool,
) -> Text:
    """Of who is there after `first`."""
    later = duration(abs(arrival.eta_s - first.eta_s))
    head = Text(f"比第一名晚 {later.zh}", f"{later.en} after the first")
    if arrival.eta_s < first.eta_s:
        head = Text(f"比第一名早 {later.zh}", f"{later.en} before the first")
    ready_s = arrival.origin.delay_s - first.origin.delay_s
    way_s = arrival.travel_time_s - first.travel_time_s
    reasons = [head]
    if ready_s > 0:
        more = duration(ready_s)
        reasons.append(Text(f"出动多 {more.zh}", f"sets off {more.en} later"))
    if ready_s != 0 or arrival.distance_m < first.distance_m:
        reasons.append(_on_the_road(arrival, first, way_s))
    if nearest_by_air and arrival.eta_s > first.eta_s:
        air, road = length(air_m), length(arrival.distance_m)
        reasons.append(
            Text(
                f"直线最近({air.zh}),但沿路要走 {road.zh}",
                f"nearest as the crow flies ({air.en}), but {road.en} by road",
            )
        )
    reasons += [*_turning(arrival), *_state(known, inputs), *_doubts(arrival, known, air_m, inputs)]
    return _joined(*reasons)


def _on_the_road(arrival: Arrival, first: Arrival, way_s: float) -> Text:
    if way_s <= 0:
        less = duration(-way_s)
        return Text(f"路上少 {less.zh}", f"{less.en} less on the road")
    more = duration(way_s)
    if arrival.distance_m < first.distance_m:
        return Text(f"路更短,但慢 {more.zh}", f"shorter way, but {more.en} slower")
    return Text(f"路上多 {more.zh}", f"{more.en} more on the road")


def _turning(arrival: Arrival) -> list[Text]:
    """Of who is going the wrong way."""
    if not arrival.turn_s:
        return []
    takes = duration(arrival.turn_s)
    return [Text(f"须先掉头({takes.zh},已计入)", f"turns round first ({takes.en}, counted)")]


def _state(known: Known, inputs: Inputs) -> list[Text]:
    if known.state == "break" and inputs.settings.break_rule != "last":
        return [_PLAIN[Why.ON_BREAK]]
    return [_STATES[known.state]] if known.state in _STATES else []


def _doubts(arrival: Arrival, known: Known, air_m: float, inputs: Inputs) -> list[Text]:
    """What makes an arrival doubtful."""
    doubts = []
    if known.fix_age_s is None:
        doubts.append(Text("定位时间未知", "nobody said when it was seen there"))
    elif known.fix_age_s > inputs.settings.stale_fix_age_s:
        age = duration(known.fix_age_s)
        doubts.append(Text(f"定位是 {age.zh}前的", f"seen there {age.en} ago"))
    if known.accuracy_m is not None and known.accuracy_m > _VAGUE_M:
        error = length(known.accuracy_m)
        doubts.append(Text(f"定位误差约 {error.zh}", f"seen within about {error.en}"))
    if arrival.snap.distance_m > BESIDE_M:
        aside = length(arrival.snap.distance_m)
        doubts.append(
            Text(f"离最近的路 {aside.zh},这段未计时", f"{aside.en} off its street, not counted")
        )
    if arrival.distance_m > 3 * air_m + 500:
        doubts.append(
            Text(f"绕行:直线只有 {length(air_m).zh}", f"a detour: {length(air_m).en} by air")
        )
    return doubts


def why_left_out(left_out: LeftOut, inputs: Inputs, air_m: float) -> Text:
    """Of who isn't asked, or can't come."""
    known, why = left_out.known, left_out.why
    if why is Why.STALE_FIX:
        age, most = duration(known.fix_age_s or 0.0), duration(inputs.settings.max_fix_age_s)
        return Text(
            f"定位是 {age.zh}前的,超过 {most.zh}不采用",
            f"seen {age.en} ago; more than {most.en} isn't used",
        )
    if why is Why.LACKS_SKILL:
        names = [inputs.skill_names.get(code, (code, code)) for code in
                 missing_skills(known, inputs.request.skills)]  # fmt: skip
        return Text(
            f"缺少技能:{'、'.join(zh for zh, _ in names)}",
            f"lacks {', '.join(en for _, en in names)}",
        )
    if why in {Why.ON_ORDER, Why.ON_SCENE}:
        where = f" {known.incident}" if known.incident else ""
        zh, en = ("正赶往", "on the way to") if why is Why.ON_ORDER else ("正在处置", "at")
        return Text(f"{zh}另一事件{where}", f"{en} another incident{where}")
    if why is Why.OFF_STREET:
        far = length(air_m)
        return Text(f"附近没有道路,直线距离 {far.zh}", f"far from any street, {far.en} away by air")
    return _PLAIN[why]


_PLAIN = {
    Why.ON_BREAK: Text("休息中", "on a break"),
    Why.OFF_DUTY: Text("不在岗", "off duty"),
    Why.EXCLUDED: Text("本次不派", "not to be sent this time"),
    Why.OTHER_MODE: Text("出行方式不符", "travels otherwise"),
    Why.OTHER_DEPARTMENT: Text("不属所选部门", "of another department"),
    Why.INCIDENT_OFF_STREET: Text(
        "此点不在其可走的道路附近", "this point is far from any street for them"
    ),
    Why.NO_WAY: Text(
        "路网不相连(孤立路段或单行),无路可达", "no way leads here: an island, or one-ways"
    ),
    Why.CUT_OFF: Text("道路封闭,无路可达", "closures cut off every way"),
}


def why_neighbour(arrival: Arrival | None, air_m: float) -> Text:
    """Of somebody of a neighbouring town."""
    if arrival is None:
        far = length(air_m)
        said = Text(
            f"直线 {far.zh};本镇路网不通到那里,到场时间未知",
            f"{far.en} by air; our streets don't lead there, so nobody can say when",
        )
    else:
        eta, far = duration(arrival.eta_s), length(arrival.distance_m)
        said = Text(
            f"约 {eta.zh}(含联系和出动),{far.zh}", f"about {eta.en}, the call included, {far.en}"
        )
    return said


def verdict_in_time(label: str, arrival: Arrival, probability: float, inputs: Inputs) -> Text:
    """Of who is there in time, surely enough or not."""
    within, eta = promise(inputs), duration(arrival.eta_s)
    share = min(99, round(100 * probability))  # nobody is certain
    if probability >= inputs.settings.sure_share:
        return Text(
            f"{within.zh}内可到:{label} 预计 {eta.zh},把握 {share}%",
            f"Within {within.en}: {label} in {eta.en}, {share} % sure",
        )
    return Text(
        f"{within.zh}可能赶不上:{label} 预计 {eta.zh},把握只有 {share}%",
        f"{within.en} at risk: {label} in {eta.en}, only {share} % sure",
    )


def verdict_late(label: str, arrival: Arrival, inputs: Inputs) -> Text:
    """Where nobody is there in time."""
    within, eta = promise(inputs), duration(arrival.eta_s)
    return Text(
        f"{within.zh}内无人可到:最近的是 {label},预计 {eta.zh}",
        f"Nobody within {within.en}: {label} is first, in {eta.en}",
    )


def with_resting(verdict: Text, known: Known, arrival: Arrival) -> Text:
    """A verdict, and who could be woken from a break."""
    eta = duration(arrival.eta_s)
    return Text(
        f"{verdict.zh};休息中的 {known.label} 预计 {eta.zh},由调度员决定",
        f"{verdict.en}; {known.label}, on a break, in {eta.en}: a dispatcher decides",
    )


def verdict_nobody(left_out: list[LeftOut], inputs: Inputs, *, off_street: bool) -> Text:
    """Where nobody can come at all."""
    within = promise(inputs)
    if off_street:
        return Text(
            f"{within.zh}内无人可到:此点离任何道路都太远(海上、山里或坐标有误)",
            f"Nobody within {within.en}: too far from any street (at sea, in the hills, or a "
            "wrong pair of coordinates)",
        )
    if not inputs.known:
        return Text("没有处置力量", "There are no responders")
    counts = [(why, sum(each.why is why for each in left_out)) for why in Why]
    named = [(n, _SHORT[why]) for why, n in counts if n]
    return Text(
        f"{within.zh}内无人可到:" + ",".join(f"{n} 支{each.zh}" for n, each in named),
        f"Nobody within {within.en}: " + ", ".join(f"{n} {each.en}" for n, each in named),
    )


_SHORT = {
    Why.OFF_DUTY: Text("不在岗", "off duty"),
    Why.EXCLUDED: Text("本次不派", "not to be sent"),
    Why.OTHER_MODE: Text("方式不符", "travel otherwise"),
    Why.OTHER_DEPARTMENT: Text("属其他部门", "of other departments"),
    Why.LACKS_SKILL: Text("缺技能", "lack the skill"),
    Why.STALE_FIX: Text("定位太旧", "not seen lately"),
    Why.ON_BREAK: Text("休息中", "on a break"),
    Why.ON_ORDER: Text("在途", "on another order"),
    Why.ON_SCENE: Text("在现场", "at another incident"),
    Why.OFF_STREET: Text("不在道路附近", "far from streets"),
    Why.INCIDENT_OFF_STREET: Text("到不了此点的道路", "have no street near here"),
    Why.NO_WAY: Text("无路可达", "without a way"),
    Why.CUT_OFF: Text("被封路隔断", "cut off by closures"),
}


def _joined(*parts: Text) -> Text:
    return Text(";".join(each.zh for each in parts), "; ".join(each.en for each in parts))
