"""Reading JSON from the server that is tested."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Mapping
from typing import Any


def get_json(url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """The document at an address."""
    request = urllib.request.Request(url, headers={"Accept": "application/json", **headers})
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def credentials(account: tuple[str, str] | None) -> dict[str, str]:
    """The header by which an account, name and password, signs in; none for nobody."""
    if account is None:
        return {}
    text = base64.b64encode(":".join(account).encode()).decode()
    return {"Authorization": f"Basic {text}"}
