"""The app killed in the middle of an operation: answered steps are there, nothing drawn is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

ON_THE_EDGE = "13/29.0625/120.05"
# Whoever commits a step waits for this lock, when the trigger is there.
WAIT_AT_COMMIT = """
CREATE FUNCTION grids.wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_advisory_xact_lock_shared(9); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON grids.draft_step
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION grids.wait_at_commit();
"""
GO_ON_AT_COMMIT = "DROP FUNCTION grids.wait_at_commit() CASCADE"
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
# Whether the killed operation had been committed → what the page says of it later.
TOLD = {False: "「移动顶点」已补送并保存", True: "中断前的「移动顶点」已经保存"}


class App:
    """The app in a process of its own, always on the same port."""

    def __init__(self, conninfo: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._environment = os.environ | {"DATABASE_URL": conninfo, "GRIDWHISTLE_DATA": str(folder)}
        self._process: subprocess.Popen[str] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "api.cli", "serve", "--port", str(self._port)]
        self._process = subprocess.Popen(
            [*command, "--no-worker"], stdout=subprocess.PIPE, text=True, env=self._environment
        )
        assert self._process.stdout is not None
        assert self.url in self._process.stdout.readline()

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def app(square_town: Any, tmp_path: Path) -> Iterator[App]:
    running = App(square_town[0], tmp_path)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def held(square_town: Any) -> Callable[..., Any]:
    """`with held(at_commit=..., draft=...) as wait:` steps of the draft wait; `wait()` for one."""
    return lambda **how: _Held(square_town[0], **how)


class _Held:
    def __init__(self, conninfo: str, *, at_commit: bool, draft: int) -> None:
        self._conninfo, self._at_commit, self._draft = conninfo, at_commit, draft
        self._holder = psycopg.connect(conninfo)

    def __enter__(self) -> Callable[[], None]:
        if self._at_commit:
            self._holder.execute(WAIT_AT_COMMIT)
            self._holder.commit()
            self._holder.execute("SELECT pg_advisory_xact_lock(9)")
        else:
            query = "SELECT FROM grids.draft WHERE id = %s FOR UPDATE"
            self._holder.execute(query, (self._draft,))
        return lambda: self._await(1)

    def __exit__(self, *_: object) -> None:
        self._holder.rollback()
        self._await(0)
        if self._at_commit:
            self._holder.execute(GO_ON_AT_COMMIT)
            self._holder.commit()
        self._holder.close()

    def _await(self, number: int) -> None:
        """Until so many sessions wait for a lock."""
        deadline = time.monotonic() + 30
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            while connection.execute(WAITING).fetchone() != (number,):
                assert time.monotonic() < deadline
                time.sleep(0.02)


def open_draft(page: Page, url: str, hands: Any) -> int:
    """A new draft with one answered step, and an edge chosen."""
    page.goto(f"{url}/grids#map={ON_THE_EDGE}")
    page.wait_for_selector(".drafts")
    hands.begin(page)
    hands.click(page)
    page.wait_for_selector(".grip.middle")
    hands.pull(page, ".grip.middle", 60)
    expect(page.locator(".steps li")).to_have_count(1)
    return int(hands.coverage(page)["draft"]["id"])


@pytest.mark.parametrize(
    "at_commit",
    [pytest.param(False, id="undone"), pytest.param(True, id="done", marks=pytest.mark.long)],
)
def test_kill_9_in_the_middle_of_an_operation_loses_only_the_answer(
    signed_in: Any, app: App, held: Any, hands: Any, at_commit: bool
) -> None:
    page = signed_in(app.url, "anna")
    draft = open_draft(page, app.url, hands)
    with held(at_commit=at_commit, draft=draft) as wait_for_operation:
        hands.pull(page, ".grip.vertex", 0, 40)
        wait_for_operation()
        expect(page.locator(".saved")).to_have_text("正在保存…")
        app.kill()
        expect(page.locator(".waiting")).to_contain_text("1 步尚未送达")
    expect(page.locator(".waiting")).to_contain_text("移动顶点")
    drawn = page.locator(".live-lines path").first.get_attribute("d")
    page.click(".waiting .primary")
    expect(page.locator(".refusal")).to_contain_text("没有回应")  # nobody is there yet
    expect(page.locator(".waiting")).to_be_visible()
    assert page.locator(".live-lines path").first.get_attribute("d") == drawn

    app.start()
    page.click(".waiting .primary")
    expect(page.locator(".messages")).to_contain_text(TOLD[at_commit])
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".refusal")).to_have_count(0)
    steps = hands.coverage(page)["steps"]
    assert [step["kind"] for step in steps] == ["add_vertex", "move_vertex"]
    expect(page.locator(".steps li")).to_have_count(2)
    hands.pull(page, ".grip.vertex", 20)  # and on it goes
    expect(page.locator(".steps li")).to_have_count(3)
