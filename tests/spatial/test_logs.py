"""What a log tells of a defect: where it is in the program, and nothing of the data."""

from __future__ import annotations

import logging

import psycopg
import pytest

from spatial.logs import ElsewhereError, describe, kind_of, log_to_stderr

NAME = "张三 13800000000"


def fail_with_rows(connection: psycopg.Connection) -> None:
    connection.execute("CREATE TEMP TABLE person (name text UNIQUE)")
    try:
        for _ in range(2):
            connection.execute("INSERT INTO person VALUES (%s)", (NAME,))
    except psycopg.Error as error:
        raise ValueError(f"{NAME} is there already") from error


def test_places_and_kinds_are_told_and_no_data(connection):
    with pytest.raises(ValueError, match=NAME) as caught:
        fail_with_rows(connection)
    told = describe(caught.value)
    assert NAME in str(caught.value.__cause__)
    assert NAME not in told
    assert told.count("in fail_with_rows") == 2
    assert told.count("psycopg.errors.UniqueViolation 23505") == 1
    assert "person_name_key" in told
    assert told.rstrip().endswith("builtins.ValueError")


def test_errors_of_a_group_are_told(connection):
    group = ExceptionGroup(NAME, [KeyError(NAME), OSError(NAME)])
    told = describe(group)
    assert NAME not in told
    assert "builtins.KeyError" in told
    assert "builtins.OSError" in told


def test_what_speaks_of_the_program_is_told_whole():
    assert kind_of(AttributeError("no such thing")).endswith("no such thing")
    assert kind_of(ElsewhereError("there: in line 7")).endswith("there: in line 7")


def test_the_log_of_a_process_is_discreet(capsys):
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers.clear()
    try:
        log_to_stderr("web")
        try:
            raise ValueError(NAME)
        except ValueError:
            logging.getLogger("anybody").exception("a defect")
    finally:
        root.handlers[:] = before
    told = capsys.readouterr().err
    assert told.startswith("web: a defect\nTraceback")
    assert NAME not in told


def test_an_error_that_is_its_own_cause_is_told_once():
    error = ValueError(NAME)
    error.__cause__ = error
    assert describe(error).count("builtins.ValueError") == 1
