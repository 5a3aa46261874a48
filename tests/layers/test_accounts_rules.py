"""Passwords, codes, keys and waits: the rules by themselves."""

from __future__ import annotations

import time
from datetime import timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.accounts import passwords, totp
from layers.accounts.administration import AccountPlan
from layers.accounts.keys import KeyPlan
from layers.accounts.lockout import Lockout
from layers.accounts.tokens import ApiKey, csrf_token, sha256
from layers.roles import Role
from spatial.errors import InputError, SetupError

# RFC 6238, appendix B (SHA-1, last six digits): the secret is "12345678901234567890".
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
    (2000000000, "279037"), (20000000000, "353130"),
]  # fmt: skip


@pytest.mark.parametrize(("now_s", "code"), RFC_CODES)
def test_codes_are_those_of_the_standard(now_s: int, code: str) -> None:
    assert totp.matching_step(RFC_SECRET, code, now_s) == now_s // 30
    assert totp.matching_step(RFC_SECRET, f"{code[:3]} {code[3:]}", now_s) == now_s // 30


@pytest.mark.parametrize(("minutes", "good"), [(-1, False), (-0.5, True), (0.5, True), (1, False)])
def test_a_clock_may_differ_by_half_a_minute(minutes: float, good: bool) -> None:
    now_s = 1_111_111_110.0
    code = pyotp.TOTP(RFC_SECRET).at(int(now_s + 60 * minutes))
    assert (totp.matching_step(RFC_SECRET, code, now_s) is not None) is good


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "１２３４５６", "28708²", "-87082"]
)
def test_nonsense_is_no_code(code: str) -> None:
    assert totp.matching_step(RFC_SECRET, code, 59) is None


def test_recovery_codes_are_known_however_they_are_typed() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == totp.RECOVERY_CODES
    for code in codes:
        assert totp.plain_recovery_code(f" {code.upper().replace('-', ' ')} ") == code


def test_a_second_factor_opens_under_its_own_installation_only() -> None:
    stored = totp.SecretBox(b"a" * 32).close(RFC_SECRET)
    assert RFC_SECRET not in stored
    assert totp.SecretBox(b"a" * 32).open(stored) == RFC_SECRET
    with pytest.raises(SetupError):
        totp.SecretBox(b"b" * 32).open(stored)


def test_a_password_is_known_again_and_no_other() -> None:
    stored = passwords.hash_password("网格吹哨 correct horse")
    assert stored.startswith("$argon2id$")
    assert passwords.verify_password("网格吹哨 correct horse", stored)
    assert not passwords.verify_password("网格吹哨 correct hors", stored)
    assert not passwords.verify_password("anything", None)
    assert not passwords.verify_password("anything", "no hash at all")
    assert not passwords.is_outdated(stored)
    assert passwords.is_outdated(stored.replace("t=3", "t=2"))


def test_an_unknown_name_takes_as_long_as_a_known_one() -> None:
    stored = passwords.hash_password("a password of ours")

    def took_s(password_hash: str | None) -> float:
        began = time.thread_time()
        passwords.verify_password("wrong password", password_hash)
        return time.thread_time() - began

    known = sorted(took_s(stored) for _ in range(5))[2]
    unknown = sorted(took_s(None) for _ in range(5))[2]
    assert 0.4 < unknown / known < 2.5


@pytest.mark.parametrize(
    "password", ["short", "x" * 257, "aaaaaaaaaaaa", "ababababab", "wang.li.123"]
)
def test_what_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(InputError):
        passwords.check_password(password, "wang.li")


def test_a_new_password_is_good_and_never_the_same() -> None:
    made = {passwords.new_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        passwords.check_password(password, "wang.li")


@pytest.mark.parametrize(
    ("failures", "wait_s"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (11, 1800), (12, 1800), (10_000, 1800)],
)
def test_the_wait_grows_and_ends(failures: int, wait_s: int) -> None:
    assert Lockout().wait(failures) == timedelta(seconds=wait_s)


@given(st.integers(0, 10**9))
def test_another_failure_never_shortens_the_wait(failures: int) -> None:
    rule = Lockout()
    assert rule.wait(failures) <= rule.wait(failures + 1) <= rule.longest


def test_a_key_is_read_as_it_was_written() -> None:
    key = ApiKey.new()
    assert ApiKey.parse(str(key)) == key
    assert key.matches(sha256(key.secret))
    assert not key.matches(sha256(ApiKey.new().secret))


@pytest.mark.parametrize("text", ["", "gw_", "gw_abc_def", "gw_" + "a" * 10 + "_" + "b" * 42, "pw"])
def test_what_is_no_key_is_none(text: str) -> None:
    assert ApiKey.parse(text) is None


@given(st.text())
def test_no_text_breaks_the_reading_of_keys(text: str) -> None:
    key = ApiKey.parse(text)
    assert key is None or str(key) == text


def test_a_pages_token_hangs_on_the_session() -> None:
    assert csrf_token("a") == csrf_token("a") != csrf_token("b")


DEPARTMENT, GRID, LAYERS = {"department": "police"}, {"grid": "001"}, {"layers": ("responders",)}


@pytest.mark.parametrize(
    ("role", "given", "good"),
    [
        (Role.PLANNER, {}, True),
        (Role.PLANNER, DEPARTMENT, False),
        (Role.PLANNER, GRID, False),
        (Role.PLANNER, LAYERS, False),
        (Role.OFFICER, {}, False),
        (Role.OFFICER, DEPARTMENT, True),
        (Role.DISPATCHER, {"department": "*"}, True),
        (Role.GRID_MEMBER, {}, False),
        (Role.GRID_MEMBER, GRID, True),
        (Role.SYSTEM, LAYERS, True),
        (Role.SYSTEM, {"layers": ("premises",)}, False),
        (Role.SYSTEM, {"layers": ("nothing",)}, False),
        (Role.ANONYMOUS, {}, False),
    ],
)
def test_an_account_has_what_its_role_needs_and_no_more(
    role: Role, given: dict, good: bool
) -> None:
    plan = AccountPlan("wang", role, **given)
    if good:
        plan.check()
    else:
        with pytest.raises(InputError):
            plan.check()


@pytest.mark.parametrize("name", ["", "a", "Wang", "王", "a b", "-a", "a:b", "a" * 64, "a'--"])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(InputError):
        AccountPlan(name, Role.PLANNER).check()


@pytest.mark.parametrize(
    "plan",
    [KeyPlan(""), KeyPlan("x" * 101), KeyPlan("a", lasts=timedelta(days=400)),
     KeyPlan("a", lasts=timedelta(0)), KeyPlan("a", layers=()), KeyPlan("a", layers=("nothing",))],
)  # fmt: skip
def test_a_key_that_can_not_be_is_refused(plan: KeyPlan) -> None:
    with pytest.raises(InputError):
        plan.check()
