"""Tiles kept in memory, as long as nothing has changed where they lie.

What is announced as changed is forgotten at once, and with it what is being made of it just then: a
tile whose making began before the announcement may show the time before, so it goes to those who
asked already and to nobody after them.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
import xxhash

from layers.catalogue import Entry
from layers.reading.tiles.ground import touched_box
from layers.reading.tiles.matrix_sets import Box, Tile
from layers.roles import Role
from spatial.database import Principal, RightsClass

DEFAULT_BYTES = 64 * 2**20
# So many are made at a time, that connections remain for everything else.
_AT_ONCE = 8
# A tile costs its bytes and what Python needs to keep it.
_OVERHEAD_BYTES = 1_500
_GZIP_LEVEL = 5
_SMALL_BYTES = 16_384


class TileKey(NamedTuple):
    """Whose tile of what: principals of one rights class see the same."""

    rights: RightsClass
    layer_id: str
    tile: Tile

    @classmethod
    def of(cls, entry: Entry, tile: Tile, principal: Principal) -> TileKey:
        """The key for a principal; all who see what everybody may see share theirs."""
        rights = principal.rights_class
        if entry.is_public_to(Role(principal.role)) and principal.reaches(entry.id):
            rights = RightsClass(Role.ANONYMOUS, principal.town_id)
        return cls(rights, entry.id, tile)

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return self.rights.role == Role.ANONYMOUS


class KeptTile:
    """A tile as it is sent.

    Attributes:
        content: Mapbox Vector Tile; empty where nothing lies.
        digest: equal as long as the content is; a tile is hashed each time it is made, so quickly.
        good_until: on the monotonic clock; None as long as nothing changes.
    """

    def __init__(self, content: bytes, good_for_s: float | None = None) -> None:
        self.content = content
        self.digest = xxhash.xxh3_128_hexdigest(content)
        self.good_until = None if good_for_s is None else time.monotonic() + good_for_s

    @cached_property
    def packed(self) -> bytes:
        """The content gzip-compressed, made when the first asks for it."""
        return gzip.compress(self.content, _GZIP_LEVEL, mtime=0)

    @property
    def is_quickly_packed(self) -> bool:
        """Whether an event loop may wait for `packed`."""
        return len(self.content) < _SMALL_BYTES or "packed" in self.__dict__

    @property
    def size(self) -> int:
        """How many bytes it takes in memory, if the compressed content is half as long."""
        return len(self.content) * 3 // 2 + _OVERHEAD_BYTES


@dataclass
class _Making:
    """A tile that is being made, and how many wait for it."""

    task: asyncio.Task[KeptTile]
    waiting: int = 0


Make = Callable[[], Awaitable[bytes]]


class TileCache:
    """Tiles of all layers, of all rights, at most so many bytes of them; for one event loop."""

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self.hits = 0
        self.misses = 0
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[TileKey, KeptTile] = OrderedDict()
        self._making: dict[TileKey, _Making] = {}
        # Layer id → what is kept and made of it, with the boxes in which a change touches that.
        self._boxes: defaultdict[str, dict[TileKey, Box]] = defaultdict(dict)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def get(self, key: TileKey, make: Make, *, good_for_s: float | None = None) -> KeptTile:
        """The tile, from memory or made now; made once, however many ask at the same time.

        Whoever is cancelled while waiting leaves the others their tile; when the last one goes,
        the making is cancelled too.

        Args:
            make: reads the tile's content.
            good_for_s: how long it may be kept although nothing changes.
        """
        kept = self.find(key)
        if kept is not None:
            self.hits += 1
            return kept
        self.misses += 1
        making = self._making.get(key) or self._start(key, make, good_for_s)
        return await self._wait(key, making)

    def find(self, key: TileKey) -> KeptTile | None:
        """The tile, if it is in memory."""
        kept = self._kept.get(key)
        if kept is None or (kept.good_until is not None and kept.good_until <= time.monotonic()):
            return None
        self._kept.move_to_end(key)
        return kept

    def forget(self, layer_id: str, boxes: Sequence[Box]) -> None:
        """Forget the tiles of a layer that a change in one of `boxes` touches.

        Args:
            boxes: west, south, east, north in EPSG:4326, of what changed before and after.
        """
        keys = list(self._boxes[layer_id])
        if not keys or not boxes:
            return
        changed = shapely.STRtree(shapely.box(*np.array(boxes, dtype=float).T))
        of_tiles = shapely.box(*np.array([self._boxes[layer_id][key] for key in keys]).T)
        for number in np.unique(changed.query(of_tiles)[0]).tolist():
            self._drop(keys[number])

    def forget_layer(self, layer_id: str) -> None:
        """Forget all tiles of a layer."""
        for key in list(self._boxes[layer_id]):
            self._drop(key)

    def forget_all(self) -> None:
        """Forget everything: who kept watch has missed something, perhaps."""
        for layer_id in list(self._boxes):
            self.forget_layer(layer_id)

    @property
    def size(self) -> int:
        """How many bytes the kept tiles take, about."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def _start(self, key: TileKey, make: Make, good_for_s: float | None) -> _Making:
        making = _Making(asyncio.create_task(self._make(make, good_for_s)))
        self._making[key] = making
        self._note(key)
        making.task.add_done_callback(lambda task: self._finish(key, making, task))
        return making

    async def _make(self, make: Make, good_for_s: float | None) -> KeptTile:
        async with self._turns:
            content = await make()
        return KeptTile(content, good_for_s)

    async def _wait(self, key: TileKey, making: _Making) -> KeptTile:
        making.waiting += 1
        try:
            return await asyncio.shield(making.task)
        finally:
            making.waiting -= 1
            if not making.waiting and not making.task.done():
                # Whoever asks from here on has it made anew.
                if self._making.get(key) is making:
                    self._drop(key)
                making.task.cancel()

    def _finish(self, key: TileKey, making: _Making, task: asyncio.Task[KeptTile]) -> None:
        """Keep the tile, unless it was forgotten while it was made."""
        failed = task.cancelled() or task.exception() is not None
        if self._making.get(key) is not making:
            return
        del self._making[key]
        self._remove(key)
        if not failed:
            self._keep(key, task.result())

    def _keep(self, key: TileKey, tile: KeptTile) -> None:
        if tile.size > self._max_bytes:
            return
        self._kept[key] = tile
        self._bytes += tile.size
        self._note(key)
        while self._bytes > self._max_bytes:
            self._remove(next(iter(self._kept)))

    def _note(self, key: TileKey) -> None:
        self._boxes[key.layer_id][key] = touched_box(key.tile)

    def _drop(self, key: TileKey) -> None:
        """Forget a tile, and that it is being made."""
        self._making.pop(key, None)
        self._remove(key)

    def _remove(self, key: TileKey) -> None:
        tile = self._kept.pop(key, None)
        if tile:
            self._bytes -= tile.size
        if key not in self._making:
            self._boxes[key.layer_id].pop(key, None)
