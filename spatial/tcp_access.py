"""Who may enter a private cluster, and its door to the network for named logins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from spatial.settings import Address

LOGINS_GROUP = "gridwhistle_logins"
_CERTIFICATE, _KEY = "gridwhistle.crt", "gridwhistle.key"

# The socket's folder is closed to everybody but the server's own user.
_SOCKET_RULE = "local all all trust\n"
# Neither the owner nor the web's own login is a member: over TCP nobody enters but by name.
_NETWORK_RULE = f"hostssl all +{LOGINS_GROUP} all scram-sha-256\n"


def write_access_rules(cluster: Path, listen: Address | None) -> Mapping[str, str]:
    """State who may enter, before the server starts.

    Args:
        cluster: made already.
        listen: None for the socket alone.

    Returns:
        the server's options for it.
    """
    rules = _SOCKET_RULE + (_NETWORK_RULE if listen else "")
    _write(cluster, "pg_hba.conf", rules.encode())
    if listen is None:
        return {"listen_addresses": ""}
    if not (cluster / _KEY).exists():
        # Imported when there is one to make: it takes a while to load.
        from spatial.certificate import make_certificate  # noqa: PLC0415

        certificate, key = make_certificate(listen.host)
        _write(cluster, _CERTIFICATE, certificate)
        _write(cluster, _KEY, key)
    return {
        "listen_addresses": listen.host,
        "port": str(listen.port),
        "password_encryption": "scram-sha-256",
        "ssl": "on",
        "ssl_cert_file": _CERTIFICATE,
        "ssl_key_file": _KEY,
    }


def _write(cluster: Path, name: str, content: bytes) -> None:
    """For the server's user alone, be it another than ours."""
    owner, path = cluster.stat(), cluster / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
        file.write(content)
