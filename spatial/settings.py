"""Where an installation keeps its things: one data folder, or a real server by DATABASE_URL."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from spatial.errors import SetupError

DEFAULT_DATA_FOLDER = ".gridwhistle"
TIANDITU_URL = "https://t0.tianditu.gov.cn"
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Address:
    """Where something listens on TCP."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Settings:
    """One installation.

    Attributes:
        data_folder: absolute; holds the private cluster, keys, logs and files.
        database_url: a real PostgreSQL server (libpq URL); None for the private cluster.
        map_approval_number: 审图号, shown on the map where the town has one.
        map_issuer: 编制单位 of printed maps; None: the town.
        map_secrecy: 密级, which printed maps bear where there is one.
        trusted_proxies: from these addresses forwarded headers are believed.
        job_results_kept: so long after its end a job and its results can be read.
        changes_kept: so long what changed is known to those who pull it.
        metrics_token: whoever sends it reads /metrics from other machines too; None: nobody does.
        gcj02: whether coordinates are offered in the shifted datum of Chinese web maps.
        postgresql_listen: where the private cluster lets named logins in over TCP.
        tile_cache_bytes: how much memory the web app gives to tiles that it has made.
        basemaps: pictures under the editor, NAME=ADDRESS each, as api/basemaps reads them.
        basemap_timeout_s: so long a tile of these is waited for.
        tianditu_key: of 天地图 for servers; None: it is not offered.
        tianditu_url: where 天地图 is, or a mirror of it.
    """

    data_folder: Path
    database_url: str | None = None
    map_approval_number: str | None = None
    map_issuer: str | None = None
    map_secrecy: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    job_results_kept: timedelta = timedelta(days=7)
    changes_kept: timedelta = timedelta(days=30)
    metrics_token: str | None = None
    gcj02: bool = True
    postgresql_listen: Address | None = None
    tile_cache_bytes: int = 64 * 2**20
    basemaps: tuple[str, ...] = field(default=(), repr=False)
    basemap_timeout_s: float = 10
    tianditu_key: str | None = field(default=None, repr=False)
    tianditu_url: str = TIANDITU_URL

    @classmethod
    def from_environment(cls, data_folder: Path | None = None) -> Settings:
        """Read the environment; an argument wins over it.

        GRIDWHISTLE_DATA, DATABASE_URL (or, so that a secret stays out of the environment,
        DATABASE_URL_FILE), GRIDWHISTLE_MAP_APPROVAL_NUMBER, GRIDWHISTLE_MAP_ISSUER,
        GRIDWHISTLE_MAP_SECRECY, GRIDWHISTLE_TRUSTED_PROXY (addresses and networks, separated by
        commas), GRIDWHISTLE_JOB_RESULTS_DAYS, GRIDWHISTLE_METRICS_TOKEN
        (or GRIDWHISTLE_METRICS_TOKEN_FILE), GRIDWHISTLE_GCJ02 (off: not offered),
        GRIDWHISTLE_TILE_CACHE_MB (0: none), GRIDWHISTLE_CHANGES_DAYS,
        GRIDWHISTLE_POSTGRESQL_LISTEN (host:port), GRIDWHISTLE_BASEMAPS (separated by `|` or lines),
        GRIDWHISTLE_BASEMAP_TIMEOUT_S,
        GRIDWHISTLE_TIANDITU_KEY (or GRIDWHISTLE_TIANDITU_KEY_FILE), GRIDWHISTLE_TIANDITU_URL.

        Raises:
            SetupError: DATABASE_URL_FILE can't be read, or a proxy is no address.
        """
        folder = data_folder or Path(os.environ.get("GRIDWHISTLE_DATA") or DEFAULT_DATA_FOLDER)
        return cls(
            folder.expanduser().absolute(),
            os.environ.get("DATABASE_URL") or _secret_file("DATABASE_URL_FILE"),
            os.environ.get("GRIDWHISTLE_MAP_APPROVAL_NUMBER") or None,
            map_issuer=os.environ.get("GRIDWHISTLE_MAP_ISSUER") or None,
            map_secrecy=os.environ.get("GRIDWHISTLE_MAP_SECRECY") or None,
            trusted_proxies=_networks("GRIDWHISTLE_TRUSTED_PROXY"),
            job_results_kept=_days("GRIDWHISTLE_JOB_RESULTS_DAYS", 7),
            changes_kept=_days("GRIDWHISTLE_CHANGES_DAYS", 30),
            metrics_token=os.environ.get("GRIDWHISTLE_METRICS_TOKEN")
            or _secret_file("GRIDWHISTLE_METRICS_TOKEN_FILE"),
            postgresql_listen=_address("GRIDWHISTLE_POSTGRESQL_LISTEN"),
            gcj02=os.environ.get("GRIDWHISTLE_GCJ02", "on").lower() != "off",
            tile_cache_bytes=_whole_number("GRIDWHISTLE_TILE_CACHE_MB", 64) * 2**20,
            basemaps=_entries("GRIDWHISTLE_BASEMAPS"),
            basemap_timeout_s=_whole_number("GRIDWHISTLE_BASEMAP_TIMEOUT_S", 10),
            tianditu_key=os.environ.get("GRIDWHISTLE_TIANDITU_KEY")
            or _secret_file("GRIDWHISTLE_TIANDITU_KEY_FILE"),
            tianditu_url=os.environ.get("GRIDWHISTLE_TIANDITU_URL") or TIANDITU_URL,
        )


def _secret_file(variable: str) -> str | None:
    """What the file that `variable` names holds."""
    name = os.environ.get(variable)
    if not name:
        return None
    try:
        return Path(name).read_text().strip() or None
    except OSError as error:
        raise SetupError(
            f"{variable} names {name}, which can't be read: {error.strerror}",
            remedy=f"correct or unset {variable}",
        ) from error


def _entries(variable: str) -> tuple[str, ...]:
    """What stands between `|` or in lines of its own; an address has neither."""
    entries = re.split(r"[|\n]", os.environ.get(variable, ""))
    return tuple(entry.strip() for entry in entries if entry.strip())


def _days(variable: str, default: int) -> timedelta:
    """A whole number of days, at least one and at most ten years of them."""
    text = os.environ.get(variable) or str(default)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 3650:
        raise SetupError(
            f"{variable} is a number of days from 1 to 3650, not {text}",
            remedy=f"{variable}={default}",
        )
    return timedelta(days=int(text))


def _whole_number(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not (text.isascii() and text.isdigit()):
        raise SetupError(
            f"{variable} is a whole number, not {text}", remedy=f"{variable}={default}"
        )
    return int(text)


def _address(variable: str) -> Address | None:
    """The host and port that `variable` names."""
    text = os.environ.get(variable)
    if not text:
        return None
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not re.fullmatch(r"[0-9A-Za-z.:*-]+", host) or not port.isdecimal() or int(port) > 65535:
        raise SetupError(
            f"{variable} is no address and port: {text}", remedy=f"{variable}=127.0.0.1:5433"
        )
    return Address(host, int(port))


def _networks(variable: str) -> tuple[Network, ...]:
    """The addresses and networks that `variable` lists."""
    names = [name.strip() for name in os.environ.get(variable, "").split(",")]
    try:
        return tuple(ip_network(name) for name in names if name)
    except ValueError as error:
        raise SetupError(
            f"{variable} names no address or network: {error}",
            remedy=f"{variable}=127.0.0.1,10.0.0.0/8",
        ) from error
