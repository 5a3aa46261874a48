"""The launcher: portable, one line when it can't go on, locks that name no place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[2]
SCRIPTS = ("gridwhistle", "setup/system.sh", "setup/python.sh", "setup/page.sh")
LOCKS = ("requirements.txt", "requirements-test.txt", "setup/uv.txt")


def in_shell(code: str, *, part: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in sh after sourcing one of the launcher's parts."""
    preamble = f"""
    root={PROJECT}; venv=$root/.venv
    say() {{ printf '%s\\n' "$*" >&2; }}
    fail() {{ say "gridwhistle: $*"; exit 1; }}
    . {PROJECT}/setup/{part}.sh
    """
    return subprocess.run(
        ["sh", "-eu", "-c", preamble + code],
        env=os.environ | variables, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def pins(lock: str) -> dict[str, str]:
    lines = (PROJECT / lock).read_text().splitlines()
    return dict(
        line.rstrip(" \\").partition(";")[0].strip().split("==")
        for line in lines
        if line[:1].isalnum()
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_shellcheck_finds_nothing(script: str) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not here")
    done = subprocess.run(
        ["shellcheck", "-x", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_and_no_place(lock: str) -> None:
    text = (PROJECT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-|#)(?!-hash)", text.replace("    --hash", ""), re.MULTILINE)
    for block in re.split(r"\n(?=\w)", text.strip()):
        assert "--hash=sha256:" in block, block


def test_the_locks_hold_everything_that_the_project_names() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    for lock, names in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-test.txt", project["optional-dependencies"]["test"]),
    ):
        wanted = {canonicalize_name(Requirement(name).name) for name in names}
        bare = {canonicalize_name(name.partition("[")[0]) for name in pins(lock)}
        assert wanted <= bare


def test_the_tests_run_on_the_versions_that_the_town_runs_on() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-test.txt").items()


def test_without_a_way_to_root_it_prints_the_line_and_stops() -> None:
    done = in_shell(
        "has_postgis() { return 1; }; way_to_root() { return 1; }; install_system_packages demo",
        part="system", DATABASE_URL="",
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("  apt-get update && apt-get install -y --no-install-recommends")
    assert "postgis" in last


@pytest.fixture
def failing_apt(tmp_path: Path) -> str:
    """A PATH whose apt-get says something and fails."""
    (tmp_path / "apt-get").write_text("#!/bin/sh\necho no such mirror\nexit 100\n")
    (tmp_path / "apt-get").chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


def test_with_everything_there_nothing_is_installed(failing_apt: str) -> None:
    done = in_shell(
        "has_postgis() { return 0; }; find_python() { echo python3; }; has_browser() { return 0; };"
        "has_chinese_font() { return 0; }; has_broker() { return 0; };"
        "install_system_packages test",
        part="system", PATH=failing_apt,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_failing_apt_shows_its_last_words(failing_apt: str) -> None:
    done = in_shell("as_root=; run_apt update || fail 'said'", part="system", PATH=failing_apt)
    assert done.returncode == 1
    assert done.stderr == "no such mirror\ngridwhistle: said\n"


def test_a_real_server_needs_no_postgresql_here() -> None:
    done = in_shell(
        "has_postgis() { return 1; }; find_python() { echo python3; }; missing_packages serve",
        part="system", DATABASE_URL="postgresql://somewhere/town",
    )  # fmt: skip
    assert "postgresql" not in done.stdout


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("demo", "demo"),
        ("--data DIR demo --port 1", "demo"),
        ("--data=DIR serve", "serve"),
        ("--help", ""),
        ("", ""),
    ],
)
def test_the_command_is_found_behind_the_data_folder(words: str, command: str) -> None:
    launcher = (PROJECT / "gridwhistle").read_text()
    function = re.search(r"^command_of\(\) \{.*?^\}", launcher, re.MULTILINE | re.DOTALL)
    assert function is not None
    done = subprocess.run(
        ["sh", "-eu", "-c", f"{function.group()}\ncommand_of {words}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == command


def test_a_python_of_pyenv_is_found_without_its_shims(tmp_path: Path) -> None:
    versions = tmp_path / ".pyenv/versions"
    for name in ("3.9.1", "3.12.9"):
        (versions / name / "bin").mkdir(parents=True)
        (versions / name / "bin/python").touch()
    done = in_shell("candidates", part="python", HOME=str(tmp_path), PYENV_ROOT="")
    found = done.stdout.splitlines()
    assert str(versions / "3.12.9/bin/python") in found
    assert str(versions / "3.9.1/bin/python") not in found


def test_the_checkout_is_noticed_to_have_moved(tmp_path: Path) -> None:
    (tmp_path / "gridwhistle-packages").write_text("run 1 2 /elsewhere\n")
    done = in_shell(
        f"stamp={tmp_path}/gridwhistle-packages; was_moved && echo moved", part="python"
    )
    assert done.stdout == "moved\n"


@pytest.mark.skipif(not shutil.which("dpkg"), reason="not a Debian")
def test_what_is_there_is_noticed() -> None:
    """As apt sees it, on machines that have apt."""
    for package, question in (
        ("fonts-noto-cjk", "has_chinese_font"),
        ("chromium", "has_browser"),
        ("mosquitto", "has_broker"),
        ("postgresql-postgis", "has_postgis"),
    ):
        there = subprocess.run(["dpkg", "-s", package], capture_output=True, check=False)
        if there.returncode == 0:
            assert in_shell(question, part="system").returncode == 0, package
