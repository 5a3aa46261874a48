"""Machine code on disk is known by everything that it was made from."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from routing import compiling
from routing.machine_code import make_machine_code
from routing.matching.match import Matcher, match_track
from routing.matching.tracks import match_each
from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.nearest.routes import draw, trace
from routing.nearest.search import search_back
from routing.network.graph import graph_from_streets
from routing.network.segment_grid import snap_points
from routing.reach.coverage import Cover, Places
from routing.reach.kernels import spread_out, times_at_places
from routing.streets import Streets

ROOM = Path(compiling.__file__).parent


def test_code_is_known_by_all_files_that_it_was_made_from():
    made_from = {path.name for path in compiling._made_from(ROOM / "nearest/search.py")}
    assert {"search.py", "heap.py", "offers.py", "network_arrays.py"} <= made_from


def test_a_change_of_a_function_that_is_called_gives_another_folder(tmp_path, monkeypatch):
    room = tmp_path / "routing"
    room.mkdir()
    (room / "calling.py").write_text("from routing.called import f\n")
    called = room / "called.py"
    monkeypatch.setattr(compiling, "_ROOM", room)
    folders = set()
    for text in ("def f(): return 1", "def f(): return 2"):
        called.write_text(text)
        compiling._folder_of.cache_clear()
        folders.add(compiling._folder_of(room / "calling.py"))
    compiling._folder_of.cache_clear()
    assert len(folders) == 2


def test_what_a_running_town_calls_is_made_beforehand(straight_streets: Callable[..., Streets]):
    """Of the same types of arguments: another type is another compilation."""
    make_machine_code()
    called = (search_back, trace, draw, snap_points, match_each, spread_out, times_at_places)
    before = [list(function.signatures) for function in called]
    assert all(before)
    town = straight_streets({1: (0.0, 0.0), 2: (1.0, 0.0)}, (1, 2, 15, 15, 30.0))
    engine = Engine(graph_from_streets(town))
    fleet = engine.fleet()
    fleet.join([Origin("a", 10.0, 0.0)])
    assert len(engine.nearest_of(fleet, 10.0005, 0.0).arrivals) == 1
    lonlat = np.array([[10.0, 0.0], [10.0005, 0.0]])
    Cover(engine, fleet, limit_s=60.0).at(Places(engine, lonlat))
    matcher = Matcher(engine.graph, Mode.CAR, engine.segments)
    match_track(matcher, lonlat, np.array([0.0, 9.0]), np.full(2, 5.0))
    assert [list(function.signatures) for function in called] == before
