"""A Chinese font of this machine, cut down once to the letters that a set of maps needs."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from spatial.errors import SetupError

_FOLDER = Path("/usr/share/fonts")
# Debian's packages fonts-noto-cjk, fonts-wqy-* and fonts-droid-fallback; the first wins.
_PATTERNS = ("**/NotoSansCJK-Regular.*", "**/NotoSansSC*.otf", "**/SourceHanSans*.*",
             "**/wqy-*.tt*", "**/DroidSansFallback*.ttf", "**/*CJK*Regular*")  # fmt: skip
_ALWAYS = range(0x20, 0x7F)


def write_font(folder: Path, texts: Iterable[str]) -> Path:
    """A font file with the letters of `texts`, in `folder`.

    Raises:
        SetupError: this machine has no Chinese font.
    """
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    font = _opened(_found())
    options = Options(layout_features=[], notdef_outline=True, name_IDs=[1, 2, 4, 6])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes={*_ALWAYS, *(ord(letter) for text in texts for letter in text)})
    subsetter.subset(font)
    path = folder / ("chinese.otf" if "CFF " in font else "chinese.ttf")
    font.save(path)
    return path


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
