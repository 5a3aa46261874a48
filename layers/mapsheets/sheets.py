"""One PDF for each village, grid or for the town."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import shapely
from fpdf import FPDF

from layers.gridfiles.units import UnitRow
from layers.mapsheets.canvas import FONT, Canvas
from layers.mapsheets.content import MapContent
from layers.mapsheets.drawing import Subject, draw_map
from layers.mapsheets.fonts import letters_without_glyph, write_font
from layers.mapsheets.labels import Labels
from layers.mapsheets.margin import WORDING, draw_margin, draw_north, north_place
from layers.mapsheets.paper import fit
from layers.mapsheets.plan import LEVEL_OF_SHEET, Imprint, SheetPlan
from spatial.errors import NotFoundError


def write_sheets(
    content: MapContent, folder: Path, plan: SheetPlan, imprint: Imprint
) -> Iterator[Path]:
    """Write one PDF after the other, and say which.

    Raises:
        NotFoundError: there is no such unit.
        SetupError: this machine has no Chinese font.
    """
    subjects = _subjects(content, plan)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        font = write_font(Path(name), _texts(content, imprint))
        for unit in subjects:
            path = folder / f"{_file_name(unit.code)} {_file_name(unit.name)}.pdf"
            pdf = _sheet(content, subject_of(content, unit), plan.paper, imprint, font)
            pdf.output(str(path))
            yield path


def letters_missing(content: MapContent, imprint: Imprint) -> str:
    """The letters of the sheets that this machine's font lacks; they are drawn as 〓.

    Raises:
        SetupError: this machine has no Chinese font.
    """
    return letters_without_glyph(_texts(content, imprint))


def _texts(content: MapContent, imprint: Imprint) -> list[str]:
    said = (imprint.issuer, imprint.secrecy or "", imprint.approval_number or "")
    return [WORDING, *said, *content.texts()]


def _subjects(content: MapContent, plan: SheetPlan) -> list[UnitRow]:
    units = content.at_level(LEVEL_OF_SHEET[plan.per])
    if plan.only:
        units = [unit for unit in units if {unit.code, unit.name} & set(plan.only)]
    if not units:
        asked = f" called {', '.join(plan.only)}" if plan.only else ""
        raise NotFoundError(f"there is no {plan.per}{asked} / 没有这样的单元")
    return units


def subject_of(content: MapContent, unit: UnitRow) -> Subject:
    """A unit with what lies in it and beside it."""
    near = shapely.buffer(shapely.box(*unit.shape.bounds), max(_extent(unit), 1.0))
    around = [
        other
        for other in content.at_level(unit.level)
        if other.code != unit.code and shapely.intersects(near, other.shape)
    ]
    town = "" if unit.level == 1 else content.town.name
    return Subject(unit, content.below(unit)[1:], around, f"{town}{unit.name}网格图")


def _extent(unit: UnitRow) -> float:
    west, south, east, north = unit.shape.bounds
    return float(max(east - west, north - south))


def _sheet(content: MapContent, subject: Subject, paper: str, imprint: Imprint, font: Path) -> FPDF:
    pdf = FPDF(unit="mm")
    pdf.add_font(FONT, fname=font)
    pdf.set_title(subject.title)
    pdf.set_author(imprint.issuer)
    pdf.set_lang("zh-CN")
    srid = content.town.metric_srid or 0
    canvas = Canvas(pdf, fit(subject.unit.shape.bounds, paper))
    canvas.begin()
    labels = Labels(canvas)
    labels.keep_free(north_place(canvas))
    draw_map(canvas, content, subject, labels)
    draw_margin(canvas, subject, imprint, srid)
    draw_north(canvas)
    return pdf


def _file_name(name: str) -> str:
    return re.sub(r"[^\w()（）-]+", "_", name)
