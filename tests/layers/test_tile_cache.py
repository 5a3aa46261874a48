"""What the tile cache keeps, what it forgets, and who waits for whom."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.entries import CATALOGUE
from layers.reading.tiles.ground import touched_box
from layers.reading.tiles.matrix_sets import TILE_MATRIX_SETS, address_of, tile_matrix_sets
from layers.roles import Role
from layers.tile_cache import TileCache, TileKey
from spatial.database import Principal

MERCATOR = TILE_MATRIX_SETS[0]
ANONYMOUS = Principal(Role.ANONYMOUS, 1)
PREMISES = CATALOGUE.entry("premises")


def key(lon=120.0, lat=29.0, level=14, entry=PREMISES, principal=ANONYMOUS) -> TileKey:
    return TileKey.of(entry, address_of(MERCATOR, level, lon, lat), principal)


class Maker:
    """Makes a tile when it is told to, and counts how often it was asked."""

    def __init__(self, content: bytes = b"tile") -> None:
        self.content = content
        self.asked = 0
        self.cancelled = 0
        self.go = asyncio.Event()

    async def __call__(self) -> bytes:
        self.asked += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.content


async def ready(content: bytes = b"tile") -> Maker:
    maker = Maker(content)
    maker.go.set()
    return maker


def run(test):
    """Run an asynchronous test to its end."""
    return lambda: asyncio.run(asyncio.wait_for(test(), 20))


@run
async def test_a_tile_is_made_once():
    cache, maker = TileCache(), await ready()
    first = await cache.get(key(), maker)
    assert (first.content, gzip.decompress(first.packed)) == (b"tile", b"tile")
    assert await cache.get(key(), maker) is first
    assert maker.asked == 1


@run
async def test_nothing_is_a_tile_too():
    cache, maker = TileCache(), await ready(b"")
    assert (await cache.get(key(), maker)).content == b""
    await cache.get(key(), maker)
    assert maker.asked == 1


@run
async def test_many_who_ask_at_once_share_one_making():
    cache, maker = TileCache(), Maker()
    asking = [asyncio.create_task(cache.get(key(), maker)) for _ in range(20)]
    await asyncio.sleep(0)
    asking[0].cancel()
    maker.go.set()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert len({id(each) for each in found[1:]}) == 1
    assert (maker.asked, maker.cancelled) == (1, 0)


@run
async def test_when_the_last_one_goes_the_making_is_cancelled():
    cache, maker = TileCache(), Maker()
    asking = [asyncio.create_task(cache.get(key(), maker)) for _ in range(3)]
    await asyncio.sleep(0.01)
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert maker.cancelled == 1
    again = await cache.get(key(), await ready(b"new"))
    assert again.content == b"new"


@run
async def test_a_failure_is_told_to_all_and_not_kept():
    cache = TileCache()

    async def fail() -> bytes:
        raise ValueError("no")

    found = await asyncio.gather(
        cache.get(key(), fail), cache.get(key(), fail), return_exceptions=True
    )
    assert [str(each) for each in found] == ["no", "no"]
    assert (await cache.get(key(), await ready())).content == b"tile"


@run
async def test_what_changed_while_a_tile_was_made_is_not_kept():
    """Its snapshot may be older than the change; who asks after the change gets the new one."""
    cache, old = TileCache(), Maker(b"old")
    asked_before = asyncio.create_task(cache.get(key(), old))
    await asyncio.sleep(0.01)
    cache.forget("premises", [(120, 29, 120, 29)])
    asked_after = asyncio.create_task(cache.get(key(), await ready(b"new")))
    await asyncio.sleep(0.01)
    old.go.set()
    assert (await asked_before).content == b"old"
    assert (await asked_after).content == b"new"
    assert (await cache.get(key(), await ready(b"no one"))).content == b"new"


@run
async def test_others_tiles_stay():
    cache, maker = TileCache(), await ready()
    here, elsewhere = key(), key(121.0)
    of_another = key(entry=CATALOGUE.entry("buildings"))
    for each in (here, elsewhere, of_another):
        await cache.get(each, maker)
    cache.forget("premises", [(120, 29, 120, 29)])
    assert cache.find(here) is None
    assert cache.find(elsewhere)
    assert cache.find(of_another)
    cache.forget_layer("premises")
    assert cache.find(elsewhere) is None
    cache.forget_all()
    assert len(cache) == cache.size == 0


@run
async def test_bytes_are_bounded():
    cache = TileCache(100_000)
    for number in range(100):
        await cache.get(key(level=18, lon=120 + number / 100), await ready(bytes(5_000)))
        assert cache.size <= 100_000
    assert 5 < len(cache) < 100
    assert cache.find(key(level=18, lon=120.99))
    assert cache.find(key(level=18, lon=120.0)) is None
    await cache.get(key(lon=1.0), await ready(bytes(200_000)))
    assert cache.find(key(lon=1.0)) is None


@run
async def test_without_room_nothing_is_kept():
    cache = TileCache(0)
    assert (await cache.get(key(), await ready())).content == b"tile"
    assert len(cache) == 0


@run
async def test_what_moves_with_the_clock_grows_old():
    cache, maker = TileCache(), await ready()
    await cache.get(key(), maker, good_for_s=0.05)
    await cache.get(key(), maker, good_for_s=0.05)
    await asyncio.sleep(0.06)
    await cache.get(key(), maker, good_for_s=0.05)
    assert maker.asked == 2


@run
async def test_slow_tiles_leave_connections_for_others():
    cache, makers = TileCache(), [Maker() for _ in range(20)]
    asking = [
        asyncio.create_task(cache.get(key(lon=float(number)), maker))
        for number, maker in enumerate(makers)
    ]
    await asyncio.sleep(0.02)
    assert sum(maker.asked for maker in makers) == 8
    for maker in makers:
        maker.go.set()
    await asyncio.gather(*asking)


def test_principals_of_one_class_share_and_others_do_not():
    incidents = CATALOGUE.entry("incidents")
    officer = Principal(Role.OFFICER, 1, account_id=7, department="fire")
    colleague = Principal(Role.OFFICER, 1, account_id=8, department="fire")
    police = Principal(Role.OFFICER, 1, account_id=9, department="police")
    assert key(entry=incidents, principal=officer) == key(entry=incidents, principal=colleague)
    assert key(entry=incidents, principal=officer) != key(entry=incidents, principal=police)
    assert not key(entry=incidents, principal=officer).is_public


def test_all_who_see_what_everybody_sees_share():
    officer = Principal(Role.OFFICER, 1, account_id=7, department="fire")
    assert key(principal=officer) == key(principal=ANONYMOUS)
    assert key(principal=officer).is_public
    editor = Principal(Role.GIS_EDITOR, 1, account_id=7)
    assert key(principal=editor) != key(principal=ANONYMOUS)  # sees the column `key` too


PLACES = st.tuples(st.floats(119, 121), st.floats(28, 30), st.floats(0, 0.5), st.floats(0, 0.5))


@given(
    st.lists(PLACES, min_size=1, max_size=8),
    st.lists(
        st.tuples(st.floats(119, 121), st.floats(28, 30), st.integers(1, 18)),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(tile_matrix_sets(gcj02=True)),
)
def test_exactly_the_touched_tiles_are_forgotten(places, tiles, matrix_set):
    """Against a plain reference: every pair of boxes compared."""
    changed = [(lon, lat, lon + width, lat + height) for lon, lat, width, height in places]
    keys = [
        TileKey.of(
            PREMISES, address_of(matrix_set, matrix_set.level_of(depth), lon, lat), ANONYMOUS
        )
        for lon, lat, depth in tiles
    ]

    async def play() -> None:
        cache, maker = TileCache(), await ready()
        for each in keys:
            await cache.get(each, maker)
        cache.forget("premises", changed)
        for each in keys:
            box = touched_box(each.tile)
            is_touched = any(
                box[0] <= east and west <= box[2] and box[1] <= north and south <= box[3]
                for west, south, east, north in changed
            )
            assert (cache.find(each) is None) == is_touched

    asyncio.run(play())


@pytest.mark.parametrize("boxes", [[], [(0, 0, 1, 1)]])
def test_forgetting_what_is_not_there(boxes):
    TileCache().forget("nothing", boxes)
