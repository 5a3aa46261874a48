"""What somebody does on a page, and what one sees of what a page does."""

from __future__ import annotations

from typing import Any

import pyotp
from playwright.sync_api import BrowserContext, Page, expect

# The map of the town of squares; pixels of a degree there, to the north a little more than east.
WHOLE_TOWN = "12/29.05/120.05"
_PX_EAST, _PX_NORTH = 5825.4, 6663.0
# A browser without a graphics card says how it gets the map on the screen.
OF_THE_DRIVER = "GPU stall due to ReadPixels"


class Witness:
    """What a page asked for, said on its console, and threw."""

    def __init__(self, page: Page) -> None:
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning") and OF_THE_DRIVER not in message.text:
            self.complaints.append(message.text)


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
    def click_at(page: Page, lon: float, lat: float) -> None:
        """Click a place on the map of WHOLE_TOWN."""
        Hands.click(page, (lon - 120.05) * _PX_EAST, (29.05 - lat) * _PX_NORTH)

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


def take_second_factor(context: BrowserContext, url: str) -> None:
    """Somebody signed in, who has to have one, gets it."""
    origin = {"Origin": url}
    page = context.request.post(f"{url}/account/totp", headers=origin).text()
    code = pyotp.TOTP(page.split("<code>")[1].split("</code>")[0]).now()
    answer = context.request.post(
        f"{url}/account/totp/confirm", headers=origin, form={"code": code}
    )
    assert answer.ok
