"""Text whose encoding nobody stated, and text that was decoded wrongly before it came here."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from spatial.errors import InputError

# GB18030 holds GBK and GB2312, so one name serves all three.
CHINESE = "gb18030"
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# U+FFFD twice, written as UTF-8 and read as GBK; and fresh memory of a debugger read as GBK.
_DAMAGED = re.compile("\ufffd|锟斤拷|烫烫烫|屯屯屯")
_SHORTEST_GBK_RUN = 6  # three hanzi; shorter runs occur in Nordic words
_HANZI = re.compile("[\u4e00-\u9fff]")
# What bytes above 127 become in Latin-1 and Windows-1252.
_LATIN_RUN = re.compile(
    "[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013-\u203a\u20ac\u2122]{3,}"
)
# UTF-8 read as GBK gives rare hanzi and private-use characters.
_HANZI_RUN = re.compile("[\u4e00-\u9fff\ue000-\uf8ff]{3,}")
_REMEDY = "state the real one: --encoding GB18030 or --encoding UTF-8; or export the file again"


def decode_text(raw: bytes, *, encoding: str | None, name: str) -> str:
    """`raw` as text: by the stated encoding, its byte order mark, strict UTF-8, or GB18030.

    Raises:
        InputError: none of them fits, the stated one is unknown, or the text is garbled.
    """
    text = _decoded(raw, encoding, name)
    refuse_garbled((text[:200_000],), name)
    return text


def _decoded(raw: bytes, encoding: str | None, name: str) -> str:
    marked = next(
        (codec for mark, codec in _BYTE_ORDER_MARKS.items() if raw.startswith(mark)), None
    )
    for codec in [marked or encoding] if marked or encoding else ["utf-8", CHINESE]:
        try:
            return raw.decode(codec or "utf-8")
        except UnicodeDecodeError:
            continue
        except (LookupError, ValueError) as error:  # no codec, or one that decodes no text
            raise InputError(f"{name}: no encoding is called {encoding}") from error
    said = encoding or "UTF-8 nor GB18030"
    raise InputError(f"{name}: the text is not {said}", remedy=_REMEDY)


def encoding_of(values: Iterable[bytes], *, width: int | None = None) -> str:
    """`utf-8` where every value is, else GB18030.

    Args:
        width: of a fixed-width field; a value that fills it may be cut inside a character.
    """
    return "utf-8" if all(_is_utf8(value, width) for value in values) else CHINESE


def _is_utf8(value: bytes, width: int | None) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(value) == width and error.reason == "unexpected end of data"
    return True


def refuse_garbled(texts: Iterable[str], name: str) -> None:
    """Refuse Chinese that was decoded with the wrong table.

    Raises:
        InputError: names the first garbled piece.
    """
    for text in texts:
        piece = garbled_piece(text)
        if piece:
            raise InputError(f"{name}: garbled text '{piece}' / 乱码", remedy=_REMEDY)


def garbled_piece(text: str) -> str | None:
    """The first piece of `text` that is Chinese decoded wrongly, or None.

    Four kinds: characters lost for good (U+FFFD, 锟斤拷), UTF-8 read as Latin-1 or Windows-1252
    (æ¡ƒæº), GBK read as Latin-1 (ÌÒÔ´), and UTF-8 read as GBK (妗冩簮).
    """
    if text.isascii():
        return None
    damaged = _DAMAGED.search(text)
    if damaged:
        return text[max(damaged.start() - 6, 0) : damaged.end() + 6].strip()
    for run in _LATIN_RUN.findall(text):
        if _was_utf8(run, "cp1252") or _was_utf8(run, "latin-1") or _was_gbk(run):
            return str(run[:20])
    return next((run[:20] for run in _HANZI_RUN.findall(text) if _was_utf8_read_as_gbk(run)), None)


def _was_utf8(run: str, codec: str) -> bool:
    """Whether `run` is hanzi in UTF-8 that were decoded with `codec`."""
    raw = run.encode(codec, errors="ignore")
    hanzi = _HANZI.findall(raw.decode("utf-8", errors="ignore"))
    return len(hanzi) >= max(1, len(raw) // 4) and len(raw) >= 3


def _was_utf8_read_as_gbk(run: str) -> bool:
    """Whether the bytes of `run` in GBK are strict UTF-8 of at least two hanzi."""
    decoder = codecs.getincrementaldecoder("utf-8")()  # the last character may be cut
    try:
        text = decoder.decode(run.encode(CHINESE, errors="ignore"))
    except UnicodeDecodeError:
        return False
    return len(text) >= 2 and bool(_HANZI.fullmatch(text[0]) and _HANZI.fullmatch(text[-1]))


def _was_gbk(run: str) -> bool:
    """Whether `run` is hanzi in GBK that were decoded as Latin-1: long, even, and all hanzi."""
    raw = run.encode("latin-1", errors="ignore")
    if len(raw) < _SHORTEST_GBK_RUN or len(raw) % 2:
        return False
    return len(_HANZI.findall(raw.decode("gbk", errors="ignore"))) == len(raw) // 2
