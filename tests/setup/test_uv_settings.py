"""What pip was told about mirrors is told to uv."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "setup/uv_settings.py"


@pytest.fixture(scope="module")
def uv_settings() -> ModuleType:
    spec = importlib.util.spec_from_file_location("uv_settings", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        ("", {}),
        ("global.index-url='https://a/simple'", {"index-url": "https://a/simple"}),
        ("global.index-url='https://a'\ninstall.index-url='https://b'", {"index-url": "https://b"}),
        (":env:.index-url='https://c'\nglobal.index-url='https://a'", {"index-url": "https://c"}),
        ("global.extra-index-url='\\nhttps://a\\nhttps://b'", {"extra-index-url": "https://a https://b"}),
        ("global.no-color='1'\ndownload.index-url='https://a'", {}),
    ],
)  # fmt: skip
def test_pips_sections_win_in_its_order(
    uv_settings: ModuleType, listing: str, expected: dict[str, str]
) -> None:
    assert uv_settings.pip_settings(listing) == expected


@pytest.mark.parametrize(
    ("settings", "environment", "expected"),
    [
        ({"index-url": "https://a"}, {}, {"UV_DEFAULT_INDEX": "https://a"}),
        ({"index-url": "https://a"}, {"UV_INDEX_URL": "https://u"}, {}),
        ({"cert": "/ca.pem"}, {"SSL_CERT_FILE": "/other.pem"}, {}),
        (
            {"extra-index-url": "https://a"},
            {},
            {"UV_INDEX": "https://a", "UV_INDEX_STRATEGY": "unsafe-best-match"},
        ),
        ({"proxy": "http://p:1"}, {"https_proxy": "http://q:2"}, {}),
    ],
)
def test_a_setting_of_uvs_own_wins(
    uv_settings: ModuleType,
    settings: dict[str, str],
    environment: dict[str, str],
    expected: dict[str, str],
) -> None:
    variables = uv_settings.uv_variables(settings, environment)
    assert variables.pop("UV_SYSTEM_CERTS") == "1"
    assert variables == expected


def test_a_pip_conf_is_read(tmp_path: Path) -> None:
    pytest.importorskip("pip")
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://mirror/simple\n")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))
    }
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=environment | {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "HOME": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "export UV_DEFAULT_INDEX=https://mirror/simple" in done.stdout
