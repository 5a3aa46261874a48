"""Sessions, keys and passwords: who gets in, as whom, and how quickly nobody does any more."""

from __future__ import annotations

import base64
import threading
import time
from typing import Any

import httpx
import psycopg
import pyotp
import pytest
from limits import parse

from layers.accounts.administration import list_accounts
from layers.accounts.keys import KeyPlan, add_key
from layers.accounts.lockout import Lockout

RESPONDERS = "/ogc/collections/responders/items"


def new_key(guarded: Any, name: str, **plan: Any) -> str:
    with psycopg.connect(guarded.conninfo) as connection:
        account = next(a for a in list_accounts(connection, 1) if a.name == name)
        return str(add_key(connection, account, KeyPlan("test", **plan)))


def responders(guarded: Any, **how: Any) -> httpx.Response:
    return httpx.get(f"{guarded.url}{RESPONDERS}", timeout=30, **how)


def test_a_key_opens_in_each_header_that_clients_have(guarded):
    key = new_key(guarded, "dispatcher")
    for how in (
        {"headers": {"Authorization": f"Bearer {key}"}},
        {"headers": {"X-API-Key": key}},
        {"auth": ("dispatcher", key)},
        {"auth": ("", key)},
    ):
        assert responders(guarded, **how).json()["numberMatched"] == 2, how


def test_a_key_in_the_address_is_no_key(guarded):
    key = new_key(guarded, "dispatcher")
    for name in ("api_key", "key", "token", "access_token"):
        assert responders(guarded, params={name: key}).status_code in (400, 404)


def test_name_and_password_open_where_they_are_enough(guarded):
    assert responders(guarded, auth=("officer", guarded.password)).json()["numberMatched"] == 1
    assert responders(guarded, auth=("OFFICER ", guarded.password)).status_code == 200
    # An office is entered with a second factor only.
    refused = responders(guarded, auth=("administrator", guarded.password))
    assert refused.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer gw_aaaaaaaaaa_" + "b" * 43},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Basic " + base64.b64encode(b"nocolon").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"officer:wrong password").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"nobody-1:wrong password").decode()},
        {"Authorization": "Digest whatever"},
        {"X-API-Key": "gw_"},
    ],
)
def test_wrong_credentials_are_401_and_say_what_is_wanted(guarded, headers):
    answer = httpx.get(f"{guarded.url}/ogc/collections", headers=headers, follow_redirects=False)
    assert answer.status_code == 401
    assert "Basic" in answer.headers["www-authenticate"]
    assert "Bearer" in answer.headers["www-authenticate"]
    guarded.execute("DELETE FROM layers.sign_in_failure")


def test_anothers_key_under_my_name_is_refused(guarded):
    key = new_key(guarded, "dispatcher")
    assert responders(guarded, auth=("officer", key)).status_code == 401


def test_a_key_for_some_layers_opens_no_other(guarded):
    key = {"X-API-Key": new_key(guarded, "dispatcher", layers=("responders",))}
    assert responders(guarded, headers=key).status_code == 200
    other = httpx.get(f"{guarded.url}/ogc/collections/incidents/items", headers=key)
    assert other.status_code == 403


def test_a_systems_key_for_some_layers_narrows_what_the_database_shows(guarded):
    key = new_key(guarded, "system", layers=("incidents",))
    assert responders(guarded, headers={"X-API-Key": key}).status_code == 403
    wide = new_key(guarded, "system")
    assert responders(guarded, headers={"X-API-Key": wide}).json()["numberMatched"] == 2


def test_a_reading_key_changes_nothing(guarded):
    key = {"X-API-Key": new_key(guarded, "editor")}
    answer = httpx.delete(f"{guarded.url}/ogc/collections/premises/items/1", headers=key)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE layers.api_key SET revoked_at = now() WHERE id = split_part(%s, '_', 2)",
        "UPDATE layers.api_key SET expires_at = now() WHERE id = split_part(%s, '_', 2)",
        "DELETE FROM layers.api_key WHERE id = split_part(%s, '_', 2)",
    ],
)
def test_a_stolen_key_is_dead_within_a_second(guarded, ending):
    """While it is used all the time, by four at once."""
    key = {"X-API-Key": new_key(guarded, "dispatcher")}
    answers: list[tuple[float, int]] = []
    over = threading.Event()

    def use() -> None:
        with httpx.Client(base_url=guarded.url, headers=key) as client:
            while not over.is_set():
                asked_at = time.monotonic()
                answers.append((asked_at, client.get("/api/session").status_code))

    users = [threading.Thread(target=use) for _ in range(4)]
    for user in users:
        user.start()
    while not answers:
        time.sleep(0.01)
    guarded.execute(ending, key["X-API-Key"])
    ended_at = time.monotonic()
    time.sleep(1.5)
    over.set()
    for user in users:
        user.join()
    assert {status for asked, status in answers if asked > ended_at + 1.0} == {401}
    assert 200 in {status for asked, status in answers if asked < ended_at}


