"""Letters that no Chinese font has: shown as 〓, told, and still found as text."""

from __future__ import annotations

from pathlib import Path

from fontTools.ttLib import TTFont

from layers.mapsheets.fonts import letters_without_glyph, write_font

_TEXTS = ["𠮷田🌾村", "镇\U000323af", "〓A"]


def test_letters_without_a_glyph_are_told() -> None:
    missing = letters_without_glyph(_TEXTS)
    assert {"🌾", "\U000323af"} <= set(missing)
    assert not set("田村镇A") & set(missing)


def test_they_are_drawn_as_a_mark_and_stay_text(tmp_path: Path) -> None:
    letters = TTFont(write_font(tmp_path, _TEXTS)).getBestCmap()
    assert letters[ord("🌾")] == letters[ord("〓")]
    assert letters[ord("🌾")] != letters[ord("田")]
