"""What stands around the map: title, legend, list of units, scale, north, CRS, issuer, marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from pyproj import CRS

from grids.arcs.plane import Plane
from layers.gridfiles.fields import LEVEL_TITLES
from layers.gridfiles.look import LINES
from layers.gridfiles.units import UnitRow
from layers.mapsheets.canvas import BLACK, MM_PER_POINT, Canvas, Color, Pen
from layers.mapsheets.drawing import BUILDING, BUILDINGS_TO, WATER, Subject, is_drawn
from layers.mapsheets.paper import Rectangle, round_length
from layers.mapsheets.plan import Imprint

GREY: Color = (90, 90, 90)
_RED: Color = (190, 20, 20)
_FRAME = Pen(BLACK, 0.5)
_THIN = Pen(BLACK, 0.15)
_ROW_MM = 4.2
_LOWEST_ROW_MM = 2.6
_BAR_MM = 2.0
_BAR_PARTS = 4
_LONGEST_TICK_MM = 100.0
# Every letter that is written besides names, so that the font holds it.
WORDING = (
    "图例网格图镇域村社界线微建筑水系道路相邻序号编码名称面积公顷共个见未列出省略……比例尺"
    "坐标系数据截至编制单位日期审图号密级北米千演示数据非真实国家大地度分秒投影另有"
    "高层用：（）/、，。°′″²×·—–"
)


def draw_margin(canvas: Canvas, subject: Subject, imprint: Imprint, srid: int) -> None:
    """Everything but the map."""
    _draw_title(canvas, subject, imprint)
    _draw_ticks(canvas)
    _draw_corners(canvas, srid)
    frame, panel = canvas.fit.paper.map_frame, canvas.fit.paper.panel
    canvas.set_pen(_FRAME)
    canvas.pdf.rect(*frame)
    canvas.pdf.rect(*panel)
    below = _draw_legend(canvas, panel, subject)
    height = _imprint_height(imprint)
    foot = Rectangle(panel.x, panel.y + panel.height - height, panel.width, height)
    _draw_imprint(canvas, foot, imprint, srid)
    _draw_list(canvas, Rectangle(panel.x, below, panel.width, foot.y - below), subject)


def north_place(canvas: Canvas) -> Rectangle:
    """Where the arrow is: in the upper right corner of the map."""
    frame = canvas.fit.paper.map_frame
    return Rectangle(frame.x + frame.width - 15, frame.y + 3, 12, 19)


def draw_north(canvas: Canvas) -> None:
    """An arrow to the north of the grid."""
    box = north_place(canvas)
    pdf = canvas.pdf
    pdf.set_fill_color(255, 255, 255)
    canvas.set_pen(_THIN)
    pdf.rect(*box, style="DF")
    middle, top, foot = box.x + 6, box.y + 6.5, box.y + 17.5
    pdf.set_fill_color(*BLACK)
    pdf.polygon([(middle, top), (middle - 3, foot), (middle, foot - 2.5)], style="DF")
    pdf.set_fill_color(255, 255, 255)
    pdf.polygon([(middle, top), (middle + 3, foot), (middle, foot - 2.5)], style="DF")
    canvas.set_text(11)
    canvas.text_in(Rectangle(box.x, box.y + 0.8, 12, 5), "北", "C")


def _draw_title(canvas: Canvas, subject: Subject, imprint: Imprint) -> None:
    paper = canvas.fit.paper
    whole = Rectangle(10, 9, paper.width - 20, 12)
    canvas.set_text(24 if paper.name == "A3" else 18)
    canvas.text_in(whole, subject.title, "C")
    canvas.set_text(9, GREY)
    canvas.text_in(Rectangle(10, 15, 80, 6), subject.unit.code)
    if imprint.secrecy:
        canvas.set_text(14, _RED)
        canvas.text_in(Rectangle(paper.width - 90, 9, 80, 7), imprint.secrecy, "R")
    if imprint.is_synthetic:
        canvas.set_text(9, _RED)
        canvas.text_in(Rectangle(paper.width - 90, 16, 80, 5), "演示数据，非真实 / synthetic", "R")


def _draw_legend(canvas: Canvas, panel: Rectangle, subject: Subject) -> float:
    """From the panel's top; where it ends."""
    y = _heading(canvas, panel, panel.y + 2, "图例")
    level = subject.unit.level
    levels = [lower for lower in (1, 2, 3, 4) if lower >= level and is_drawn(canvas, lower)]
    for lower in levels:
        text = f"{LEVEL_TITLES[lower].zh}界线"
        y = _legend_line(canvas, panel, y, Pen(LINES[lower].rgb, LINES[lower].width_mm), text)
    if subject.around:
        pen = Pen(GREY, LINES[level].width_mm / 2, 1.5)
        y = _legend_line(canvas, panel, y, pen, f"相邻{LEVEL_TITLES[level].zh}")
    grounds = [(WATER, "水系")]
    if canvas.fit.scale <= BUILDINGS_TO:
        grounds.append((BUILDING, "建筑"))
    for color, text in grounds:
        canvas.pdf.set_fill_color(*color)
        canvas.pdf.rect(panel.x + 4, y + 0.8, 12, _ROW_MM - 1.4, style="F")
        y = _legend_text(canvas, panel, y, text)
    return _legend_line(canvas, panel, y, Pen((176, 168, 156), 0.7), "道路") + 2


