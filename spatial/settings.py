"""Where an installation keeps its things: one data folder, or a real server by DATABASE_URL."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_DATA_FOLDER = ".gridwhistle"


@dataclass(frozen=True)
class Settings:
    """One installation.

    Attributes:
        data_folder: absolute; holds the private cluster, keys, logs and files.
        database_url: a real PostgreSQL server (libpq URL); None for the private cluster.
    """

    data_folder: Path
    database_url: str | None = None

    @classmethod
    def from_environment(cls, data_folder: Path | None = None) -> Settings:
        """Read GRIDWHISTLE_DATA and DATABASE_URL; an argument wins over the environment."""
        folder = data_folder or Path(os.environ.get("GRIDWHISTLE_DATA") or DEFAULT_DATA_FOLDER)
        return cls(folder.expanduser().absolute(), os.environ.get("DATABASE_URL") or None)
