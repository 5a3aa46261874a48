"""Where responders are reached: addresses from a file, all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from layers.delivery.settings import ADDRESSED
from spatial.errors import InputError
from spatial.tablefile import read_table_file

Connection = psycopg.Connection[Any]

_LONGEST = 100
_FIND = "SELECT id FROM layers.responder WHERE town_id = %s AND key = %s"
_SAVE = """
INSERT INTO layers.responder_contact (town_id, responder_id, channel, address)
VALUES (%s, %s, %s, %s)
ON CONFLICT (responder_id, channel) DO UPDATE SET address = EXCLUDED.address
"""
_REMOVE = "DELETE FROM layers.responder_contact WHERE responder_id = %s AND channel = %s"


def save_contacts(connection: Connection, town_id: int, path: Path) -> Counter[str]:
    """Take over the addresses of a table; how many each channel got, and how many were `removed`.

    Args:
        path: CSV or Excel; the column `key` names a responder, and there is one for each of sms,
            dingtalk, wecom and voice that is to be changed. An empty cell removes an address.

    Raises:
        InputError: the file can't be read, names no channel, or a responder that isn't there.
    """
    table = read_table_file(path)
    if table.broken:
        line, fault, _ = table.broken[0]
        raise InputError(f"{path.name}, line {line}: {fault}")
    channels = [each for each in ADDRESSED if each in table.rows.columns]
    if "key" not in table.rows.columns or not channels:
        raise InputError(
            f"{path.name} has no column key, or none of {', '.join(ADDRESSED)} / 缺少列",
            remedy="its first line: key,sms,voice",
        )
    done: Counter[str] = Counter()
    for line, row in table.rows.iterrows():
        where = f"{path.name}, line {line}"
        responder = _responder(connection, town_id, row["key"], where)
        done += _save_row(connection, (town_id, responder), row[channels].to_dict(), where)
    return done


def _responder(connection: Connection, town_id: int, key: Any, where: str) -> int:
    found = connection.execute(_FIND, (town_id, key)).fetchone()
    if found is None:
        raise InputError(f"{where}: there is no responder {str(key)[:40]} / 没有这个处置力量")
    responder: int = found[0]
    return responder


def _save_row(
    connection: Connection, whose: tuple[int, int], addresses: Mapping[Any, Any], where: str
) -> Counter[str]:
    done: Counter[str] = Counter()
    for channel, cell in addresses.items():
        address = str(cell).strip() if isinstance(cell, str) else ""
        if len(address) > _LONGEST:
            raise InputError(f"{where}: the address for {channel} is too long / 地址过长")
        if address:
            connection.execute(_SAVE, (*whose, channel, address))
            done[channel] += 1
        else:
            done["removed"] += connection.execute(_REMOVE, (whose[1], channel)).rowcount
    return done
