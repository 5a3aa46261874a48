"""Real clients against the demo town, and a record of what they asked the server for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from layers.roles import Role

HERE = Path(__file__).parent
QGIS = HERE / "qgis"
WEB = HERE / "web"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
# What the software renderer says of itself.
HARMLESS = ("[.WebGL", "WebGL warning", "[GroupMarkerNotSet")


@dataclass(frozen=True)
class Exchange:
    """One request and what came back."""

    method: str
    path: str
    status: int
    features: int | None
    bytes: int
    sent: str

    @property
    def resource(self) -> str:
        """The path without the query."""
        return urlsplit(self.path).path

    @property
    def query(self) -> dict[str, str]:
        """The first value of each parameter."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


@dataclass(frozen=True)
class Record:
    """What went through a recording proxy.

    Attributes:
        url: where the proxy listens.
    """

    url: str
    file: Path

    @property
    def ogc(self) -> str:
        return f"{self.url}/ogc"

    @property
    def exchanges(self) -> list[Exchange]:
        return [Exchange(**json.loads(line)) for line in self.file.read_text("utf-8").splitlines()]

    def items(self, layer: str) -> list[Exchange]:
        """The pages of features that were read from `layer`."""
        wanted = f"/ogc/collections/{layer}/items"
        return [each for each in self.exchanges if each.resource == wanted and each.method == "GET"]

    def forget(self) -> None:
        """Begin anew."""
        self.file.write_text("")


@pytest.fixture(scope="session")
def recording(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """The demo town behind a proxy that records."""
    file = tmp_path_factory.mktemp("record") / "exchanges"
    file.touch()
    command = [sys.executable, str(HERE / "recording_proxy.py"), demo_url, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Record(process.stdout.readline().strip(), file)
        finally:
            process.terminate()


@pytest.fixture
def record(recording: Record) -> Record:
    """An empty record."""
    recording.forget()
    return recording


@dataclass(frozen=True)
class Town:
    """The demo town behind its address.

    Attributes:
        account: `account(role)`: name and password of the demo's account for a role.
    """

    url: str
    account: Callable[[Role], tuple[str, str]]

    @property
    def ogc(self) -> str:
        return f"{self.url}/ogc"

    def matched(self, layer: str, role: Role | None = None, **parameters: Any) -> int:
        """How many features the server says there are."""
        answer = httpx.get(
            f"{self.ogc}/collections/{layer}/items",
            params={"limit": 1} | parameters,
            auth=self.account(role) if role else None,
        )
        return int(answer.raise_for_status().json()["numberMatched"])


@pytest.fixture(scope="session")
def town(demo_url: str, demo_account: Callable[[Role], tuple[str, str]]) -> Town:
    return Town(demo_url, demo_account)


@pytest.fixture(scope="session")
def picture_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Path]]:
    """`picture_of("qgis")`: the file for a picture of a client at work.

    With GRIDWHISTLE_PICTURES=docs/clients/pictures the documentation's pictures are made anew.
    """
    named = os.environ.get("GRIDWHISTLE_PICTURES")
    folder = Path(named).absolute() if named else tmp_path_factory.mktemp("pictures")
    yield lambda name: folder / f"{name}.png"
    for picture in folder.glob("*.png"):
        with Image.open(picture) as image:
            image.convert("RGB").quantize(64).save(picture, optimize=True)


type Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def in_debian() -> Callable[..., Done]:
    """`in_debian("trixie", *command, folder=...)`: run there, with `folder` as the current one.

    The first use of a suite makes its Debian, which takes minutes and a network.
    """
    why_impossible: dict[str, str | None] = {}

    def make(suite: str) -> str | None:
        done = subprocess.run([QGIS / "run", suite], capture_output=True, text=True, check=False)
        return done.stderr.strip().splitlines()[-1] if done.returncode else None

    def run(suite: str, *command: str, folder: Path) -> Done:
        if suite not in why_impossible:
            why_impossible[suite] = make(suite)
        if why_impossible[suite]:
            pytest.skip(f"no Debian {suite} here: {why_impossible[suite]}")
        whole = [QGIS / "run", suite, *command]
        return subprocess.run(whole, capture_output=True, text=True, check=False, cwd=folder)

    return run


@pytest.fixture
def run_qgis(in_debian: Callable[..., Done], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """`run_qgis("trixie", "read_layers.py", *arguments)`: what the script reported."""

    def run(suite: str, script: str, *arguments: str, folder: Path = tmp_path) -> dict[str, Any]:
        done = in_debian(suite, str(QGIS / script), *arguments, folder=folder)
        assert done.returncode == 0, done.stderr
        report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return report

    return run


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The map libraries of web/package-lock.json, installed by the npm beside this Python."""
    installed = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        folder = Path(sys.executable).parent
        environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
        if CERTIFICATES.exists():  # a company's proxy is in the system's list, not in Node's own
            environment.setdefault("NODE_EXTRA_CA_CERTS", str(CERTIFICATES))
        subprocess.run(["npm", "ci"], cwd=WEB, env=environment, check=True, capture_output=True)
        installed.touch()
    return WEB / "node_modules"


class WebServer(SimpleHTTPRequestHandler):
    """Files, and nothing on the terminal."""

    def send_head(self) -> Any:
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
            return None
        return super().send_head()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory, node_modules: Path) -> Iterator[tuple[Path, str]]:
    """A folder with the libraries and its address: a site that is not the town's own."""
    folder = tmp_path_factory.mktemp("web")
    (folder / "node_modules").symlink_to(node_modules)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(WebServer, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, drawing without a graphics card.

    For one module: while it is open, no other test of this thread can run an event loop.
    """
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if executable is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield running
        running.close()


@dataclass
class Drawn:
    """A page of a browser when it had drawn everything.

    Attributes:
        answers: status and address of every answer.
        complaints: errors and warnings on its console.
    """

    answers: list[tuple[int, str]]
    complaints: list[str]
    pixels: NDArray[np.uint8]

    def pixels_of(self, color: str, tolerance: int = 8) -> int:
        """How many pixels have this colour ("#b3261e"), or nearly."""
        wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
        return int((np.abs(self.pixels.astype(int) - wanted).max(axis=-1) <= tolerance).sum())


@pytest.fixture
def draw_page(browser: Browser, web: tuple[Path, str]) -> Callable[[str, Path], Drawn]:
    """`draw_page(html, picture)`: open a page on another site than the town's, and look at it."""
    folder, site = web

    def draw(html: str, picture: Path) -> Drawn:
        (folder / f"{picture.stem}.html").write_text(html, "utf-8")
        page = browser.new_page(viewport={"width": 900, "height": 560})
        drawn = Drawn([], [], np.empty(0, np.uint8))
        page.on("response", lambda answer: drawn.answers.append((answer.status, answer.url)))
        page.on("console", lambda message: _listen(drawn.complaints, message))
        page.on("pageerror", lambda error: drawn.complaints.append(str(error)))
        page.goto(f"{site}/{picture.stem}.html")
        drawn.pixels = _pixels_at_rest(page, picture)
        page.close()
        return drawn

    return draw


def _listen(complaints: list[str], message: Any) -> None:
    if message.type in ("error", "warning") and not message.text.startswith(HARMLESS):
        complaints.append(message.text)


def _pixels_at_rest(page: Page, picture: Path) -> NDArray[np.uint8]:
    """The page's pixels once nothing is on its way and two looks at it are equal."""
    before = b""
    for _ in range(40):
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)
        now = page.screenshot(path=picture)
        if now == before:
            break
        before = now
    with rasterio.open(picture) as image:
        return np.moveaxis(image.read([1, 2, 3]), 0, -1)
