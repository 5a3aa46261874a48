"""Which tests a suite holds: TestNG's results don't name those that were never begun.

A test whose list of cases comes up empty is left out of the results without a word. So the tests
are read from the classes themselves (The Java Virtual Machine Specification, chapter 4).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

_ROOM = "org/opengis/cite/"
_TEST = b"Lorg/testng/annotations/Test;"
_ANNOTATIONS = b"RuntimeVisibleAnnotations"
_UTF8, _LONG, _DOUBLE = 1, 5, 6
# Tag of a constant → its size.
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4}
_SIZES |= {19: 2, 20: 2}


def tests_in(jar: Path) -> set[tuple[str, str]]:
    """Class and method of every test in a suite."""
    with zipfile.ZipFile(jar) as archive:
        classes = [
            (Path(name).stem, archive.read(name))
            for name in archive.namelist()
            if name.startswith(_ROOM) and name.endswith(".class")
        ]
    return {
        (name, method)
        for name, content in classes
        if _TEST in content
        for method in _tests(_ClassFile(content))
    }


class _ClassFile(io.BytesIO):
    """A compiled class, read from its beginning to its end."""

    def number(self, size: int = 2) -> int:
        """The next unsigned number."""
        return int.from_bytes(self.read(size), "big")

    def texts(self) -> dict[int, bytes]:
        """The constant pool's texts by their place in it."""
        found, place, count = {}, 1, self.number()
        while place < count:
            tag = self.number(1)
            if tag == _UTF8:
                found[place] = self.read(self.number())
            else:
                self.read(_SIZES[tag])
            place += 2 if tag in {_LONG, _DOUBLE} else 1  # these two take up two places
        return found

    def members(self, texts: dict[int, bytes]) -> Iterator[tuple[str, dict[bytes, bytes]]]:
        """Name and attributes of each field, or of each method."""
        for _ in range(self.number()):
            self.number()  # access flags
            name = texts[self.number()].decode()
            self.number()  # descriptor
            yield name, self._attributes(texts)

    def _attributes(self, texts: dict[int, bytes]) -> dict[bytes, bytes]:
        return {texts[self.number()]: self.read(self.number(4)) for _ in range(self.number())}


def _tests(java: _ClassFile) -> Iterator[str]:
    java.read(8)  # magic number and version
    texts = java.texts()
    java.read(6)  # access flags, this class, its parent
    java.read(2 * java.number())  # interfaces
    list(java.members(texts))  # fields
    for name, attributes in java.members(texts):
        first = attributes.get(_ANNOTATIONS, b"")[2:4]
        if texts.get(int.from_bytes(first, "big")) == _TEST:
            yield name
