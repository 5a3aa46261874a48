"""Chinese or English: what a request prefers."""

from __future__ import annotations

from starlette.requests import Request

from api.ogc.accepting import by_preference
from layers.catalogue import Text
from spatial.errors import InputError

LANGUAGES = ("zh", "en")


def preferred_language(request: Request) -> str:
    """`lang=`, or what Accept-Language prefers of what the house speaks; Chinese by default.

    Raises:
        InputError: `lang` names another language.
    """
    asked = request.query_params.get("lang")
    if asked is not None and asked not in LANGUAGES:
        raise InputError(f"lang={asked} is not one of {', '.join(LANGUAGES)}")
    for wish in by_preference(asked or request.headers.get("accept-language", "")):
        for language in LANGUAGES:
            if wish.startswith(language):
                return language
    return "zh"


def in_language(text: Text, language: str) -> str:
    """One of a text's languages."""
    return text.en if language == "en" else text.zh
