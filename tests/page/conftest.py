"""A real browser on the demo town, and eyes for what it drew."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import numpy as np
import psycopg
import pyotp
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

from api.pages import DIST
from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.roles import Role
from spatial.town import read_town

QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# WebGL2 without a graphics card.
SOFTWARE_WEBGL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_WEBGL = ("--disable-gpu", "--disable-3d-apis")
# Small, since every pixel is drawn without a graphics card.
DESKTOP = {"width": 1000, "height": 700}
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


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """For one module: while it is open, no other test of this thread can run an event loop."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright, executable: str) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=executable, args=[*QUIET, *SOFTWARE_WEBGL])
    yield running
    running.close()


@pytest.fixture(scope="module")
def browser_without_webgl(playwright: Playwright, executable: str) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=executable, args=[*QUIET, *NO_WEBGL])
    yield running
    running.close()


class Witness:
    """What a page asked for, said on its console, and threw."""

    def __init__(self, page: Page) -> None:
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


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


HOMES = """
INSERT INTO layers.building (town_id, key, use, floors, households, geom, inside, batch_id)
SELECT 1, 'home ' || x || ' ' || y, 'residential', 6, 4,
       ST_Multi(ST_Expand(ST_Point(120.0025 + x * 0.005, 29.0025 + y * 0.005, 4326), 0.0002)),
       true, (SELECT min(id) FROM spatial.batch)
FROM generate_series(0, 19) AS x, generate_series(0, 19) AS y
"""
# Beside the edge between the two micro-grids in the south-west.
STREAM = """
INSERT INTO layers.water (town_id, batch_id, kind, name, geom)
SELECT 1, min(id), 'stream', '南溪',
       'SRID=4326;LINESTRING(120.025 29, 120.03 29.0125, 120.025 29.025)'
FROM spatial.batch
"""
PASSWORD = "a password for tests"
ACCOUNTS = {
    "anna": Role.GIS_EDITOR,
    "bert": Role.GIS_EDITOR,
    "cora": Role.GIS_EDITOR,
    "olga": Role.ADMINISTRATOR,
    "paul": Role.PLANNER,
}


@dataclass(frozen=True)
class Squares:
    """A served town of 16 square micro-grids, 100 households in each; its units' ids by code."""

    url: str
    conninfo: str
    ids: dict[str, int]

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows that the database has."""
        with psycopg.connect(self.conninfo) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def make_effective(self) -> int:
        """What the worker does when a moment has come."""
        with psycopg.connect(self.conninfo) as connection:
            return redraw_what_is_due(connection, read_town(connection))


@pytest.fixture(scope="module")
def square_town(
    new_database: Callable[[], AbstractContextManager[str]],
    add_small_town: Callable[..., int],
    add_square_grids: Callable[..., dict[str, int]],
) -> Iterator[tuple[str, dict[str, int]]]:
    """Conninfo of a town of squares with its homes, a stream and accounts; ids by code."""
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            town_id = add_small_town(connection)
            ids = add_square_grids(connection, town_id)
            connection.execute(HOMES)
            connection.execute(STREAM)
            for name, role in ACCOUNTS.items():
                plan = AccountPlan(name, role, password=PASSWORD, must_change_password=False)
                add_account(connection, town_id, plan)
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


def _take_second_factor(context: BrowserContext, url: str) -> None:
    origin = {"Origin": url}
    page = context.request.post(f"{url}/account/totp", headers=origin).text()
    code = pyotp.TOTP(page.split("<code>")[1].split("</code>")[0]).now()
    answer = context.request.post(
        f"{url}/account/totp/confirm", headers=origin, form={"code": code}
    )
    assert answer.ok


@pytest.fixture
def signed_in(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`page = signed_in(url, "anna")`: a page of a browser profile of her own."""
    contexts = []

    def sign_in(url: str, name: str, **options: Any) -> Page:
        how = {"viewport": {"width": 1200, "height": 800}} | options
        context = browser.new_context(**how)
        contexts.append(context)
        body = {"name": name, "password": PASSWORD}
        answer = context.request.post(f"{url}/api/session", data=body, headers={"Origin": url})
        assert answer.status == HTTPStatus.CREATED
        if ACCOUNTS[name] is Role.ADMINISTRATOR:
            _take_second_factor(context, url)
        return context.new_page()

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def editor_of(
    signed_in: Callable[..., Page], squares: Squares
) -> Callable[..., tuple[Page, Witness]]:
    """`page, witness = editor_of("anna")`: the editor in a browser profile of her own."""

    def open_editor(name: str, place: str = "13/29.05/120.05") -> tuple[Page, Witness]:
        page = signed_in(squares.url, name)
        witness = Witness(page)
        page.goto(f"{squares.url}/grids#map={place}")
        page.wait_for_selector(".drafts")
        return page, witness

    return open_editor


class Hands:
    """What somebody does in the editor, and what the server has of it."""

    @staticmethod
    def begin(page: Page, name: str = "东村调整") -> None:
        """A new draft, opened."""
        page.fill("#draft-name", name)
        page.click(".begin button")
        expect(page.locator(".saved")).to_have_text("已保存")
        page.wait_for_selector('.map[data-idle="true"]')

    @staticmethod
    def click(page: Page, dx: float = 0, dy: float = 0, **how: Any) -> None:
        """Click so many pixels from the middle of the map."""
        box = page.locator(".map canvas").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy, **how)

    @staticmethod
    def pull(page: Page, selector: str, dx: float, dy: float = 0, *, drop: bool = True) -> None:
        """Take hold of a handle and pull it."""
        box = page.locator(selector).first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx / 2, y + dy / 2, steps=3)
        page.mouse.move(x + dx, y + dy, steps=3)
        if drop:
            page.mouse.up()

    @staticmethod
    def coverage(page: Page) -> Any:
        """The draft in the page's address, as the server has it."""
        base, rest = page.url.split("/grids?draft=")
        return page.request.get(f"{base}/api/drafts/{rest.split('#')[0]}").json()


@pytest.fixture(scope="session")
def hands() -> type[Hands]:
    """`hands.begin(page)`, `.click`, `.pull`, `.coverage`."""
    return Hands
