"""Signing in by hand: pages without scripts, in both languages, and headers that keep them safe."""

from __future__ import annotations

import re

import httpx
import pyotp
import pytest
from click.testing import CliRunner

from api.cli import cli


def codes_in(page: str) -> list[str]:
    return re.findall(r"<code[^>]*>([^<]+)</code>", page)


def test_the_login_page_needs_nothing_from_elsewhere_and_no_script(guarded):
    page = httpx.get(f"{guarded.url}/login")
    assert 'lang="zh-CN"' in page.text
    assert "登录" in page.text
    assert "<script" not in page.text
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert httpx.get(f"{guarded.url}/login.css").headers["content-type"].startswith("text/css")
    english = httpx.get(f"{guarded.url}/login?lang=en").text
    assert "Sign in" in english


def test_signing_in_by_the_form(guarded):
    client = guarded.client(follow_redirects=True)
    wrong = client.post("/login", data={"name": "officer", "password": "wrong <password>"})
    assert wrong.status_code == 401
    assert "wrong <password>" not in wrong.text
    assert 'role="alert"' in wrong.text
    right = client.post("/login", data={"name": "officer", "password": guarded.password})
    assert right.url.path == "/"
    account = client.get("/account")
    assert "警" not in account.text
    assert "部门人员" in account.text
    assert client.post("/logout").url.path == "/login"
    assert client.get("/account").url.path == "/login"


def test_who_redraws_grids_begins_at_the_editor(guarded):
    client = guarded.client(follow_redirects=True)
    entered = client.post("/login", data={"name": "editor", "password": guarded.password})
    assert entered.url.path == "/grids"


def test_what_was_typed_never_becomes_markup(guarded):
    nasty = '"><b>x</b>'
    page = guarded.client().post("/login", data={"name": nasty, "password": "x"})
    assert nasty not in page.text
    assert "&gt;" in page.text


def test_a_first_password_has_to_be_changed(guarded):
    security = guarded.client()
    guarded.execute(
        "UPDATE layers.account_secret SET must_change_password = true WHERE account_id = %s",
        guarded.ids["editor"],
    )
    assert (
        httpx.get(f"{guarded.url}/api/town", auth=("editor", guarded.password)).status_code == 401
    )
    client = guarded.client(follow_redirects=True)
    first = client.post("/login", data={"name": "editor", "password": guarded.password})
    assert first.url.path == "/account"
    assert client.get("/api/session").json()["pending"] == "new-password"
    assert client.get("/api/town").json()["shows_internal"] is False
    form = {"old": guarded.password, "new": "short"}
    assert "10" in client.post("/account/password", data=form).text
    form["new"] = "another good password"
    client.post("/account/password", data=form)
    assert client.get("/api/session").json()["signed_in"] is True
    form = {"old": form["new"], "new": guarded.password}
    client.post("/account/password", data=form)
    security.close()


def test_keys_and_sessions_on_the_page(guarded):
    client, other = guarded.signed_in("dispatcher"), guarded.signed_in("dispatcher")
    page = client.post("/account/keys", data={"label": "QGIS <1>", "days": "30"}).text
    key = next(code for code in codes_in(page) if re.fullmatch(r"gw_\w{10}_[\w-]{43}", code))
    assert "QGIS &lt;1&gt;" in page
    assert httpx.get(f"{guarded.url}/api/session", headers={"X-API-Key": key}).is_success
    assert key not in client.get("/account").text
    client.post("/account/keys/revoke", data={"id": key.split("_")[1]})
    assert httpx.get(f"{guarded.url}/api/session", headers={"X-API-Key": key}).status_code == 401
    for days in ("0", "367", "x", "99999999"):
        assert client.post("/account/keys", data={"label": "a", "days": days}).status_code == 400
    client.post("/account/sessions/end")
    assert other.get("/api/session").json()["signed_in"] is False
    assert client.get("/api/session").json()["signed_in"] is True


