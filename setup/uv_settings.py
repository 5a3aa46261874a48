"""Print, as lines for a shell, what pip's configuration says to uv, which does not read it.

Runs on the interpreter that holds pip (3.9 or later). A setting of uv's own wins.
"""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from pathlib import Path

UV_FILES = (Path("~/.config/uv/uv.toml").expanduser(), Path("/etc/uv/uv.toml"))
# pip's name: (uv's variable, its older names that win as well)
NAMES = {
    "index-url": ("UV_DEFAULT_INDEX", ("UV_INDEX_URL",)),
    "extra-index-url": ("UV_INDEX", ("UV_EXTRA_INDEX_URL",)),
    "find-links": ("UV_FIND_LINKS", ()),
    "cert": ("SSL_CERT_FILE", ()),
    "proxy": ("ALL_PROXY", ("HTTPS_PROXY", "https_proxy", "all_proxy")),
    "trusted-host": ("UV_INSECURE_HOST", ()),
    "timeout": ("UV_HTTP_TIMEOUT", ()),
}
# Later ones win.
SECTIONS = ("global", "install", ":env:")


def pip_settings(listing: str) -> dict[str, str]:
    """What `pip config list` printed, with the section that wins for each name."""
    found: dict[tuple[str, str], str] = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.partition(".")
        if section in SECTIONS and name in NAMES:
            found[section, name] = " ".join(str(ast.literal_eval(value)).split())
    return {
        name: found[section, name]
        for section in SECTIONS
        for _, name in found
        if (section, name) in found
    }


def uv_variables(settings: dict[str, str], environment: dict[str, str]) -> dict[str, str]:
    """The variables that uv needs so that it acts as pip would."""
    variables = {}
    for name, value in settings.items():
        variable, others = NAMES[name]
        if value and not any(other in environment for other in (variable, *others)):
            variables[variable] = value
    if "UV_INDEX" in variables:
        # pip takes the best of all its indexes; the lock's hashes make that safe.
        variables.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    if not {"UV_SYSTEM_CERTS", "UV_NATIVE_TLS"} & environment.keys():
        variables["UV_SYSTEM_CERTS"] = "1"
    return variables


def main() -> None:
    """Print `export NAME=value` lines; nothing about indexes where uv has its own file."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    settings = pip_settings(listing)
    if "UV_CONFIG_FILE" in os.environ or any(file.exists() for file in UV_FILES):
        settings = {}
    for name, value in uv_variables(settings, dict(os.environ)).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


if __name__ == "__main__":
    main()
