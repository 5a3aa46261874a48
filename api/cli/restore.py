"""`restore FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.context import started_database
from layers.restore import restore as restore_archive
from spatial.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Give up the town that stands here now.")
@click.pass_obj
def restore(settings: Settings, file: Path, replace: bool) -> None:
    """Bring back an archive made by `backup`.

    Into an empty installation (--data DIR), or with --replace in place of the town that stands
    there. The rows of every table are counted and compared; until that agrees nothing is changed.
    The server may be of a later PostgreSQL version than the one that was backed up.
    """
    with started_database(settings) as conninfo:
        manifest = restore_archive(conninfo, settings.data_folder, file.absolute(), replace=replace)
    click.echo(
        f"{manifest.town or 'no town'}: {len(manifest.counts)} tables, "
        f"{sum(manifest.counts.values())} rows, as backed up at {manifest.made_at}"
    )
