"""A process: its description for clients and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from api.services import Services
from layers.catalogue import Entry, Text
from layers.roles import Role
from spatial.database import Principal
from spatial.errors import InputError

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Input:
    """One input: its title and the JSON Schema of its value."""

    title: Text
    schema: Mapping[str, Any]
    required: bool = False


@dataclass(frozen=True)
class Process:
    """One process.

    Attributes:
        run: services, on whose behalf, checked inputs → the value of the only output, JSON-able.
        media_type: of the output.
        reads: the layer that a role has to see who may run it; None: everybody may.
    """

    id: str
    title: Text
    description: Text
    inputs: Mapping[str, Input]
    output: Text
    run: Callable[[Services, Principal, Inputs], Any]
    example: Mapping[str, Any]
    media_type: str = "application/json"
    reads: Entry | None = None
    version: str = "1.0.0"
    keywords: tuple[str, ...] = field(default=())

    def may_be_run_by(self, role: Role) -> bool:
        """Whether the process is for `role`."""
        return self.reads is None or self.reads.readable_by(role)

    def check(self, inputs: Any) -> Inputs:
        """The inputs with their defaults.

        Raises:
            InputError: an input is missing, unknown or not of its schema.
        """
        schema = {
            "type": "object",
            "properties": {name: each.schema for name, each in self.inputs.items()},
            "required": [name for name, each in self.inputs.items() if each.required],
            "additionalProperties": False,
        }
        for error in Draft202012Validator(schema).iter_errors(inputs):
            where = ".".join(map(str, error.absolute_path)) or "inputs"
            raise InputError(f"{where}: {error.message}", remedy=f"see processes/{self.id}")
        defaults = {
            name: each.schema["default"]
            for name, each in self.inputs.items()
            if "default" in each.schema
        }
        return defaults | dict(inputs)
