"""Files for somebody who asks for them over the web, each written in a process of its own.

Only that process needs what writes drawings, tables and PDFs: the web would start later by it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from shutil import move
from tempfile import TemporaryDirectory
from typing import NamedTuple

from layers.errands import Errand
from layers.gridfiles.changes import changes_of_draft
from layers.gridfiles.draft_units import read_draft_rows
from layers.gridfiles.units import unit_rows_at
from layers.mapsheets.content import read_content
from layers.mapsheets.plan import Imprint, SheetPlan
from layers.roles import Role
from spatial.crs import SourceCrs
from spatial.crs_names import parse_crs
from spatial.errors import InputError


class UnitsWanted(NamedTuple):
    """Which units, and in which CRS.

    Attributes:
        draft_id: as they stand in a draft; None: as they hold at the moment `at`.
    """

    crs_name: str
    at: datetime
    draft_id: int | None = None

    @property
    def crs(self) -> SourceCrs:
        """The CRS; raises where there is no such one."""
        return parse_crs(self.crs_name)


def write_units(errand: Errand, wanted: UnitsWanted, path: Path) -> None:
    """Write the units into the file at `path`, whose ending says the format.

    Raises:
        NotFoundError: there is no such draft, or there were no grids then.
    """
    from layers.gridfiles.export import export_units  # noqa: PLC0415  # see above

    with errand.transaction() as connection:
        if wanted.draft_id is None:
            rows = unit_rows_at(connection, errand.town, wanted.at)
        else:
            rows = read_draft_rows(connection, errand.town, wanted.draft_id)
    export_units(rows, path, wanted.crs)


def write_maps(errand: Errand, at: datetime, plan: SheetPlan, imprint: Imprint, path: Path) -> None:
    """Write the sheets: one as PDF, more as a zip of PDFs; `path` says which by its ending.

    Raises:
        InputError: one sheet was wanted, of a name that several units have.
        NotFoundError: there is no such unit.
        SetupError: this machine has no Chinese font.
    """
    from layers.mapsheets.sheets import write_sheets  # noqa: PLC0415  # see above

    with errand.transaction() as connection:
        rows = unit_rows_at(connection, errand.town, at)
        content = read_content(connection, errand.town, rows)
    with TemporaryDirectory() as folder:
        sheets = list(write_sheets(content, Path(folder), plan, imprint))
        if path.suffix != ".pdf":
            _pack(sheets, path)
        elif len(sheets) == 1:
            move(sheets[0], path)
        else:
            raise InputError(f"{len(sheets)} units are called so / 有重名单元", remedy="its code")


def _pack(sheets: Sequence[Path], path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:  # a PDF is packed already
        for sheet in sheets:
            archive.write(sheet, sheet.name)


def write_changes(errand: Errand, draft_id: int, path: Path) -> None:
    """Write the change table of a draft.

    Raises:
        NotFoundError: there is no such draft.
    """
    from layers.gridfiles.change_table import write_change_table  # noqa: PLC0415  # see above

    with errand.transaction() as connection:
        role = Role(errand.principal.role)
        changes = changes_of_draft(connection, errand.town, draft_id, role)
    write_change_table(changes, path, errand.town.name, errand.town.now().date())