def _legend_line(canvas: Canvas, panel: Rectangle, y: float, pen: Pen, text: str) -> float:
    canvas.set_pen(pen)
    canvas.pdf.line(panel.x + 4, y + _ROW_MM / 2, panel.x + 16, y + _ROW_MM / 2)
    canvas.set_pen(_THIN)
    return _legend_text(canvas, panel, y, text)


def _legend_text(canvas: Canvas, panel: Rectangle, y: float, text: str) -> float:
    canvas.set_text(8)
    canvas.text_in(Rectangle(panel.x + 19, y, panel.width - 21, _ROW_MM), text)
    return y + _ROW_MM


def _heading(canvas: Canvas, panel: Rectangle, y: float, text: str) -> float:
    canvas.set_text(11)
    canvas.text_in(Rectangle(panel.x, y, panel.width, 6), text, "C")
    return y + 7


def _draw_list(canvas: Canvas, box: Rectangle, subject: Subject) -> None:
    """Code, name and area of the units right below; as many as there is room for."""
    units = [unit for unit in subject.within if unit.level == subject.unit.level + 1]
    if not units:
        return
    entries = [cells for unit in units for cells in _entries(unit, subject)]
    canvas.set_pen(_THIN)
    canvas.pdf.line(box.x, box.y, box.x + box.width, box.y)
    title = f"{LEVEL_TITLES[units[0].level].zh}（共 {len(units)} 个）"
    top = _heading(canvas, box, box.y + 2, title)
    free_mm = box.y + box.height - top - 2
    row_mm = min(max(free_mm / (len(entries) + 1), _LOWEST_ROW_MM), _ROW_MM)
    room = int(free_mm / row_mm + 1e-9) - 1
    shown = entries if len(entries) <= room else entries[: max(room - 1, 0)]
    rows = [("编码", "名称", "公顷"), *shown]
    if len(shown) < len(entries):
        rows.append((f"…… 另有 {len(entries) - len(shown)} 个未列出", "", ""))
    for number, cells in enumerate(rows):
        _list_row(canvas, Rectangle(box.x, top + number * row_mm, box.width, row_mm), cells)


def _entries(unit: UnitRow, subject: Subject) -> Iterator[tuple[str, str, str]]:
    """A unit, and the micro-grids of high-rises that share its polygon."""
    name = unit.name.removeprefix(subject.unit.name) or unit.name
    yield unit.code, name, f"{unit.shape.area / 1e4:.2f}"
    for code, share_name in {share.code: share.name for share in unit.shares}.items():
        yield code, share_name, "高层"


def _list_row(canvas: Canvas, row: Rectangle, cells: tuple[str, str, str]) -> None:
    is_large = canvas.fit.paper.name == "A3"
    canvas.set_text(min(7.5 if is_large else 6, row.height / MM_PER_POINT * 0.75))
    code_mm = 28.0 if is_large else 22.0
    canvas.text_in(row._replace(x=row.x + 2, width=code_mm), cells[0])
    name = _shortened(canvas, cells[1], row.width - code_mm - 15)
    canvas.text_in(row._replace(x=row.x + code_mm + 2, width=row.width - code_mm - 14), name)
    canvas.text_in(row._replace(x=row.x + row.width - 14, width=12), cells[2], "R")


def _shortened(canvas: Canvas, text: str, width_mm: float) -> str:
    if canvas.pdf.get_string_width(text) <= width_mm:
        return text
    while text and canvas.pdf.get_string_width(f"{text}…") > width_mm:
        text = text[:-1]
    return f"{text}…"


def imprint_lines(imprint: Imprint, srid: int) -> Sequence[str]:
    """CRS, date, issuer, approval."""
    lines = [
        "坐标系：" + ("2000国家大地坐标系" if _is_cgcs2000(srid) else CRS.from_epsg(srid).name),
        f"投影：EPSG:{srid}",
        f"数据截至：{imprint.day:%Y-%m-%d}",
        f"编制单位：{imprint.issuer}",
    ]
    return [*lines, f"审图号：{imprint.approval_number}"] if imprint.approval_number else lines