def test_without_news_a_key_is_dead_within_a_second_too(guarded):
    """The listener's connection is cut again and again; nothing remembered outlives its time."""
    key = {"X-API-Key": new_key(guarded, "dispatcher")}
    with httpx.Client(base_url=guarded.url, headers=key) as client:
        assert client.get("/api/session").json()["way"] == "key"
        guarded.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        )
        guarded.execute(
            "ALTER TABLE layers.api_key DISABLE TRIGGER tell_change;"
            "UPDATE layers.api_key SET revoked_at = now();"
            "ALTER TABLE layers.api_key ENABLE TRIGGER tell_change"
        )
        time.sleep(1.0)
        assert client.get("/api/session").status_code == 401


def test_a_rotated_key_lives_on_for_its_grace(guarded):
    owner = guarded.signed_in("planner")
    made = owner.post("/api/keys", json={"label": "QGIS", "days": 30}).json()
    new = owner.post(f"/api/keys/{made['id']}/rotate", json={"grace_hours": 1}).json()
    for key in (made["key"], new["key"]):
        assert httpx.get(f"{guarded.url}/api/session", headers={"X-API-Key": key}).is_success
    again = owner.post(f"/api/keys/{new['id']}/rotate", json={"grace_hours": 0}).json()
    old = httpx.get(f"{guarded.url}/api/session", headers={"X-API-Key": new["key"]})
    assert old.status_code == 401
    listed = {each["id"]: each for each in owner.get("/api/keys").json()["keys"]}
    assert listed.keys() >= {made["id"], new["id"], again["id"]}
    assert all("secret" not in name for each in listed.values() for name in each)
    assert owner.delete(f"/api/keys/{again['id']}").status_code == 204


def test_one_can_not_touch_anothers_key(guarded):
    key = new_key(guarded, "dispatcher")
    other = guarded.signed_in("planner")
    key_id = key.split("_")[1]
    assert other.delete(f"/api/keys/{key_id}").status_code == 404
    assert other.post(f"/api/keys/{key_id}/rotate").status_code == 404
    assert responders(guarded, headers={"X-API-Key": key}).status_code == 200


def test_a_session_says_who_one_is_and_ends(guarded):
    client = guarded.signed_in("dispatcher")
    said = client.get("/api/session").json()
    assert (said["name"], said["role"], said["department"]) == ("dispatcher", "dispatcher", "*")
    assert said["signed_in"] is True
    assert client.get(RESPONDERS).json()["numberMatched"] == 2
    assert client.get("/api/town").json()["shows_internal"] is True
    kept = dict(client.cookies)
    assert client.delete("/api/session").status_code == 204
    for cookies in (dict(client.cookies), kept):
        again = httpx.get(f"{guarded.url}/api/session", cookies=cookies).json()
        assert again["signed_in"] is False


def test_the_cookie_is_kept_from_scripts_and_other_sites(guarded):
    answer = httpx.post(
        f"{guarded.url}/api/session", json={"name": "officer", "password": guarded.password}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    stored = guarded.execute("SELECT encode(token_sha256, 'hex') FROM layers.account_session")
    assert all(digest not in cookie for (digest,) in stored)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "OWN"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": "0" * 64}, 403),
        ({"Origin": "OWN"}, 404),
        ({"Sec-Fetch-Site": "same-origin"}, 404),
        ({"X-CSRF-Token": "OWN"}, 404),
    ],
)
def test_only_our_own_pages_change_anything_by_the_cookie(guarded, headers, status):
    client = guarded.signed_in("planner")
    token = client.get("/api/session").json()["csrf_token"]
    del client.headers["Origin"]
    own = {"Origin": guarded.url, "X-CSRF-Token": token}
    sent = {name: own[name] if value == "OWN" else value for name, value in headers.items()}
    assert client.delete("/api/keys/nothing", headers=sent).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "OWN"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_a_password_that_a_browser_remembers_serves_no_other_site(guarded, headers, status):
    sent = {name: guarded.url if value == "OWN" else value for name, value in headers.items()}
    echo = f"{guarded.url}/ogc/processes/echo/execution"
    body, account = {"inputs": {"message": "x"}}, ("editor", guarded.password)
    answer = httpx.post(echo, json=body, auth=account, headers=sent)
    assert answer.status_code == status, answer.text
    assert httpx.get(f"{guarded.url}/api/session", auth=account, headers=sent).status_code == 200
    key = new_key(guarded, "editor")
    stated = httpx.post(echo, json=body, headers=sent | {"X-API-Key": key})
    assert stated.status_code == 200  # which no browser adds by itself


