"""A file that somebody sends over the web becomes a draft.

What it is has to show in its first bytes: GDAL opens a file by its content, and some formats name
other files and servers, which it would open too.
"""

from __future__ import annotations

import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from shapely.errors import GEOSException

from layers.errands import Errand
from layers.importing.options import ImportOptions
from spatial.errors import InputError
from spatial.filecheck import PACKING_ERRORS, SQLITE_MAGIC, check_whole

if TYPE_CHECKING:
    from layers.importing.grid_draft import DraftReport

ENDINGS = (".gpkg", ".zip", ".geojson", ".json", ".dxf")
_SHAPEFILE = (9994).to_bytes(4, "big")
_JSON_TYPES = (b'"FeatureCollection"', b'"Feature"')
_JSON_BEGINS = (b"{", b"[", b"\x1e")
_BOM = b"\xef\xbb\xbf"
# What may lie beside a .shp.
_BESIDE = {
    ".shp", ".shx", ".dbf", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".qix", ".fix", ".xml", ".txt",
    ".qml", ".sld", ".md", ".pdf", "",
}  # fmt: skip
_MOST_UNPACKED_BYTES = 512 * 2**20
_MOST_FILES = 200
# A town's file of ten million vertices takes a quarter of it; a drawing of some lines can take any.
_MOST_MEMORY_BYTES = 4 * 2**30


class Upload(NamedTuple):
    """A file, and what is said about it.

    Attributes:
        name: of the draft.
        level, clean_width_m: as in `GridOptions`.
    """

    file: ImportOptions
    name: str
    level: str | None = None
    clean_width_m: float | None = None


def draft_upload(errand: Errand, upload: Upload) -> DraftReport:
    """Open a draft of the file's coverage, if it is another than that of today.

    For a process of its own, whose memory is bounded from here on.

    Raises:
        FaultyCoverageError: the file's units don't tile the town; tells every fault.
        InputError: it is no file of a kind that is taken, is cut, or otherwise unusable.
    """
    # Only the process in which this runs needs what reads drawings.
    from layers.importing.grid_draft import draft_file  # noqa: PLC0415
    from layers.importing.grids import GridOptions  # noqa: PLC0415

    options = GridOptions(upload.file, upload.level, clean_width_m=upload.clean_width_m)
    with _bounded_memory(upload.file.path.name):
        check_upload(upload.file.path)
        with errand.transaction() as connection:
            return draft_file(connection, errand.town, options, upload.name)


@contextmanager
def _bounded_memory(name: str) -> Iterator[None]:
    """What one file asks for must not take the memory of everybody else."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))
    try:
        yield
    except (MemoryError, GEOSException) as error:
        if isinstance(error, MemoryError) or "bad_alloc" in str(error):
            raise InputError(f"{name}: it takes too much memory / 文件所需内存过大") from None
        raise


def check_upload(path: Path) -> None:
    """Refuse a file that isn't what its name says.

    Raises:
        InputError: it is another kind of file, cut, or unpacks to more than anybody needs.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(
            f"{path.name}: such a file is not read / 不支持这种文件", remedy=", ".join(ENDINGS)
        )
    if ending == ".zip":
        _check_zip(path)
    check_whole(path)
    if not _is_what_it_says(path, ending):
        raise InputError(f"{path.name}: it is no {ending} inside / 文件内容与扩展名不符")


def _is_what_it_says(path: Path, ending: str) -> bool:
    if ending == ".gpkg":
        with path.open("rb") as file:
            return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    if ending in (".geojson", ".json"):
        content = path.read_bytes().removeprefix(_BOM).lstrip()
        is_features = any(each in content for each in _JSON_TYPES)
        return content.startswith(_JSON_BEGINS) and is_features and not _is_pipeline(content)
    return True


def _is_pipeline(content: bytes) -> bool:
    """Whether GDAL could take it for a pipeline, which reads other files (its driver GDALG)."""
    return b"gdal_streamed_alg" in content


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
            heads = [_head(archive, each) for each in files if _ending(each) == ".shp"]
    except PACKING_ERRORS as error:
        raise InputError(f"{path.name}: not a whole .zip file: {error} / 压缩包损坏") from error
    strange = {_ending(each) for each in files} - _BESIDE
    if not heads or strange or any(head != _SHAPEFILE for head in heads):
        found = f", not {', '.join(sorted(strange))[:100]}" if strange else ""
        raise InputError(f"{path.name}: a zip holds Shapefiles{found} / 压缩包内应为 Shapefile")
    if len(files) > _MOST_FILES or sum(each.file_size for each in files) > _MOST_UNPACKED_BYTES:
        raise InputError(f"{path.name}: it unpacks to too much / 解压后过大")


def _ending(file: zipfile.ZipInfo) -> str:
    return PurePosixPath(file.filename).suffix.lower()


def _head(archive: zipfile.ZipFile, file: zipfile.ZipInfo) -> bytes:
    with archive.open(file) as opened:
        return opened.read(len(_SHAPEFILE))
