"""`backup FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.context import running_database
from layers.backup import back_up
from spatial.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Write this town into one archive: database, keys, files.

    FILE must not exist yet. Works while the town is being served. The archive holds personal data
    and keys: keep it as safe as the town itself.
    """
    with running_database(settings) as conninfo:
        manifest = back_up(conninfo, settings.data_folder, file.absolute())
    files = len(manifest.sha256) - 1
    click.echo(
        f"{file}: {file.stat().st_size / 1e6:.1f} MB, {len(manifest.counts)} tables, "
        f"{sum(manifest.counts.values())} rows, {files} files"
    )
