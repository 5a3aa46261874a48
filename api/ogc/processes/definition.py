"""A process: its description for clients and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from layers.catalogue import Entry, Text
from layers.jobs.context import Context
from layers.jobs.outputs import as_json_texts
from layers.roles import Role
from spatial.database import Principal
from spatial.errors import InputError

Inputs = Mapping[str, Any]
Outputs = Mapping[str, Any]


@dataclass(frozen=True)
class Input:
    """One input: its title and the JSON Schema of its value."""

    title: Text
    schema: Mapping[str, Any]
    required: bool = False


@dataclass(frozen=True)
class Output:
    """One output: its title, the JSON Schema of its value, and what it is served as."""

    title: Text
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    media_type: str = "application/json"


@dataclass(frozen=True)
class Process:
    """One process.

    Attributes:
        run: context and checked inputs → the value of each output, JSON-able; it runs in a thread,
            in the web app or in the worker. What computes long does so in `run_apart`.
        reads: the layer that a role has to see who may run it; None: everybody may.
    """

    id: str
    title: Text
    description: Text
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    run: Callable[[Context, Inputs], Outputs]
    example: Mapping[str, Any]
    reads: Entry | None = None
    version: str = "1.0.0"
    keywords: tuple[str, ...] = field(default=())

    def is_for(self, role: Role) -> bool:
        """Whether the process is for `role`."""
        return self.reads is None or self.reads.readable_by(role)

    def may_be_run_by(self, principal: Principal) -> bool:
        """Whether it is for the principal's role, and reads what it came for."""
        reached = self.reads is None or principal.reaches(self.reads.id)
        return reached and self.is_for(Role(principal.role))

    def check(self, inputs: Mapping[str, Any]) -> Inputs:
        """The inputs with their defaults.

        Raises:
            InputError: an input is missing, unknown or not of its schema.
        """
        for error in Draft202012Validator(self.input_schema()).iter_errors(inputs):
            where = ".".join(map(str, error.absolute_path)) or "inputs"
            what = error.message if len(error.message) < 200 else f"{error.message[:200]}…"
            raise InputError(f"{where}: {what}", remedy=f"see processes/{self.id}")
        defaults = {
            name: each.schema["default"]
            for name, each in self.inputs.items()
            if "default" in each.schema
        }
        return defaults | dict(inputs)

    def execute(self, context: Context, inputs: Inputs) -> dict[str, str]:
        """Output name → its value as JSON text."""
        context.check()
        return as_json_texts(self.run(context, inputs))

    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of all inputs together."""
        required = [name for name, each in self.inputs.items() if each.required]
        return {
            "type": "object",
            "properties": {name: dict(each.schema) for name, each in self.inputs.items()},
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }
