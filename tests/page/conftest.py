"""A real browser on the demo town, and eyes for what it drew."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from http import HTTPStatus
from typing import Any

import numpy as np
import psycopg
import pytest
import rasterio
from numpy.typing import NDArray
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)

import squaretown
from api.pages import DIST
from layers.roles import Role
from pagehands import Hands, Witness, take_second_factor
from squaretown import ACCOUNTS, PASSWORD, Squares

QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# WebGL2 without a graphics card; what lies around the map is put together quicker without it.
SOFTWARE_WEBGL = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
)
NO_WEBGL = ("--disable-gpu", "--disable-3d-apis")
# Small, since every pixel is drawn without a graphics card.
DESKTOP = {"width": 1000, "height": 700}
# Where nobody looks at colours: a quarter of the pixels, and no flights between views.
LIGHT: dict[str, Any] = {
    "viewport": {"width": 1200, "height": 800},
    "device_scale_factor": 0.5,
    "reduced_motion": "reduce",
}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

# Browsers share the machine with databases: patience costs nothing where it isn't needed.
expect.set_options(timeout=20_000)

type Pixels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def executable() -> str:
    """The system's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    assert (DIST / "index.html").exists(), "build the page: npm ci && npm run build in api/page"
    return found


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """For this room: while it is open, no other test of this thread can run an event loop."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright, executable: str) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=executable, args=[*QUIET, *SOFTWARE_WEBGL])
    yield running
    running.close()


@pytest.fixture(scope="package")
def browser_without_webgl(playwright: Playwright, executable: str) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=executable, args=[*QUIET, *NO_WEBGL])
    yield running
    running.close()


@pytest.fixture(scope="module")
def context_of() -> Iterator[Callable[..., BrowserContext]]:
    """One context for each kind of visitor, so that the page's code is loaded and compiled once."""
    made: dict[tuple[Browser, bool], BrowserContext] = {}

    def find(browser: Browser, *, phone: bool) -> BrowserContext:
        if (browser, phone) not in made:
            options: dict[str, Any] = PHONE if phone else {"viewport": DESKTOP}
            made[browser, phone] = browser.new_context(**options)
        return made[browser, phone]

    yield find
    for context in made.values():
        context.close()


@pytest.fixture
def opened(
    browser: Browser, context_of: Callable[..., BrowserContext]
) -> Iterator[Callable[..., tuple[Page, Witness]]]:
    """`page, witness = opened(url, browser=, phone=, dark=, size=)`: as a new visitor sees it."""
    pages = []

    def open_page(
        url: str,
        *,
        browser: Browser = browser,
        phone: bool = False,
        dark: bool = False,
        size: ViewportSize | None = None,
    ) -> tuple[Page, Witness]:
        page = context_of(browser, phone=phone).new_page()
        pages.append(page)
        page.emulate_media(color_scheme="dark" if dark else "light")
        if size:
            page.set_viewport_size(size)
        witness = Witness(page)
        page.goto(url)
        page.wait_for_selector(".sheet")
        return page, witness

    yield open_page
    for page in pages:
        page.evaluate("localStorage.clear()")
        page.close()


@pytest.fixture(scope="session")
def drawn() -> Callable[[Page], None]:
    """Wait until the map has drawn everything that is to be seen."""

    def wait(page: Page) -> None:
        page.wait_for_timeout(150)
        page.wait_for_selector('.map[data-idle="true"]', timeout=60_000)

    return wait


_HIDE = """
for (const selector of [".map > :not(.maplibregl-canvas-container)", ".stage > :not(.map)",
                        ".pin", ".incident-pin", ".maplibregl-popup"])
  for (const each of document.querySelectorAll(selector)) each.style.opacity = 0;
"""


@pytest.fixture(scope="session")
def canvas(drawn: Callable[[Page], None]) -> Callable[[Page], Pixels]:
    """The map's own pixels (height, width, 3), without what lies over them."""

    def look(page: Page) -> Pixels:
        drawn(page)
        page.evaluate(_HIDE)
        picture = page.screenshot(clip=page.locator(".map canvas").bounding_box())
        with rasterio.MemoryFile(picture) as file, file.open() as image:
            return np.moveaxis(image.read([1, 2, 3]), 0, -1)

    return look


@pytest.fixture(scope="session")
def pixels_of() -> Callable[..., int]:
    """`pixels_of(canvas, "#0b7a4b")`: how many pixels have this colour, or nearly."""

    def count(pixels: Pixels, color: str, tolerance: int = 6) -> int:
        wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
        return int((np.abs(pixels.astype(int) - wanted).max(axis=-1) <= tolerance).sum())

    return count


@pytest.fixture(scope="package")
def made_squares(
    new_database: Callable[..., AbstractContextManager[str]],
) -> Iterator[tuple[str, dict[str, int]]]:
    """Conninfo of a town of squares, of which each module gets a clone; ids by code."""
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            ids = squaretown.make(connection)
        yield conninfo, ids


@pytest.fixture(scope="module")
def square_town(
    made_squares: tuple[str, dict[str, int]],
    new_database: Callable[..., AbstractContextManager[str]],
) -> Iterator[tuple[str, dict[str, int]]]:
    """Conninfo of a town of squares with its homes, a stream and accounts; ids by code."""
    made, ids = made_squares
    with new_database(like=made) as conninfo:
        yield conninfo, ids


@pytest.fixture(scope="module")
def installed() -> dict[str, Any]:
    """Settings of the served town besides its folder; a module may have its own."""
    return {}


@pytest.fixture(scope="module")
def squares(
    square_town: tuple[str, dict[str, int]],
    serve_app: Callable[..., AbstractContextManager[str]],
    installed: dict[str, Any],
) -> Iterator[Squares]:
    conninfo, ids = square_town
    with serve_app(conninfo, only_this_machine=True, installed=installed) as url:
        yield Squares(url, conninfo, ids)


def _sign_in(context: BrowserContext, url: str, name: str) -> None:
    body = {"name": name, "password": PASSWORD}
    answer = context.request.post(f"{url}/api/session", data=body, headers={"Origin": url})
    assert answer.status == HTTPStatus.CREATED
    if ACCOUNTS.get(name) is Role.ADMINISTRATOR:
        take_second_factor(context, url)


@pytest.fixture
def signed_in(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`page = signed_in(url, "anna")`: a page of a browser profile of her own."""
    with ExitStack() as stack:

        def open_page(url: str, name: str, **options: Any) -> Page:
            context = stack.enter_context(closing(browser.new_context(**(LIGHT | options))))
            _sign_in(context, url, name)
            return context.new_page()

        yield open_page


@pytest.fixture(scope="module")
def profile_of(browser: Browser, squares: Squares) -> Iterator[Callable[[str], BrowserContext]]:
    """`profile_of("anna")`: hers, signed in and with the page's code compiled, once a module."""
    with ExitStack() as stack:

        @functools.cache
        def open_profile(name: str) -> BrowserContext:
            context = stack.enter_context(closing(browser.new_context(**LIGHT)))
            _sign_in(context, squares.url, name)
            return context

        yield open_profile


@pytest.fixture
def editor_of(
    profile_of: Callable[[str], BrowserContext], squares: Squares
) -> Iterator[Callable[..., tuple[Page, Witness]]]:
    """`page, witness = editor_of("anna")`: the editor in a browser profile of her own.

    The profile is the module's; what a page has noted there is forgotten after each test.
    """
    pages = []

    def open_editor(name: str, place: str = "13/29.05/120.05") -> tuple[Page, Witness]:
        page = profile_of(name).new_page()
        pages.append(page)
        witness = Witness(page)
        page.goto(f"{squares.url}/grids#map={place}")
        page.wait_for_selector(".drafts")
        return page, witness

    yield open_editor
    for page in pages:
        if page.url.startswith(squares.url):
            page.evaluate("localStorage.clear()")
        page.close()


@pytest.fixture(scope="session")
def hands() -> type[Hands]:
    """`hands.begin(page)`, `.click`, `.pull`, `.coverage`."""
    return Hands


@pytest.fixture(scope="session")
def click() -> Callable[[Page, float, float], None]:
    """`click(page, lon, lat)`: on the map of the whole town of squares."""
    return Hands.click_at
