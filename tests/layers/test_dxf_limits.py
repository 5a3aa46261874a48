"""Small drawings that ask for endless work are refused before it is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ezdxf
import numpy as np
import pytest
from ezdxf.document import Drawing

from layers.gridfiles.dxf_reading import read_drawing
from spatial.errors import InputError


def _blocks_of_blocks(drawing: Drawing) -> None:
    """Ten inserts of ten inserts of …: ten billion lines."""
    inner = drawing.blocks.new("B0")
    inner.add_line((0, 0), (1, 1))
    for depth in range(1, 10):
        block = drawing.blocks.new(f"B{depth}")
        for number in range(10):
            block.add_blockref(f"B{depth - 1}", (number, 0))
    drawing.modelspace().add_blockref("B9", (0, 0))


def _deep_blocks(drawing: Drawing) -> None:
    for depth in range(200):
        drawing.blocks.new(f"B{depth}").add_blockref(f"B{depth + 1}", (0, 0))
    drawing.modelspace().add_blockref("B0", (0, 0))


def _block_of_itself(drawing: Drawing) -> None:
    block = drawing.blocks.new("B")
    block.add_blockref("B", (0, 0))
    block.add_blockref("b", (1, 0))
    drawing.modelspace().add_blockref("B", (0, 0))


def _planets(drawing: Drawing) -> None:
    for _ in range(5):
        drawing.modelspace().add_circle((0, 0), 1e12)


def _bulge_of_the_sky(drawing: Drawing) -> None:
    drawing.modelspace().add_lwpolyline([(0, 0, 1), (1e300, 0, 1)], format="xyb")


def _ellipse_without_end(drawing: Drawing) -> None:
    drawing.modelspace().add_ellipse((0, 0), (1e200, 0), 0.5)


def _spline_into_the_sky(drawing: Drawing) -> None:
    drawing.modelspace().add_open_spline([(0, 0), (1e200, 1e200), (2e200, 0), (3e200, 1)])


def _scribble(drawing: Drawing) -> None:
    places = np.random.default_rng(1).random((9_000, 2)) * 1000
    drawing.modelspace().add_lwpolyline(places.tolist())


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (_blocks_of_blocks, "more than 400,000 entities"),
        (_deep_blocks, "deeper than 12"),
        (_block_of_itself, "deeper than 12"),
        (_planets, "more than 5,000,000 vertices"),
        (_bulge_of_the_sky, "more than 5,000,000 vertices"),
        (_ellipse_without_end, "more than 5,000,000 vertices"),
        (_spline_into_the_sky, "more than 5,000,000 vertices"),
        (_scribble, "cross each other too often"),
    ],
)
def test_a_drawing_that_asks_for_too_much_is_refused(
    draw: Callable[[Drawing], None], said: str, tmp_path: Path
) -> None:
    drawing = ezdxf.new()
    draw(drawing)
    path = tmp_path / "hostile.dxf"
    drawing.saveas(path)
    with pytest.raises(InputError, match=said) as caught:
        read_drawing(path, 4)
    assert caught.value.message.startswith("hostile.dxf: ")


def test_a_drawing_of_endless_text_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "hostile.dxf"
    path.write_bytes(b"0\nA\n" * 4_100_000)
    with pytest.raises(InputError, match="8,000,000 lines"):
        read_drawing(path, 4)


def test_curves_within_reason_are_read(tmp_path: Path) -> None:
    drawing = ezdxf.new()
    space = drawing.modelspace()
    for number in range(20):
        space.add_circle((number * 30_000, 0), 10_000)
        space.add_text(f"C{number}").set_placement((number * 30_000, 0))
    drawing.saveas(tmp_path / "round.dxf")
    assert len(read_drawing(tmp_path / "round.dxf", 4).rows) == 20
