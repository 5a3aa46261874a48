"""Parameters that every page has: refused where they say what nobody would look at."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request

from api.ogc.languages import preferred_language
from spatial.errors import InputError

PAGE_FORMATS = ("json", "html")


def single_values(request: Request) -> dict[str, str]:
    """The parameters, each with its one value; of two nobody could tell which is meant.

    Raises:
        InputError: one comes with two values, or isn't in UTF-8.
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if found.setdefault(name, value) != value:
            raise InputError(f"{name[:40]!r} has more than one value / 参数重复")
        if "\ufffd" in value:  # what stands for bytes that mean nothing
            raise InputError(f"{name[:40]!r} is not in UTF-8 / 参数须用 UTF-8 编码")
    return found


def check_parameters(
    request: Request,
    *,
    formats: Collection[str] = PAGE_FORMATS,
    may_have: Collection[str] = (),
) -> None:
    """Refuse unknown parameters and invalid values (OGC 17-069r4, 7.6 and 7.7).

    Args:
        formats: the values that `f` may have.
        may_have: the parameters besides `f` and `lang`.

    Raises:
        InputError: a parameter is unknown, or `f` or `lang` is none of what they may be.
    """
    for name in single_values(request):
        if name not in {"f", "lang", *may_have}:
            raise InputError(f"unknown parameter {name[:40]!r} / 未知参数", remedy="see openapi")
    asked = request.query_params.get("f")
    if asked is not None and asked not in formats:
        raise InputError(
            f"there is no format {asked[:40]!r} here", remedy=f"f={', '.join(formats)}"
        )
    preferred_language(request)
