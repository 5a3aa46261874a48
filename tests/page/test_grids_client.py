"""What QGIS drew, on the editor's page: faults zoomed to, slivers repaired, settled, discarded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from pagehands import WHOLE_TOWN
from polygon_client import Qgis, with_vertex

PASSWORD = "a password for tests"


@pytest.fixture
def qgis_of(squares: Any) -> Iterator[Callable[[str], Qgis]]:
    """`qgis_of("anna")`: her QGIS."""
    clients = []

    def connect(name: str) -> Qgis:
        headers = {"User-Agent": "Mozilla/5.0 QGIS/34006/Debian"}
        auth = (name, PASSWORD)
        clients.append(httpx.Client(base_url=squares.url, auth=auth, headers=headers, timeout=30))
        return Qgis(clients[-1])

    yield connect
    for client in clients:
        client.close()


def move(qgis: Qgis, units: list[int], place: tuple[float, float], east: float) -> None:
    """Draw a vertex elsewhere in some units, and save them."""
    for unit in units:
        qgis.draw(unit, with_vertex(qgis.polygon(unit), place, (place[0] + east, place[1])))


def open_draft(page: Page) -> None:
    page.locator(".drafts .row", has_text="来自 QGIS").first.click()
    page.wait_for_selector(".client h2")
    expect(page.locator("#tab-changes")).to_have_attribute("aria-selected", "true")


def test_what_qgis_drew_is_seen_and_settled(qgis_of: Any, editor_of: Any, hands: Any) -> None:
    qgis, place = qgis_of("anna"), (120.05, 29.05)
    units = qgis.at(place)
    move(qgis, units[:2], place, 0.004)
    page, witness = editor_of("anna", WHOLE_TOWN)
    open_draft(page)
    client = page.locator(".client")
    expect(client.locator(".sum")).to_contain_text("2 个单元尚未定稿")
    expect(client.locator(".drawn-units li")).to_have_count(2)
    expect(client.get_by_role("button", name="定稿为一步")).to_have_count(0)
    expect(page.locator('[data-tool="split"]')).to_be_disabled()
    before = page.url
    client.locator(".drawn-faults .row").first.click()
    page.wait_for_function("url => location.href !== url", arg=before)  # the map has gone there
    move(qgis, units[2:], place, 0.004)
    client.get_by_role("button", name="重新读取").click()
    expect(client.locator(".sound")).to_be_visible()
    client.get_by_role("button", name="定稿为一步").click()
    expect(page.locator(".steps li")).to_contain_text("地图客户端所画")
    expect(page.locator('[data-tool="split"]')).to_be_enabled()
    expect(client).to_contain_text("都已定稿")
    ends = {tuple(arc["coords"][end]) for arc in hands.coverage(page)["arcs"] for end in (0, -1)}
    assert (120.054, 29.05) in {(round(lon, 9), round(lat, 9)) for lon, lat in ends}
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".changes .state-submitted")).to_be_visible()
    assert witness.complaints == []


def test_a_repair_is_shown_before_it_is_taken_and_drawings_are_discarded(
    qgis_of: Any, editor_of: Any
) -> None:
    qgis, place = qgis_of("bert"), (120.075, 29.025)
    [sliver, other, *_] = qgis.at(place)
    move(qgis, [sliver], place, 3e-6)
    qgis.patch(other, {"properties": {"name": "新名"}})
    page, witness = editor_of("bert", WHOLE_TOWN)
    open_draft(page)
    client = page.locator(".client")
    client.get_by_role("button", name="看看会移动什么").click()
    offer = client.locator(".offer")
    expect(offer.locator(".sound")).to_contain_text("修复后没有问题")
    expect(offer.locator(".sum")).to_contain_text("1 个顶点")
    offer.get_by_role("button", name="照此修复").click()
    expect(client.locator(".sound")).to_contain_text("可以定稿")
    rows = client.locator(".drawn-units li")
    named = rows.filter(has_text="新名")
    named.get_by_role("button", name="放弃").click()
    named.get_by_role("button", name="放弃").click()
    expect(named).to_have_count(0)
    page.get_by_role("button", name="全部放弃").click()
    page.get_by_role("button", name="再按一次").click()
    expect(client).to_contain_text("还没有画东西")
    qgis.reload()
    assert "gridwhistle-draft" not in qgis.answer.headers
    assert witness.complaints == []
