"""Checks of what lies around the database: interpreter, packages, page, port, font, settings."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import locale
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from packaging.markers import Marker

from api.cli.listening import listening_socket
from spatial.checks import Check, State
from spatial.errors import SetupError

PROJECT = Path(__file__).parents[2]
OLDEST_PYTHON = (3, 12)
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_CHINESE_FONTS = re.compile(r"CJK|wqy|SourceHan|sim(sun|hei)|droidsansfallback", re.IGNORECASE)
_ROOMS = ("spatial", "grids", "routing", "layers", "api")
_MIRROR_VARIABLES = re.compile(
    r"(https?|all|no)_proxy|(pip|uv|npm_config)_\w*(index|registry|proxy|cert|cafile)\w*"
    r"|(ssl_cert|requests_ca)\w*",
    re.IGNORECASE,
)
_MIRROR_FILES = (
    "/etc/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf",
    "/etc/uv/uv.toml", "~/.config/uv/uv.toml",
    "/etc/npmrc", "~/.npmrc", "/etc/apt/apt.conf",
)  # fmt: skip


def check_installation(host: str, port: int) -> Iterator[Check]:
    """All of them; none needs the database."""
    yield check_python()
    yield check_packages(PROJECT / "requirements.txt")
    yield check_rooms()
    yield check_page()
    yield check_port(host, port)
    yield check_font()
    yield check_time_zone()
    yield check_locale()
    yield check_mirrors()


def check_python() -> Check:
    """The interpreter's version."""
    good = sys.version_info >= OLDEST_PYTHON
    return Check(
        "python", "Python", "Python",
        State.OK if good else State.FAILED,
        f"{sys.version.split()[0]} ({sys.executable})",
        None if good else "rm -r .venv && ./gridwhistle demo",
    )  # fmt: skip


def check_packages(lock: Path) -> Check:
    """Whether what is installed is what the lock says."""
    wrong = [
        f"{name} {found or 'missing'}, locked {version}"
        for name, version in locked_versions(lock).items()
        if (found := _installed_version(name)) != version
    ]
    return Check(
        "packages", "Python 软件包", "Python packages",
        State.FAILED if wrong else State.OK,
        "; ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        or "as locked",
        "rm .venv/gridwhistle-packages && ./gridwhistle demo" if wrong else None,
    )  # fmt: skip


def locked_versions(lock: Path) -> dict[str, str]:
    """Version by name, of the packages that the lock wants on this machine."""
    lines = (line for line in lock.read_text().splitlines() if line[:1].isalnum())
    found = {}
    for line in lines:
        requirement, _, marker = line.rstrip(" \\").partition(";")
        name, _, version = requirement.strip().partition("==")
        if version and (not marker or Marker(marker).evaluate()):
            found[name] = version
    return found


def _installed_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_rooms() -> Check:
    """Whether each package of ours comes from this checkout, not from another distribution."""
    strangers = [
        f"{room}: {places}" for room in _ROOMS if (places := _places(room)) != [str(PROJECT / room)]
    ]
    return Check(
        "rooms", "本项目的包", "our own packages",
        State.FAILED if strangers else State.OK,
        "; ".join(strangers) or f"from {PROJECT}",
        "start with ./gridwhistle" if strangers else None,
    )  # fmt: skip


def _places(package: str) -> list[str]:
    spec = importlib.util.find_spec(package)
    return list(spec.submodule_search_locations or []) if spec else []


def check_page() -> Check:
    """Whether the map page is built."""
    built = (PROJECT / "api/page/dist/index.html").exists()
    return Check(
        "page", "地图页面", "map page",
        State.OK if built else State.FAILED,
        "built" if built else "not built",
        None if built else "./gridwhistle serve (builds it)",
    )  # fmt: skip


def check_port(host: str, port: int) -> Check:
    """Whether the port is free, or ours already."""
    name = ("port", "端口", "port")
    try:
        listening_socket(host, port).close()
    except SetupError as error:
        if _is_ours(host, port):
            return Check(*name, State.OK, f"{host}:{port}, gridwhistle serves there")
        return Check(
            *name, State.FAILED, error.message, f"./gridwhistle serve --port {port % 65535 + 1}"
        )
    return Check(*name, State.OK, f"{host}:{port} is free")


def _is_ours(host: str, port: int) -> bool:
    try:
        # Not through a proxy: this is our own machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{host}:{port}/health", timeout=3) as answer:
            return "checks" in json.load(answer)
    except (OSError, ValueError):
        return False


def check_font() -> Check:
    """A Chinese font, for maps drawn on this machine; visitors' browsers bring their own."""
    folders = [Path(folder).expanduser() for folder in _FONT_FOLDERS]
    found = next(
        (
            path.name
            for folder in folders
            if folder.is_dir()
            for path in folder.rglob("*")
            if _CHINESE_FONTS.search(path.name)
        ),
        None,
    )
    return Check(
        "font", "中文字体", "Chinese font",
        State.OK if found else State.WARNING,
        found or "none: pictures made on this machine show boxes for Chinese",
        None if found else "sudo apt-get install fonts-noto-cjk",
    )  # fmt: skip


def check_time_zone() -> Check:
    """The machine's clock; the town has a zone of its own."""
    zone = time.tzname[0]
    plain = zone in {"UTC", "GMT", "Etc"}
    return Check(
        "time-zone", "本机时区", "the machine's time zone",
        State.WARNING if plain else State.OK,
        f"{zone}: logs are in it; the town keeps its own zone" if plain else zone,
        "sudo timedatectl set-timezone Asia/Shanghai" if plain else None,
    )  # fmt: skip


def check_locale() -> Check:
    """The shell's locale; files are read as UTF-8 whatever it says."""
    name = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C"
    plain = name in {"C", "POSIX"}
    return Check(
        "shell-locale", "本机区域", "the machine's locale",
        State.WARNING if plain else State.OK,
        f"{name}, files are read as {locale.getpreferredencoding(False)}",
        "export LANG=C.UTF-8" if plain else None,
    )  # fmt: skip


def check_mirrors() -> Check:
    """Which proxy and mirror settings stand here: names only, since values may hold passwords."""
    variables = sorted(name for name in os.environ if _MIRROR_VARIABLES.fullmatch(name))
    files = [name for name in _MIRROR_FILES if Path(name).expanduser().exists()]
    found = [*variables, *files]
    return Check(
        "mirrors", "代理与镜像设置", "proxy and mirror settings", State.OK,
        ", ".join(found) if found else "none",
    )  # fmt: skip
