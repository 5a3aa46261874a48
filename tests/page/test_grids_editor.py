"""The editor of grid boundaries, driven as somebody drives it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

# The edge between the two villages, north of the town's middle; it divides all levels below.
ON_THE_EDGE = "13/29.0625/120.05"


def households(page: Page) -> dict[int, int]:
    """Unit → households, as the workload panel says them now."""
    found: list[list[str]] = page.eval_on_selector_all(
        ".load [data-kind=households]",
        "all => all.map(each => [each.closest('.load').dataset.unit, each.dataset.now])",
    )
    return {int(unit): int(number) for unit, number in found}


def test_a_pulled_edge_changes_both_neighbours_and_undo_restores_them(
    editor_of: Any, squares: Any, hands: Any
) -> None:
    page, witness = editor_of("anna", ON_THE_EDGE)
    hands.begin(page)
    as_it_was = hands.coverage(page)
    hands.click(page)
    page.wait_for_selector(".grip.middle")
    before = households(page)
    assert set(before.values()) == {400, 100}  # two grids, two micro-grids

    hands.pull(page, ".grip.middle", 90, drop=False)
    pulled = households(page)
    assert sum(pulled.values()) == sum(before.values())
    assert all(pulled[unit] != before[unit] for unit in before)  # nobody was asked
    assert hands.coverage(page)["draft"]["steps"] == 0

    page.mouse.up()
    expect(page.locator(".grip.vertex")).to_have_count(1)
    now = hands.coverage(page)
    assert [step["kind"] for step in now["steps"]] == ["add_vertex"]
    (changed,) = [arc for arc in now["arcs"] if arc not in as_it_was["arcs"]]
    assert {changed["left"], changed["right"]} == {squares.ids["t10206"], squares.ids["t20410"]}
    assert households(page) == pulled

    page.keyboard.press("Control+z")
    expect(page.locator(".grip.vertex")).to_have_count(0)
    assert hands.coverage(page)["arcs"] == as_it_was["arcs"]
    assert households(page) == before
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".grip.vertex")).to_have_count(1)
    assert hands.coverage(page)["arcs"] == now["arcs"]
    assert witness.complaints == []


def test_a_node_moves_with_all_edges_that_meet_there(editor_of: Any, hands: Any) -> None:
    page, witness = editor_of("anna")
    hands.begin(page)
    hands.click(page, 0, -100)
    page.wait_for_selector(".grip.node")
    nodes = page.locator(".grip.node")
    boxes = [nodes.nth(i).bounding_box() for i in range(nodes.count())]
    lowest = max(range(len(boxes)), key=lambda i: boxes[i]["y"])
    hands.pull(page, f".grip.node >> nth={lowest}", 40, 30)
    expect(page.locator('[data-tool="undo"]')).to_be_enabled()
    moved = hands.coverage(page)
    at_node = [arc for arc in moved["arcs"] if [120.05, 29.05] in arc["coords"]]
    assert at_node == []
    assert moved["steps"][0]["kind"] == "move_node"
    assert witness.complaints == []


def test_the_keyboard_alone_moves_adds_and_removes(editor_of: Any, hands: Any) -> None:
    page, _ = editor_of("anna", ON_THE_EDGE)
    hands.begin(page)
    page.locator(".map canvas").focus()
    page.keyboard.press("Enter")  # picks what lies in the middle of the map
    page.wait_for_selector(".grip.node:focus")
    page.keyboard.press("Insert")
    expect(page.locator(".grip.vertex")).to_have_count(1)
    page.locator(".grip.vertex").focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".steps li")).to_have_count(2)
    kinds = [step["kind"] for step in hands.coverage(page)["steps"]]
    assert kinds == ["add_vertex", "move_vertex"]
    expect(page.locator(".grip.vertex:focus")).to_have_count(1)
    page.keyboard.press("Delete")
    expect(page.locator(".grip.vertex")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".grip")).to_have_count(0)


def test_split_by_a_line_then_merge_by_picking_two(
    editor_of: Any, squares: Any, hands: Any
) -> None:
    page, witness = editor_of("anna", "13/29.0625/120.0625")
    hands.begin(page)
    as_it_was = hands.coverage(page)
    page.keyboard.press("s")
    hands.click(page, -170, 0)
    hands.click(page, 0, -30)
    hands.click(page, 170, 0)
    page.keyboard.press("Enter")
    expect(page.locator(".unit-form")).to_be_visible()
    split = hands.coverage(page)
    assert len(split["units"]) == len(as_it_was["units"]) + 1
    (made,) = {unit["id"] for unit in split["units"]} - {unit["id"] for unit in as_it_was["units"]}
    page.fill("#unit-name", "河东微网格")
    page.click(".unit-form .primary")
    expect(page.locator(".edit h3")).to_have_text("河东微网格")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    hands.click(page, 0, 60)
    hands.click(page, 0, -90)
    expect(page.locator('[data-tool="merge"]')).to_have_attribute("aria-pressed", "false")
    merged = hands.coverage(page)
    assert len(merged["units"]) == len(as_it_was["units"])
    assert made not in {unit["id"] for unit in merged["units"]} or squares.ids["t20410"] not in {
        unit["id"] for unit in merged["units"]
    }
    assert {str(arc["coords"]) for arc in merged["arcs"]} == {
        str(arc["coords"]) for arc in as_it_was["arcs"]
    }
    assert witness.complaints == []


def test_what_breaks_a_rule_is_said_with_its_place_and_changes_nothing(
    editor_of: Any, hands: Any
) -> None:
    page, _ = editor_of("anna", ON_THE_EDGE)
    hands.begin(page)
    as_it_was = hands.coverage(page)
    hands.click(page)
    hands.pull(page, ".grip.middle", 380)  # beyond the next edge
    expect(page.locator(".refusal")).to_contain_text("边界")
    expect(page.locator(".grip.vertex")).to_have_count(0)
    assert hands.coverage(page)["arcs"] == as_it_was["arcs"]
    page.click(".refusal button:first-of-type")  # zooms to the place
    page.wait_for_url(lambda url: "13/29.0625/120.05" not in url)


def test_a_lost_connection_loses_nothing(editor_of: Any, hands: Any) -> None:
    page, _ = editor_of("anna", ON_THE_EDGE)
    hands.begin(page)
    hands.click(page)
    page.wait_for_selector(".grip.middle")
    page.route("**/api/drafts/**", lambda route: route.abort())
    hands.pull(page, ".grip.middle", 60)
    expect(page.locator(".waiting")).to_contain_text("1 步尚未送达")
    page.unroute("**/api/drafts/**")
    assert hands.coverage(page)["draft"]["steps"] == 0
    page.reload()  # even then
    expect(page.locator(".waiting")).to_contain_text("1 步尚未送达")
    page.click(".waiting .primary")
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".steps li")).to_have_count(1)
    assert hands.coverage(page)["draft"]["steps"] == 1


def test_an_answer_that_is_lost_does_not_do_the_step_twice(editor_of: Any, hands: Any) -> None:
    page, _ = editor_of("anna", ON_THE_EDGE)
    hands.begin(page)
    hands.click(page)
    page.wait_for_selector(".grip.middle")

    def lose_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/steps", lose_answer)
    hands.pull(page, ".grip.middle", 60)
    expect(page.locator(".waiting")).to_be_visible()
    page.unroute("**/steps")
    page.click(".waiting .primary")
    expect(page.locator(".waiting")).to_have_count(0)
    assert hands.coverage(page)["draft"]["steps"] == 1


def test_checked_compared_reported_and_submitted(editor_of: Any, hands: Any) -> None:
    page, witness = editor_of("anna", ON_THE_EDGE)
    hands.begin(page)
    hands.click(page)
    hands.pull(page, ".grip.middle", 90)
    expect(page.locator(".grip.vertex")).to_have_count(1)
    page.click("#tab-faults")
    page.click(".faults .primary")
    expect(page.locator(".sound")).to_be_visible()
    page.click("#tab-changes")
    page.click('[data-compared="both"]')
    page.click(".changes .wide")
    expect(page.locator(".report .sum")).to_be_visible()
    assert page.locator(".report .row").count() >= 4
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".changes .state-submitted")).to_be_visible()
    expect(page.locator('[data-tool="split"]')).to_be_disabled()
    assert witness.complaints == []


def test_both_languages_and_a_phone(editor_of: Any, hands: Any) -> None:
    page, witness = editor_of("anna")
    hands.begin(page)
    page.click("button.language")
    expect(page.locator("#tab-edit")).to_have_text("Edit")
    expect(page.locator('[data-tool="split"]')).to_contain_text("Split")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_selector('.map[data-idle="true"]')
    expect(page.locator(".toolbar .tools").first).to_be_hidden()
    expect(page.locator("#tab-comments")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert witness.complaints == []
