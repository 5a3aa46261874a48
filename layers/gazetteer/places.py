"""Places as arrays: what is told of a place, of thousands of them, without an object for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.gazetteer.arrays import Ints16, Ints64, frozen

type Floats64 = NDArray[np.float64]
type Bytes = NDArray[np.uint8]

# A place that was made of several features has no row.
_NO_ROW = -1
_TEXTS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A place that has names.

    Attributes:
        layer: whose rows tell who may know of it.
        row: the feature's id there; None where it was made of several.
        id: what it is called in answers.
        label, detail: for people.
    """

    layer: str
    row: int | None
    id: str
    kind: str
    label: str
    detail: str
    lon: float
    lat: float


class PlaceArrays(NamedTuple):
    """Places by their numbers.

    Attributes:
        heads: UTF-8, one line for each pair of layer and kind, apart by a tab.
        head: which of these.
        row: the feature's id; -1 for none.
        lon, lat: WGS 84, degrees.
        text_start: (3 * places + 1) where id, label and detail of each begin.
        texts: UTF-8.
    """

    heads: Bytes
    head: Ints16
    row: Ints64
    lon: Floats64
    lat: Floats64
    text_start: Ints64
    texts: Bytes


class Places(Sequence[Place]):
    """Places over their arrays; one is made when it is asked for."""

    def __init__(self, arrays: PlaceArrays) -> None:
        self.arrays = arrays
        lines = text_of(arrays.heads).splitlines()
        self._heads: list[list[str]] = [line.split("\t") for line in lines]

    @classmethod
    def of(cls, places: Iterable[Place]) -> Places:
        """The places as arrays."""
        places = list(places)
        heads = {(each.layer, each.kind): 0 for each in places}
        heads = {head: number for number, head in enumerate(heads)}
        texts = [t.encode() for each in places for t in (each.id, each.label, each.detail)]
        return cls(
            frozen(
                PlaceArrays(
                    bytes_of("\n".join("\t".join(head) for head in heads)),
                    np.array([heads[each.layer, each.kind] for each in places], np.int16),
                    np.array([_NO_ROW if p.row is None else p.row for p in places], np.int64),
                    np.array([each.lon for each in places], np.float64),
                    np.array([each.lat for each in places], np.float64),
                    np.cumsum([0, *map(len, texts)], dtype=np.int64),
                    np.frombuffer(b"".join(texts), np.uint8),
                )
            )
        )

    def __len__(self) -> int:
        return len(self.arrays.row)

    def __iter__(self) -> Iterator[Place]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        layer, kind = self._heads[self.arrays.head[number]]
        row = int(self.arrays.row[number])
        id_, label, detail = (self._text(_TEXTS * number + each) for each in range(_TEXTS))
        lon, lat = float(self.arrays.lon[number]), float(self.arrays.lat[number])
        return Place(layer, None if row == _NO_ROW else row, id_, kind, label, detail, lon, lat)

    def layer_of(self, number: int) -> str:
        """Whose rows tell who may know of a place."""
        return self._heads[int(self.arrays.head[number])][0]

    def among(self, layer: str, rows: Sequence[int]) -> NDArray[np.bool_]:
        """(places) whether each is one of these features of a layer."""
        heads = [number for number, head in enumerate(self._heads) if head[0] == layer]
        of_rows = np.isin(self.arrays.row, np.asarray(rows, np.int64))
        return of_rows & np.isin(self.arrays.head, heads)

    def _text(self, number: int) -> str:
        begin, end = self.arrays.text_start[number : number + 2]
        return text_of(self.arrays.texts[begin:end])


def bytes_of(text: str) -> Bytes:
    """A text as an array."""
    return np.frombuffer(text.encode(), np.uint8)


def text_of(array: Bytes) -> str:
    """The text of such an array."""
    return array.tobytes().decode()
