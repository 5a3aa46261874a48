"""A heap in two arrays, four children to a node: shallower than a binary one, kinder to caches."""

from __future__ import annotations

from typing import Any

from routing.compiling import compiled


@compiled
def push(key: Any, value: Any, size: int, new_key: float, new_value: int) -> int:
    """Add a pair to the heap in key[:size], value[:size]; returns the new size."""
    at = size
    while at > 0:
        parent = (at - 1) >> 2
        if key[parent] <= new_key:
            break
        key[at] = key[parent]
        value[at] = value[parent]
        at = parent
    key[at] = new_key
    value[at] = new_value
    return size + 1


@compiled
def pop(key: Any, value: Any, size: int) -> int:
    """Take the pair with the least key away, which is key[0], value[0]; returns the new size."""
    size -= 1
    last_key = key[size]
    last_value = value[size]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        least = child
        for other in range(child + 1, min(child + 4, size)):
            if key[other] < key[least]:
                least = other
        if key[least] >= last_key:
            break
        key[at] = key[least]
        value[at] = value[least]
        at = least
    key[at] = last_key
    value[at] = last_value
    return size