def test_another_site_can_not_sign_a_visitor_in(guarded):
    answer = httpx.post(
        f"{guarded.url}/api/session",
        json={"name": "officer", "password": guarded.password},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_idle_and_old_sessions_are_over(guarded):
    for change in (
        "last_seen_at = now() - interval '31 min'",
        "expires_at = now() - interval '1 s'",
    ):
        client = guarded.signed_in("officer")
        assert client.get("/api/session").json()["signed_in"] is True
        guarded.execute(f"UPDATE layers.account_session SET {change}")
        time.sleep(1.0)
        assert client.get("/api/session").json()["signed_in"] is False


def test_a_used_session_stays_open(guarded):
    client = guarded.signed_in("officer")
    guarded.execute("UPDATE layers.account_session SET last_seen_at = now() - interval '29 min'")
    time.sleep(1.0)
    assert client.get("/api/session").json()["signed_in"] is True
    seen = guarded.execute("SELECT max(last_seen_at) > now() - interval '1 min' FROM"
                           " layers.account_session")  # fmt: skip
    assert seen == [(True,)]


def test_guessing_is_slowed_down_whether_the_name_is_one_or_not(own_town):
    """The same answers, in the same order, for a name that there is and one that there isn't."""
    with own_town(lockout=Lockout(after=3)) as town:
        url = town.url
        told = {}
        for name in ("planner", "nobody"):
            answers = [
                httpx.post(f"{url}/api/session", json={"name": name, "password": f"wrong {n}"})
                for n in range(5)
            ]
            told[name] = [(each.status_code, each.json()["code"]) for each in answers]
            assert int(answers[-1].headers["retry-after"]) > 20
        assert told["planner"] == told["nobody"]
        assert [status for status, _ in told["planner"]] == [401, 401, 401, 429, 429]
        # The right password has to wait too.
        body = {"name": "planner", "password": town.password}
        assert httpx.post(f"{url}/api/session", json=body).status_code == 429
        town.execute("UPDATE layers.sign_in_failure SET locked_until = now()")
        assert httpx.post(f"{url}/api/session", json=body).status_code == 201


def test_an_address_has_so_many_attempts_and_is_told_when_to_come_back(own_town):
    with own_town(sign_in_rate=parse("3/minute")) as town:
        url = town.url
        statuses = [
            httpx.get(f"{url}/ogc", headers={"X-API-Key": f"gw_aaaaaaaaaa_{n:043}"})
            for n in range(5)
        ]
        assert [each.status_code for each in statuses] == [401, 401, 401, 429, 429]
        assert 1 <= int(statuses[-1].headers["retry-after"]) <= 60
        assert httpx.get(f"{url}/ogc").status_code == 200


def test_an_address_may_ask_so_much(own_town):
    trusting = {"X-Forwarded-For": "198.51.100.7"}
    with own_town(anonymous_rate=parse("3/minute")) as town:
        url = town.url
        here = [httpx.get(f"{url}/health").status_code for _ in range(6)]
        assert 429 not in here  # this machine itself
        answers = [httpx.get(f"{url}/health", headers=trusting).status_code for _ in range(6)]
        assert answers[3:] == [429] * 3


def test_a_second_factor_is_asked_for_and_no_code_is_good_twice(guarded):
    client = guarded.signed_in("security")
    assert client.get("/api/session").json()["pending"] == "enrolment"
    assert client.get("/api/accounts").status_code == 401
    page = client.post(
        "/account/totp", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    secret = page.text.split("<code>")[1].split("</code>")[0]
    code = pyotp.TOTP(secret).now()
    form = {"code": code}
    recovery = client.post("/account/totp/confirm", data=form).text.split('<ul class="codes">')[1]
    codes = [part.split("</code>")[0] for part in recovery.split("<code>")[1:]][:8]
    assert client.get("/api/accounts").status_code == 200
    # A session that was left open is no way to other recovery codes.
    following = pyotp.TOTP(secret).at(int(time.time()) + 30)
    assert client.post("/account/totp/confirm", data={"code": following}).status_code == 409

    again = guarded.signed_in("security")
    assert again.get("/api/session").json()["pending"] == "code"
    assert again.get("/api/accounts").status_code == 401
    for wrong in (code, "000000", "nonsense"):
        assert again.post("/api/session", json={"code": wrong}).status_code == 400, wrong
    assert again.post("/api/session", json={"code": codes[0]}).status_code == 200
    assert again.get("/api/accounts").status_code == 200
    third = guarded.signed_in("security")
    assert third.post("/api/session", json={"code": codes[0]}).status_code == 400
    assert third.post("/api/session", json={"code": codes[1]}).status_code == 200
