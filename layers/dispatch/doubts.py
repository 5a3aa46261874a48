"""What is odd about a report, and why nobody was sent, in both languages."""

from __future__ import annotations

from layers.catalogue import Text

# Of a report.
DOUBTS = {
    "clock_ahead": Text(
        "来源时钟超前,已按接报时间记录", "the source's clock is ahead: taken as of now"
    ),
    "clock_behind": Text(
        "来源时间早于一年前,已按接报时间记录", "more than a year ago: taken as of now"
    ),
    "outside_town": Text("位置在镇域之外", "the place lies outside the town"),
    "vague_place": Text(
        "位置误差超过 200 米,请与报告人核实", "the place may be more than 200 m off: ask the caller"
    ),
}
# Why the platform sends nobody by itself.
PROBLEMS = {
    "no_streets": Text("本镇尚无路网数据", "the town has no streets yet"),
    "off_streets": Text(
        "位置远离所有道路,请核实地点", "the place is too far from every street: check where it is"
    ),
    "outside_town": Text(
        "位置在镇域之外,由调度员决定", "the place lies outside the town: a dispatcher decides"
    ),
    "vague_place": Text(
        "位置不够精确,由调度员决定", "the place isn't known well enough: a dispatcher decides"
    ),
    "other_department": Text(
        "事件归其他部门,由其调度员派单", "the incident is another department's to dispatch"
    ),
    "for_dispatchers": Text("已告知调度台,由调度员派单", "the dispatchers know, and decide"),
    "nobody_reachable": Text(
        "没有在岗空闲力量能经道路到达", "nobody on duty and free can get there by road"
    ),
    "on_break": Text(
        "只有休息中的力量,由调度员决定", "nobody but who is on a break: a dispatcher decides"
    ),
    "too_far": Text(
        "最近的力量也太远,由调度员决定", "even the first one is too far away: a dispatcher decides"
    ),
    "all_taken": Text("候选力量刚刚都被派出", "all candidates have just been ordered elsewhere"),
}


def told(code: str, texts: dict[str, Text]) -> dict[str, str]:
    """One of these for machines and people."""
    return {"code": code, "zh": texts[code].zh, "en": texts[code].en}
