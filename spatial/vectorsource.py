"""What of a path GDAL shall open: a zip's inside, a folder's Shapefile, mended JSON."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from spatial.encoding import decode_text, encoding_of
from spatial.errors import InputError
from spatial.filecheck import SQLITE_MAGIC, check_whole, dbf_text_values
from spatial.references import parse_json, refuse_live_tables

_INSIDE_ZIP = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb")
_SHIFTED = re.compile(r"gcj[ _-]?02|bd[ _-]?09", re.IGNORECASE)
_JSON = (".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson")


@dataclass(frozen=True)
class VectorSource:
    """What GDAL opens.

    Attributes:
        dataset: a path, or the file's content.
        encoding: of the attributes; None leaves it to the file.
    """

    dataset: str | bytes
    encoding: str | None = None


def find_source(path: Path, encoding: str | None) -> VectorSource:
    """What GDAL shall open for `path`, and the encoding to tell it.

    Raises:
        InputError: missing, cut, no dataset or several in a zip or folder, no JSON, or it would
            have GDAL read other files or ask other machines.
    """
    check_whole(path)
    suffix = path.suffix.lower()
    if suffix in _JSON:
        return VectorSource(_json_content(path.read_bytes(), encoding, path.name))
    if suffix == ".zip":
        return _zip_source(path, encoding)
    if path.is_dir() and suffix != ".gdb":
        path = _only_shapefile(path)
    if path.suffix.lower() == ".shp":
        encoding = encoding or _dbf_encoding(path)
    if path.is_file() and _is_sqlite(path):
        refuse_live_tables(path, path.name)
    return VectorSource(str(path.absolute()), encoding)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC


def _json_content(raw: bytes, encoding: str | None, name: str) -> bytes:
    """GeoJSON in UTF-8; a bare list of features, or one a line, is made a collection."""
    text = decode_text(raw, encoding=encoding, name=name).strip("\ufeff \r\n\t")
    if text.startswith("["):
        text = f'{{"type": "FeatureCollection", "features": {text}}}'
    try:
        parse_json(text, name)
    except json.JSONDecodeError as error:
        text = _joined_lines(text, name)
        if not text:
            raise InputError(
                f"{name}: not JSON, or cut: {error.msg} at line {error.lineno}"
            ) from error
    except (RecursionError, ValueError) as error:  # a number of thousands of digits
        raise InputError(f"{name}: its JSON is too deep, or a number too long") from error
    return text.encode()


def _joined_lines(text: str, name: str) -> str:
    """One feature a line (RFC 8142) as a collection; '' when some line is no JSON."""
    lines = [line for line in text.replace("\x1e", "").splitlines() if line.strip()]
    try:
        for line in lines:
            parse_json(line, name)
    except (RecursionError, ValueError):
        return ""
    return f'{{"type": "FeatureCollection", "features": [{",".join(lines)}]}}'


def _only_shapefile(folder: Path) -> Path:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".shp")
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise InputError(f"{folder.name}: a folder with one Shapefile is wanted, found {names}")
    check_whole(found[0])
    return found[0]


def _zip_source(path: Path, encoding: str | None) -> VectorSource:
    """A .gdb folder, or one file of a known kind, in a zip."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if "__MACOSX" not in name]
        found = _datasets(names)
        if len(found) != 1:
            listed = ", ".join(found[:5]) or "none"
            raise InputError(f"{path.name}: one dataset in the zip is wanted, found {listed}")
        inner = found[0].lower()
        if inner.endswith(_JSON):
            return VectorSource(_json_content(archive.read(found[0]), encoding, path.name))
        if inner.endswith(".gpkg"):
            refuse_live_tables(archive.read(found[0]), path.name)
        if inner.endswith(".shp") and not encoding:
            encoding = _dbf_encoding_in_zip(archive, inner.removesuffix(".shp"))
    return VectorSource(f"/vsizip/{path.absolute()}/{found[0]}", encoding)


def _datasets(names: list[str]) -> list[str]:
    folders = {_gdb_folder(name) for name in names} - {""}
    return sorted(folders) or sorted(name for name in names if name.lower().endswith(_INSIDE_ZIP))


def _gdb_folder(name: str) -> str:
    parts = PurePosixPath(name).parts
    end = next((i for i, part in enumerate(parts) if part.lower().endswith(".gdb")), None)
    return "" if end is None else "/".join(parts[: end + 1])


def _dbf_encoding(path: Path) -> str | None:
    """The encoding of a Shapefile without .cpg, told by its bytes."""
    beside = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem}
    if ".cpg" in beside or ".dbf" not in beside:
        return None
    return _told_by_bytes(beside[".dbf"].read_bytes())


def _dbf_encoding_in_zip(archive: zipfile.ZipFile, stem: str) -> str | None:
    names = {name.lower(): name for name in archive.namelist()}
    if f"{stem}.cpg" in names or f"{stem}.dbf" not in names:
        return None
    return _told_by_bytes(archive.read(names[f"{stem}.dbf"]))


def _told_by_bytes(dbf: bytes) -> str:
    found = {encoding_of(values, width=width) for width, values in dbf_text_values(dbf)}
    return next((codec for codec in found if codec != "utf-8"), "utf-8")


def named_crs(source: VectorSource) -> str | None:
    """The shifted datum that GeoJSON names as its `crs`; GDAL takes an unknown name for WGS 84."""
    if not isinstance(source.dataset, bytes):
        return None
    document = json.loads(source.dataset)
    try:
        name = str(document["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return None
    return name if _SHIFTED.fullmatch(name) else None