def _is_cgcs2000(srid: int) -> bool:
    return "CGCS2000" in CRS.from_epsg(srid).name


def _imprint_height(imprint: Imprint) -> float:
    return 24 + _ROW_MM * (5 if imprint.approval_number else 4)


def _draw_imprint(canvas: Canvas, box: Rectangle, imprint: Imprint, srid: int) -> None:
    canvas.set_pen(_THIN)
    canvas.pdf.line(box.x, box.y, box.x + box.width, box.y)
    canvas.set_text(11)
    canvas.text_in(Rectangle(box.x, box.y + 2, box.width, 6), f"比例尺 1:{canvas.fit.scale}", "C")
    _draw_bar(canvas, Rectangle(box.x + 6, box.y + 10, box.width - 16, 8))
    y = box.y + 21
    canvas.set_text(7.5)
    for line in imprint_lines(imprint, srid):
        canvas.text_in(Rectangle(box.x + 3, y, box.width - 5, _ROW_MM), line)
        y += _ROW_MM


def _draw_bar(canvas: Canvas, box: Rectangle) -> None:
    """Black and white parts of a round length."""
    scale = canvas.fit.scale
    whole_m = round_length(box.width / 1000 * scale)
    part_mm = whole_m / _BAR_PARTS / scale * 1000
    canvas.set_pen(_THIN)
    canvas.set_text(6.5)
    for part in range(_BAR_PARTS):
        canvas.pdf.set_fill_color(*(BLACK if part % 2 == 0 else (255, 255, 255)))
        canvas.pdf.rect(box.x + part * part_mm, box.y + 4, part_mm, _BAR_MM, style="DF")
    for part in (0, 2, 4):
        text = f"{whole_m * part / _BAR_PARTS:g}" + (" 米" if part == _BAR_PARTS else "")
        spot = Rectangle(box.x + part * part_mm - 10, box.y, 20, 3.6)
        canvas.text_in(spot, text, "C")


def _draw_ticks(canvas: Canvas) -> None:
    """Marks at round coordinates along the frame, and crosses where they meet."""
    scale, (west, south, east, north) = canvas.fit.scale, canvas.fit.ground
    step = round_length(_LONGEST_TICK_MM / 1000 * scale)
    xs = np.arange(np.ceil(west / step) * step, east, step)
    ys = np.arange(np.ceil(south / step) * step, north, step)
    canvas.set_pen(Pen(GREY, 0.1))
    canvas.set_text(5.5, GREY)
    frame = canvas.fit.paper.map_frame
    for x in xs:
        at = float(canvas.to_page(np.array([[x, north]]))[0, 0])
        canvas.pdf.line(at, frame.y - 1.2, at, frame.y)
        canvas.text_in(Rectangle(at - 10, frame.y - 3.6, 20, 2.4), f"{x:.0f}", "C")
    for y in ys:
        at = float(canvas.to_page(np.array([[west, y]]))[0, 1])
        canvas.pdf.line(frame.x - 1.2, at, frame.x, at)
        with canvas.pdf.rotation(90, frame.x - 2.6, at):
            canvas.text_in(Rectangle(frame.x - 9.6, at - 1.2, 14, 2.4), f"{y:.0f}", "C")
    canvas.set_pen(Pen(GREY, 0.1))
    for x, y in canvas.to_page(np.array([(x, y) for x in xs for y in ys]).reshape(-1, 2)).tolist():
        canvas.pdf.line(x - 1.5, y, x + 1.5, y)
        canvas.pdf.line(x, y - 1.5, x, y + 1.5)


def _draw_corners(canvas: Canvas, srid: int) -> None:
    """Longitude and latitude of the frame's lower corners."""
    frame, (west, south, east, _) = canvas.fit.paper.map_frame, canvas.fit.ground
    corners = Plane(srid).to_lonlat(np.array([[west, south], [east, south]])).tolist()
    canvas.set_text(6.5, GREY)
    y = frame.y + frame.height + 1
    left, right = (f"{_degrees(lon)} E  {_degrees(lat)} N" for lon, lat in corners)
    canvas.text_in(Rectangle(frame.x, y, 70, 3.5), left)
    canvas.text_in(Rectangle(frame.x + frame.width - 70, y, 70, 3.5), right, "R")


def _degrees(angle: float) -> str:
    """Degrees, minutes, seconds."""
    seconds = round(abs(angle) * 36000) / 10
    minutes, seconds = divmod(seconds, 60)
    return f"{'-' if angle < 0 else ''}{minutes // 60:.0f}°{minutes % 60:02.0f}′{seconds:04.1f}″"
