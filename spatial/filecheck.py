"""Whether a file is there and whole, told by its own header before anything reads it."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from spatial.errors import InputError

_SHAPEFILE_HEADER_BYTES = 100
_DBF_FIELD_BYTES = 32
# RuntimeError: encrypted, or of a kind that zipfile doesn't know.
PACKING_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
_DBF_HEADER_END = 0x0D
SQLITE_MAGIC = b"SQLite format 3\x00"


def check_whole(path: Path) -> None:
    """Refuse a file that is missing, empty, or shorter than its own header says.

    Raises:
        InputError: names the file and the fault.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file / 没有这个文件")
    if path.is_dir():
        return
    try:
        with path.open("rb") as file:
            head = file.read(_SHAPEFILE_HEADER_BYTES)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    if not head.strip():
        raise InputError(f"{path.name}: the file is empty / 文件是空的")
    size = path.stat().st_size
    wanted = _size_by_header(path, head)
    if wanted is not None and size < wanted:
        raise InputError(f"{path.name}: the file is cut: {size} of {wanted} bytes are there")
    _check_packed(path)
    if path.suffix.lower() == ".shp":
        _check_beside(path)


def _size_by_header(path: Path, head: bytes) -> int | None:
    """How many bytes a whole file has, where its header says so."""
    suffix = path.suffix.lower()
    if suffix in (".shp", ".shx"):
        # ESRI Shapefile Technical Description, 1998: file length in 16-bit words, big endian.
        return int.from_bytes(head[24:28], "big") * 2 if len(head) >= 28 else 100
    if suffix == ".dbf" and len(head) >= _DBF_FIELD_BYTES:
        return _dbf_sizes(head)[0] + _dbf_sizes(head)[1] * _dbf_sizes(head)[2]
    if head.startswith(SQLITE_MAGIC):
        # https://www.sqlite.org/fileformat.html: page size at 16 (1 means 65536), pages at 28.
        page_bytes = int.from_bytes(head[16:18], "big")
        return (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(head[28:32], "big")
    return None


def _check_packed(path: Path) -> None:
    suffix = path.suffix.lower()
    try:
        if suffix in (".zip", ".kmz", ".xlsx"):
            with zipfile.ZipFile(path) as archive:
                damaged = archive.testzip()
            if damaged:
                raise InputError(f"{path.name}: {damaged} inside it is damaged")
        elif suffix == ".gz":
            with gzip.open(path) as file:
                while file.read(1 << 20):
                    pass
    except PACKING_ERRORS as error:
        raise InputError(f"{path.name}: not a whole {suffix} file: {error}") from error


def _check_beside(path: Path) -> None:
    """A Shapefile has its attributes and its index beside it."""
    for ending in (".dbf", ".shx"):
        spellings = [path.with_suffix(each) for each in (ending, ending.upper())]
        there = next((each for each in spellings if each.exists()), None)
        if there is None:
            raise InputError(f"{path.name}: its {ending} is not beside it / 缺少 {ending}")
        check_whole(there)


def _dbf_sizes(head: bytes) -> tuple[int, int, int]:
    """Bytes of the header, number of records, bytes of a record (dBASE III)."""
    return (
        int.from_bytes(head[8:10], "little"),
        int.from_bytes(head[4:8], "little"),
        int.from_bytes(head[10:12], "little"),
    )


def dbf_text_values(dbf: bytes) -> Iterator[tuple[int, set[bytes]]]:
    """Each text field of a .dbf: width in bytes, different values; last the fields' names."""
    header_bytes, records, record_bytes = _dbf_sizes(dbf[:_DBF_FIELD_BYTES])
    names: set[bytes] = set()
    offset = 1  # a record starts with its deletion flag
    for start in range(_DBF_FIELD_BYTES, header_bytes - 1, _DBF_FIELD_BYTES):
        if dbf[start] == _DBF_HEADER_END:
            break
        field = dbf[start : start + _DBF_FIELD_BYTES]
        names.add(field[:11].split(b"\0")[0])
        width = field[16]
        if field[11:12] == b"C":
            begins = range(
                header_bytes + offset, header_bytes + records * record_bytes, record_bytes
            )
            yield width, {dbf[begin : begin + width].rstrip(b" \0") for begin in begins}
        offset += width
    yield 10, names
