"""Where a private server's files lie, so that whoever runs it can reach them."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import SetupError
from spatial.postgresql import User

UNPRIVILEGED_USER = "postgres"
MAX_SOCKET_PATH_BYTES = 107
ELSEWHERE = Path("/var/lib/gridwhistle")
# With the longest port: a server that listens on TCP names its socket after that port.
_LONGEST_SOCKET_NAME = ".s.PGSQL.65535"


@dataclass(frozen=True)
class ServerFolders:
    """The folders of one private server.

    Attributes:
        home: holds the cluster, its log and its locks.
        socket: holds the socket; a short path.
        user: who runs the server; None when that is the present user.
    """

    home: Path
    socket: Path
    user: User | None

    def socket_locks(self) -> list[Path]:
        """The lock files that servers keep beside their sockets."""
        return list(self.socket.glob(".s.PGSQL.*.lock"))

    @classmethod
    def of(cls, folder: Path) -> ServerFolders:
        """Make what is missing below `folder`.

        Raises:
            SetupError: `folder` can't be made or belongs to somebody else.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder = folder.resolve()
            _refuse_foreign(folder)
            user = _unprivileged() if os.geteuid() == 0 else None
            home = _reachable(folder, user) if user else folder
            return cls(home, _short_enough(home / "socket", user), user)
        except OSError as error:
            raise SetupError(
                f"the data folder can't be used: {error.strerror}: {error.filename}",
                remedy="another folder: --data DIR",
            ) from error


def _unprivileged() -> User:
    try:
        entry = pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError as error:
        raise SetupError(
            f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED_USER}",
            remedy=f"adduser --system --group {UNPRIVILEGED_USER}, or run as another user",
        ) from error
    return User(entry.pw_uid, entry.pw_gid)


def _refuse_foreign(folder: Path) -> None:
    """Mixed owners would lock one of the two out later."""
    allowed = {os.geteuid()}
    if os.geteuid() == 0:
        allowed.add(_unprivileged().uid)
    owner = folder.stat().st_uid
    if owner not in allowed:
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = str(owner)
        raise SetupError(
            f"{folder} belongs to {name}", remedy=f"run as {name}, or take another --data DIR"
        )


def _reachable(folder: Path, user: User) -> Path:
    """`folder` as the server's user can use it, or one under /var/lib that a pointer file names.

    The user can't reach what lies below a closed folder such as /root.
    """
    pointer = folder / "moved-to"
    if pointer.exists():
        return _pointed_at(pointer)
    home = folder
    if any(not parent.stat().st_mode & 0o001 for parent in folder.parents):
        ELSEWHERE.mkdir(mode=0o755, exist_ok=True)
        home = Path(tempfile.mkdtemp(prefix="cluster-", dir=ELSEWHERE))
        pointer.write_text(f"{home}\n")
    os.chown(home, user.uid, user.gid)
    return home


def _pointed_at(pointer: Path) -> Path:
    home = Path(pointer.read_text().strip())
    if not home.is_dir():
        raise SetupError(
            f"{pointer} says that the database lies in {home}, which is gone",
            remedy=f"bring it back, or give up its data: rm {pointer}",
        )
    return home


def _short_enough(folder: Path, user: User | None) -> Path:
    """`folder` for the socket, or a short one that a pointer names: the kernel's limit is low."""
    if len(os.fsencode(folder / _LONGEST_SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES:
        folder = _short_folder(folder.with_name("socket-moved-to"), user)
    folder.mkdir(mode=0o700, exist_ok=True)
    if user:
        shutil.chown(folder, user.uid, user.gid)
    return folder


def _short_folder(pointer: Path, user: User | None) -> Path:
    """A folder in /tmp that is ours; a new one where the old was swept away or taken."""
    if pointer.exists():
        folder = Path(pointer.read_text().strip())
        owner = user.uid if user else os.geteuid()
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == owner:
            return folder
    folder = Path(tempfile.mkdtemp(prefix="gridwhistle-", dir="/tmp"))  # short
    pointer.write_text(f"{folder}\n")
    return folder
