"""Browser and system in two words, so that the owner of a session knows it again."""

from __future__ import annotations

from starlette.requests import Request

# The first that is named counts: most browsers also name those that they resemble.
_BROWSERS = (
    ("QGIS", "QGIS"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("MicroMessenger", "WeChat"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
    ("python", "Python"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(request: Request) -> str:
    """E.g. "Firefox · Windows"; nothing else of the User-Agent is kept."""
    agent = request.headers.get("user-agent", "")
    found = [_first(agent, known) for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or "?"


def _first(agent: str, known: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for mark, name in known if mark.lower() in agent.lower()), None)
