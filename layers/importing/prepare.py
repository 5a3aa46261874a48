"""From a file's rows to a layer's rows: values converted, faults found, identity given."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from layers.importing.identity import content_keys, stated_keys
from layers.importing.mapping import map_columns
from layers.importing.options import ImportOptions
from layers.importing.places import as_kind, lies_inside, place_faults, without_noise
from layers.importing.source import Source, column_texts
from layers.importing.targets import Field, Target
from layers.importing.values import MISSING, each, nothing
from spatial.town import Town


@dataclass(frozen=True)
class Reject:
    """A row that is not loaded."""

    line: int
    reason: str


@dataclass(frozen=True)
class Prepared:
    """What can be loaded, and what can't.

    Attributes:
        rows: the target's fields, `key`, `inside` and `geom` (shapely, EPSG:4326); index: line.
        rejects: by line.
    """

    rows: pd.DataFrame
    rejects: list[Reject]


class _Faults:
    """The first reason against each row."""

    def __init__(self, index: pd.Index) -> None:
        self.reasons = nothing(index)

    def add(self, reasons: pd.Series) -> None:
        """Note `reasons` (None: nothing wrong) where none stands yet."""
        self.reasons = self.reasons.where(self.reasons.notna(), reasons)

    def rejects(self) -> list[Reject]:
        return [Reject(int(line), reason) for line, reason in self.reasons.dropna().items()]


def prepare(source: Source, target: Target, options: ImportOptions, town: Town) -> Prepared:
    """Check and convert every row of `source`.

    Raises:
        InputError: a required field has no column, or a stated column is not there.
    """
    index = source.rows.index
    faults = _Faults(index)
    faults.add(pd.Series(source.faults, dtype=object).reindex(index))
    rows = _convert_fields(source, target, options, faults)
    shapes = without_noise(as_kind(source.geometries, target.geometry))
    faults.add(pd.Series(place_faults(shapes, target.geometry, town), index, dtype=object))
    rows["geom"] = pd.Series(shapes, index, dtype=object)
    if options.key:
        rows["key"], reasons = stated_keys(source.rows, options.key, options.path.name)
        faults.add(reasons)
    good = rows[faults.reasons.isna()].copy()
    if not options.key:
        good["key"] = content_keys(good, [each.name for each in target.fields if each.identifies])
    good["inside"] = lies_inside(good["geom"].to_numpy(), town)
    broken = [Reject(line, reason) for line, reason, _ in source.broken]
    return Prepared(good, sorted([*faults.rejects(), *broken], key=lambda reject: reject.line))


def _convert_fields(
    source: Source, target: Target, options: ImportOptions, faults: _Faults
) -> pd.DataFrame:
    columns = [str(column) for column in source.rows.columns]
    chosen = map_columns(
        columns, target.fields, options.columns, options.constants, options.path.name
    )
    converted = {}
    for field in target.fields:
        texts = _texts(source, field, chosen, options)
        converted[field.name], reasons = convert(field, texts, chosen.get(field.name, field.name))
        faults.add(reasons)
    return pd.DataFrame(converted, index=source.rows.index)


def _texts(
    source: Source, field: Field, chosen: dict[str, str], options: ImportOptions
) -> pd.Series:
    index = source.rows.index
    if field.name in chosen:
        texts = column_texts(source.rows, chosen[field.name])
    else:
        texts = each(nothing(index), lambda _: options.constants.get(field.name))
    texts = texts.where(~texts.isin(MISSING), None)
    if field.name == "category" and options.category_until:
        texts = each(texts, lambda text: text and text.split(options.category_until)[0].strip())
    return texts


def convert(field: Field, texts: pd.Series, column: str) -> tuple[pd.Series, pd.Series]:
    """Values of `field`, and per row the reason why there is none, or None.

    Args:
        texts: None where missing.
        column: where they came from, for the reason.
    """
    there = texts.notna()
    values = nothing(texts.index)
    reasons = nothing(texts.index)
    values[there] = field.kind.convert(texts[there].astype(str)).astype(object)
    wrong = there & values.isna()
    reasons[wrong] = texts[wrong].map(
        lambda text: f"{column}: '{text[:40]}' is not {field.kind.noun}"
    )
    if field.required:
        reasons[~there] = f"{column} is missing"
    elif field.default is not None:
        values[~there] = field.default
    return values.where(values.notna(), None), reasons
