"""Grids into the house: a file becomes a draft, or its faults are told with their shapes."""

from __future__ import annotations

import asyncio
import re
import tempfile
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from anyio import open_file
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.file_routes import errand_of, parameters_of
from api.boundaries.request import answer
from api.cancelling import run_in_process
from api.services import services_of
from layers.importing.options import ImportOptions
from layers.importing.upload import ENDINGS, Upload, draft_upload
from spatial.errors import AccessError, InputError

_KNOWN = {"file", "name", "crs", "level", "clean", "layer", "encoding"}
_LEVELS = ("villages", "grids", "micro-grids")
_LONGEST_NAME, _LONGEST_STEM = 200, 60
_WIDEST_M = 100.0
_TIMEOUT_S = 600
_OPTION = re.compile(r"--([a-z]+)( (?=\S))?")


async def post_import(request: Request) -> Response:
    """POST /api/grids/import?file=&name=&crs=&level=&clean=: the body is the file."""
    errand = errand_of(request)
    if not errand.principal.may_write:
        raise AccessError("these credentials are for reading / 该凭据只读")
    given = parameters_of(request, _KNOWN)
    file_name = _file_name(given)
    with tempfile.TemporaryDirectory(prefix="gridwhistle-upload-") as folder:
        upload = _upload(given, Path(folder) / file_name)
        await _store(request, upload.file.path)
        try:
            async with asyncio.timeout(_TIMEOUT_S), services_of(request).download_slots:
                report = await run_in_process(request, draft_upload, errand, upload)
        except TimeoutError:
            raise InputError(f"{file_name}: it is too large to be read here / 文件过大") from None
        except InputError as error:
            error.remedy = _as_parameters(error.remedy)
            raise
    found = {
        "draft": report.draft_id,
        "changed": report.changed,
        "new": report.new,
        "gone": report.gone,
        "notes": list(report.notes),
    }
    return answer(found, HTTPStatus.CREATED if report.draft_id else HTTPStatus.OK)


def _file_name(given: dict[str, str]) -> str:
    """What the file is called, as far as it can be a name here too."""
    name = PurePosixPath(given.get("file", "").replace("\\", "/"))
    if name.suffix.lower() not in ENDINGS:
        raise InputError(
            "file is the file's name, with its ending / 缺少文件名或不支持此格式",
            remedy=", ".join(f"file=grids{ending}" for ending in ENDINGS),
        )
    return re.sub(r"[^\w()（）-]+", "_", name.stem)[:_LONGEST_STEM] + name.suffix.lower()


def _upload(given: dict[str, str], path: Path) -> Upload:
    level = given.get("level")
    if level is not None and level not in _LEVELS:
        raise InputError(f"level is not {level[:50]} / 层级不对", remedy=", ".join(_LEVELS))
    file = ImportOptions(
        path=path,
        rejects_path=path,
        crs=given.get("crs"),
        layer=given.get("layer"),
        encoding=given.get("encoding"),
    )
    name = given.get("name", path.stem)[:_LONGEST_NAME]
    if not name.isprintable():
        raise InputError("name is a text on one line / 草案名称不对")
    return Upload(file, name, level, _width_m(given.get("clean")))


def _width_m(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        width_m = float(text)
    except ValueError:
        width_m = 0
    if not 0 < width_m <= _WIDEST_M:
        raise InputError(f"clean is a width in metres, up to {_WIDEST_M:g} / 清理宽度不对")
    return width_m


async def _store(request: Request, path: Path) -> None:
    async with await open_file(path, "wb") as file:
        async for piece in request.stream():
            await file.write(piece)
    if not path.stat().st_size:
        raise InputError(f"{path.name}: the file is empty / 文件是空的")


def _as_parameters(remedy: str | None) -> str | None:
    """What the command line calls `--crs EPSG:4549` is the parameter `crs=EPSG:4549` here."""
    return None if remedy is None else _OPTION.sub(_as_parameter, remedy)


def _as_parameter(option: re.Match[str]) -> str:
    return f"{option[1]}=" if option[2] else option[1]


ROUTES = [Route("/api/grids/import", post_import, methods=["POST"])]