def test_a_second_factor_set_up_and_taken_away(guarded):
    client = guarded.signed_in("planner")
    page = client.post("/account/totp").text
    assert "<svg" in page
    secret = next(code for code in codes_in(page) if re.fullmatch("[A-Z2-7]{32}", code))
    wrong = client.post("/account/totp/confirm", data={"code": "000000"})
    assert wrong.status_code == 400
    assert secret in wrong.text
    shown = client.post("/account/totp/confirm", data={"code": pyotp.TOTP(secret).now()}).text
    assert len(codes_in(shown)) >= 8
    # The interfaces now want a key; the page asks for a code.
    town = f"{guarded.url}/api/town"
    assert httpx.get(town, auth=("planner", guarded.password)).status_code == 401
    again = guarded.client(follow_redirects=True)
    form = {"name": "planner", "password": guarded.password}
    assert again.post("/login", data=form).url.path == "/login/code"
    assert again.get("/account").url.path == "/login/code"
    assert again.post("/login/code", data={"code": "123"}).status_code == 401
    refused = client.post("/account/totp/remove", data={"password": "not the password"})
    assert refused.status_code == 400
    client.post("/account/totp/remove", data={"password": guarded.password})
    assert httpx.get(town, auth=("planner", guarded.password)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/login", "/health", "/ogc/collections", "/nowhere"])
def test_browsers_are_kept_careful(guarded, path):
    headers = httpx.get(f"{guarded.url}{path}").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers
    secure = httpx.get(f"{guarded.url}{path}", headers={"X-Forwarded-Proto": "https"}).headers
    assert "max-age" in secure["strict-transport-security"]


def test_what_an_account_reads_is_kept_by_no_common_cache(guarded):
    answer = httpx.get(f"{guarded.url}/ogc/collections", auth=("officer", guarded.password))
    assert "private" in answer.headers["cache-control"]
    assert "Authorization" in answer.headers["vary"]


def test_every_site_reads_what_is_public_and_none_brings_credentials(guarded):
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = httpx.options(f"{guarded.url}/ogc/collections", headers=asked)
    assert preflight.status_code == 400
    read = httpx.get(f"{guarded.url}/ogc/collections", headers={"Origin": asked["Origin"]})
    assert read.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in read.headers


def test_a_site_in_the_setting_may_bring_a_key(own_town):
    with own_town(cors_origins=("https://office.example",)) as town:
        for origin, status in (("https://office.example", 200), ("https://evil.example", 400)):
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "x-api-key",
            }
            preflight = httpx.options(f"{town.url}/ogc/collections", headers=asked)
            assert preflight.status_code == status, origin
            assert "access-control-allow-credentials" not in preflight.headers
            written = httpx.post(
                f"{town.url}/ogc/processes/echo/execution",
                json={"inputs": {"message": "x"}},
                auth=("editor", town.password),
                headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"},
            )
            assert written.status_code == (200 if status == 200 else 403), origin


def test_a_body_without_end_is_refused(own_town):
    with own_town(max_body_bytes=10_000) as town:
        url = f"{town.url}/ogc/processes/echo/execution"
        assert httpx.post(url, content=b"x" * 10_001).status_code == 413

        def endless():
            for _ in range(1000):
                yield b"x" * 100

        assert httpx.post(url, content=endless()).status_code == 413


@pytest.mark.parametrize(
    ("headers", "greeted"),
    [
        ({"Accept": "text/html"}, True),
        ({"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, True),
        ({"Accept": "*/*"}, False),
        ({"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html"}, False),
        ({"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, False),
        ({"Accept": "text/html", "Host": "evil.example"}, False),  # a name of its own, led here
    ],
)
def test_a_demo_greets_its_own_machines_browser_only(demo_url, headers, greeted):
    answer = httpx.get(f"{demo_url}/", headers=headers)
    assert ("set-cookie" in answer.headers) is greeted


def test_a_real_town_greets_nobody(guarded):
    answer = httpx.get(f"{guarded.url}/", headers={"Accept": "text/html"})
    assert "set-cookie" not in answer.headers


def test_who_signed_out_of_a_demo_stays_out(demo_url):
    with httpx.Client(base_url=demo_url, headers={"Origin": demo_url}) as browser:
        browser.get("/", headers={"Accept": "text/html"})
        assert browser.get("/api/session").json()["signed_in"] is True
        browser.post("/logout")
        browser.get("/", headers={"Accept": "text/html"})
        assert browser.get("/api/session").json()["signed_in"] is False


def test_the_command_line_gives_and_takes(guarded, tmp_path):
    environment = {"DATABASE_URL": guarded.conninfo, "GRIDWHISTLE_DATA": str(tmp_path)}

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, list(arguments), env=environment)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    password = run("account", "add", "zhao", "--role", "planner").split()[-1]
    key = run("key", "add", "zhao", "--label", "test").strip()
    assert "zhao" in run("account", "list")
    key_id = key.split("_")[1]
    assert key_id in run("key", "list", "--account", "zhao")
    ask = {"X-API-Key": key}
    assert httpx.get(f"{guarded.url}/api/session", headers=ask).json()["name"] == "zhao"
    run("key", "revoke", key_id)
    assert httpx.get(f"{guarded.url}/api/session", headers=ask).status_code == 401
    body = {"name": "zhao", "password": password}
    assert httpx.post(f"{guarded.url}/api/session", json=body).status_code == 201
    run("account", "disable", "zhao")
    assert httpx.post(f"{guarded.url}/api/session", json=body).status_code == 401
