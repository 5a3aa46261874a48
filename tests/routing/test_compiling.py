"""Machine code on disk is known by everything that it was made from."""

from pathlib import Path

from routing import compiling

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
