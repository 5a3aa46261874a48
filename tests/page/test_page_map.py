"""What the map draws: seen in its pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect

from liveonly import BEGIN_EMPTY

# api/page/src/map/palette.ts, by day.
TOWN, WATER, MAIN_STREET = "#f7f7f3", "#b7d3e5", "#fff3cf"
IN_TIME, LATE = "#0b7a4b", "#b4470c"

# By the river, beside the old town: every layer has something here.
BY_THE_RIVER = "#map=13.6/29.2045/120.022"
# Every layer has something here.
BY_AN_ESTATE = "#map=14.4/29.2015/120.0265"

type Look = Callable[[Page], np.ndarray[Any, Any]]
type Count = Callable[..., int]


def red(pixels: np.ndarray[Any, Any]) -> int:
    """How many pixels are as red as a significant cell over anything pale."""
    r, g, b = (pixels[..., i].astype(int) for i in range(3))
    return int(((r > 170) & (r - g > 60) & (r - b > 50)).sum())


def blue(pixels: np.ndarray[Any, Any]) -> int:
    """How many pixels are as blue as a cold cell, and bluer than water."""
    r, g, b = (pixels[..., i].astype(int) for i in range(3))
    return int(((b - r > 60) & (b > g)).sum())


def ink(pixels: np.ndarray[Any, Any]) -> int:
    """How many pixels are as dark as the names."""
    return int((pixels.max(axis=-1) < 110).sum())


def colors_in(pixels: np.ndarray[Any, Any]) -> int:
    """How many colours there are."""
    return len(np.unique(pixels.reshape(-1, 3), axis=0))


def switch(page: Page, layer: str, *, on: bool) -> None:
    page.click("#tab-layers")
    page.set_checked(f'[data-layer="{layer}"] .switch', on)


def test_the_ground_comes_from_this_server_alone_by_night_and_by_day(
    opened: Any, canvas: Look, pixels_of: Count, demo_url: str
) -> None:
    page, witness = opened(demo_url + BY_THE_RIVER, dark=True)
    switch(page, "hotspots", on=False)
    assert canvas(page).mean() < 70
    page.click(".appearance")  # from the system's choice to light
    pixels = canvas(page)
    assert pixels.mean() > 180
    assert pixels_of(pixels, TOWN) > 0.2 * pixels[..., 0].size
    assert pixels_of(pixels, WATER) > 5_000
    assert pixels_of(pixels, MAIN_STREET) > 1_000
    assert colors_in(pixels) > 500
    assert witness.hosts == {demo_url.split("/")[2]}
    assert witness.complaints == []


def test_names_are_drawn_with_local_fonts(opened: Any, canvas: Look, demo_url: str) -> None:
    page, _ = opened(demo_url + "#map=12.6/29.2/120.02")
    switch(page, "hotspots", on=False)
    switch(page, "responders", on=False)
    switch(page, "villages", on=False)  # they are named where places are not
    chinese = canvas(page)
    page.click("button.language")
    english = canvas(page)
    switch(page, "places", on=False)
    nameless = canvas(page)
    assert ink(chinese) > ink(nameless) + 500
    assert ink(english) > ink(nameless) + 500
    assert (chinese != english).any(axis=-1).sum() > 2_000


def test_every_layer_draws_something_of_its_own(opened: Any, canvas: Look, demo_url: str) -> None:
    small = {"width": 760, "height": 500}
    page, witness = opened(demo_url + BY_AN_ESTATE, size=small)
    page.click("#tab-layers")
    layers = page.eval_on_selector_all(".layer", "rows => rows.map(row => row.dataset.layer)")
    for layer in layers:
        switch(page, layer, on=False)
    before = canvas(page)
    assert colors_in(before) == 1
    elsewhere = BEGIN_EMPTY | {"neighbour-posts"}  # nothing there, or at the town's edge
    for layer in [each for each in layers if each not in elsewhere]:
        switch(page, layer, on=True)
        after = canvas(page)
        changed = (after != before).any(axis=-1).sum()
        assert changed > 100, f"{layer} drew {changed} pixels"
        before = after
    assert len(layers) >= 14
    assert witness.complaints == []


def test_significant_cells_stand_out_and_follow_the_filter(
    opened: Any, canvas: Look, demo_url: str
) -> None:
    page, _ = opened(demo_url + "#map=12.4/29.2/120.03")
    page.click("#tab-hotspots")
    page.wait_for_selector(".classes")
    fine = canvas(page)
    assert red(fine) > 10_000
    assert blue(fine) > 500

    words = page.inner_text(".sum")
    page.check('input[name="resolution"][value="7"]', force=True)
    expect(page.locator(".sum")).not_to_have_text(words)
    coarse = canvas(page)
    assert (coarse != fine).any(axis=-1).mean() > 0.05

    switch(page, "hotspots", on=False)
    without = canvas(page)
    assert red(without) < red(fine) / 5


def test_a_click_draws_routes_to_the_nearest(
    opened: Any, canvas: Look, pixels_of: Count, drawn: Callable[[Page], None], demo_url: str
) -> None:
    page, witness = opened(demo_url)
    before = canvas(page)
    assert pixels_of(before, IN_TIME) < 50
    with page.expect_response("**/nearest-responders/execution") as asked:
        page.mouse.click(700, 350)
    answer = asked.value.json()
    page.wait_for_selector(".responder")
    after = canvas(page)
    in_time = sum(each["eta_s"] <= answer["hold_s"] for each in answer["responders"])
    assert len(answer["responders"]) == 5
    # Late routes may run under those in time.
    assert pixels_of(after, IN_TIME if in_time else LATE, 12) > 300
    assert page.locator(".pin").count() == 5
    assert page.locator(".incident-pin").count() == 1
    assert witness.complaints == []


def test_the_address_keeps_the_place(
    opened: Any, drawn: Callable[[Page], None], demo_url: str
) -> None:
    page, _ = opened(f"{demo_url}/#map=15.5/29.21/120.02")
    drawn(page)
    assert "map=15.5/29.21/120.02" in page.url
    page.click(".map-buttons button:first-child")
    page.wait_for_url("**/#map=16.5/**")
