"""Which texts are garbled and which only look foreign."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.encoding import decode_text, encoding_of, garbled_piece
from spatial.errors import InputError

VILLAGE = "桃源新邨社区"


@pytest.mark.parametrize(
    "text",
    [
        VILLAGE, "大成社区", "瀛海镇", "北京市东城区和平里街道", "“引号”——与省略号……", "联通",
        "Müller Straße", "Île-à-vache", "Gänsebrünnl", "jäääär", "Ööäå", "°C, µg/m³", "Ελλάδα",
        "東京都千代田区", "", "plain",
    ],
)  # fmt: skip
def test_sound_text_is_left_alone(text: str) -> None:
    assert garbled_piece(text) is None


@pytest.mark.parametrize(
    "text",
    [
        VILLAGE.encode().decode("latin-1"),
        VILLAGE.encode().decode("cp1252", "ignore"),
        VILLAGE.encode("gbk").decode("latin-1"),
        VILLAGE.encode().decode("gbk", "ignore"),
        VILLAGE.encode("gbk").decode("utf-8", "replace"),
        "锟斤拷锟斤拷",
        "店 æ¡ƒæº",
    ],
)
def test_garbled_text_is_found(text: str) -> None:
    assert garbled_piece(text)


def test_no_official_name_looks_garbled(shared_data: Path) -> None:
    text = (shared_data / "admin/villages_fotang_yaozhuang.csv").read_text()
    assert [line for line in text.splitlines() if garbled_piece(line)] == []


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12))
def test_chinese_survives_either_encoding(text: str) -> None:
    # The tail keeps a text of two hanzi in GB18030 from being valid UTF-8 by chance.
    line = f"{text}桃源新邨社区"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        raw = line.encode(encoding)
        stated = None if encoding != "gb18030" else encoding
        assert line in decode_text(raw, encoding=stated, name="x.csv")


def test_gbk_without_a_word_is_told_by_its_bytes() -> None:
    assert decode_text(VILLAGE.encode("gbk"), encoding=None, name="x.csv") == VILLAGE


def test_a_value_cut_inside_a_character_is_still_utf8() -> None:
    cut = VILLAGE.encode()[:16]
    assert encoding_of([cut], width=16) == "utf-8"
    assert encoding_of([cut], width=20) == "gb18030"
    assert encoding_of([VILLAGE.encode("gbk")], width=12) == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "no-such-encoding"])
def test_a_wrong_statement_is_refused(encoding: str) -> None:
    with pytest.raises(InputError):
        decode_text(VILLAGE.encode("gbk"), encoding=encoding, name="x.csv")
