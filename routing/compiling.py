"""Functions as machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` as machine code that lets other threads run, kept on disk where that may be."""
    try:
        return njit(cache=True, nogil=True, boundscheck=False)(function)
    except RuntimeError:  # numba found no folder that it may write to
        return njit(nogil=True, boundscheck=False)(function)
