"""A Chinese font of this machine, cut down once to the letters that a set of maps needs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

from spatial.errors import SetupError

_FOLDER = Path("/usr/share/fonts")
# Debian's packages fonts-noto-cjk, fonts-wqy-* and fonts-droid-fallback; the first wins.
_PATTERNS = ("**/NotoSansCJK-Regular.*", "**/NotoSansSC*.otf", "**/SourceHanSans*.*",
             "**/wqy-*.tt*", "**/DroidSansFallback*.ttf", "**/*CJK*Regular*")  # fmt: skip
_ALWAYS = range(0x20, 0x7F)
_STAND_IN = 0x3013  # 〓, which printers set where a letter was missing


def write_font(folder: Path, texts: Iterable[str]) -> Path:
    """A font file with the letters of `texts`, in `folder`.

    Raises:
        SetupError: this machine has no Chinese font.
    """
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    font = _opened(_found())
    _stand_in(font, texts := list(texts))
    options = Options(layout_features=[], notdef_outline=True, name_IDs=[1, 2, 4, 6])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes={*_ALWAYS, *(ord(letter) for text in texts for letter in text)})
    subsetter.subset(font)
    if "CFF " in font:
        _outlines_as_truetype(font)
    path = folder / "chinese.ttf"
    font.save(path)
    return path


def letters_without_glyph(texts: Iterable[str]) -> str:
    """The letters of which this machine's font has none; they are drawn as 〓.

    Raises:
        SetupError: this machine has no Chinese font.
    """
    return "".join(_missing(_opened(_found()), texts))


def _missing(font: TTFont, texts: Iterable[str]) -> list[str]:
    known = font.getBestCmap()
    return sorted({letter for text in texts for letter in text if ord(letter) not in known})


def _stand_in(font: TTFont, texts: Iterable[str]) -> None:
    """Draw letters that the font lacks as 〓; as text they stay what they are."""
    glyph = font.getBestCmap().get(_STAND_IN, ".notdef")
    tables = [table for table in font["cmap"].tables if table.isUnicode()]
    for letter in _missing(font, texts):
        for table in tables:
            if hasattr(table, "cmap") and (ord(letter) <= 0xFFFF or table.format == 12):
                table.cmap[ord(letter)] = glyph


def _outlines_as_truetype(font: TTFont) -> None:
    """Cubic outlines as quadratic ones, within a thousandth of the letter's size.

    The glyphs of Chinese CFF fonts are numbered in a way that not every program follows when it
    searches a PDF; those of TrueType fonts are found by all.
    """
    shapes = font.getGlyphSet()
    glyphs = {name: _quadratic(shapes[name]) for name in font.getGlyphOrder()}
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font["loca"] = newTable("loca")
    font["glyf"] = newTable("glyf")
    font["glyf"].glyphOrder = font.getGlyphOrder()
    font["glyf"].glyphs = glyphs
    font["glyf"].compile(font)  # tells each glyph its bounds
    for name, glyph in glyphs.items():
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    font["maxp"] = _limits()
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def _quadratic(shape: Any) -> Any:
    pen = TTGlyphPen(None)
    shape.draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
    return pen.glyph()


def _limits() -> Any:
    """The table `maxp` of a TrueType font without instructions; the rest is counted on saving."""
    table = newTable("maxp")
    table.tableVersion = 0x00010000
    table.maxZones = 1
    for name in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements",
                 "SizeOfInstructions", "ComponentElements"):  # fmt: skip
        setattr(table, f"max{name}", 0)
    return table


def _found() -> Path:
    for pattern in _PATTERNS:
        paths = sorted(_FOLDER.glob(pattern))
        if paths:
            return paths[0]
    raise SetupError(
        "no Chinese font is installed / 未安装中文字体", remedy="apt-get install fonts-noto-cjk"
    )


def _opened(path: Path) -> TTFont:
    if path.suffix.lower() not in {".ttc", ".otc"}:
        return TTFont(path)
    with TTCollection(path, lazy=True) as collection:
        names = [str(font["name"].getDebugName(4)) for font in collection.fonts]
    simplified = [number for number, name in enumerate(names) if " SC" in name]
    return TTFont(path, fontNumber=simplified[0] if simplified else 0)
