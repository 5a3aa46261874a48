"""The installation's own secret: one random file in its data folder, and keys derived from it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from spatial.errors import SetupError

_SECRET_BYTES = 32


def installation_secret(data_folder: Path) -> bytes:
    """The secret of the installation in `data_folder`; made at the first call.

    It is in a backup with the other files of the folder.

    Raises:
        SetupError: it can't be read or made.
    """
    file = data_folder / "keys" / "secret"
    try:
        if not file.exists():
            _make(file)
        secret = file.read_bytes()
    except OSError as error:
        raise SetupError(
            f"the installation's secret can't be used: {error.strerror}: {error.filename}",
            remedy="run as the owner of the data folder",
        ) from error
    if len(secret) != _SECRET_BYTES:
        raise SetupError(f"{file} is damaged", remedy="bring it back from a backup")
    return secret


def derive_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose; whoever learns them learns nothing of the others."""
    return hmac.digest(secret, purpose.encode(), hashlib.sha256)


def _make(file: Path) -> None:
    """Written aside and linked, so that two that start at once agree on the first one's."""
    file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    unfinished = file.with_name(f".secret-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(secrets.token_bytes(_SECRET_BYTES))
    try:
        os.link(unfinished, file)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
