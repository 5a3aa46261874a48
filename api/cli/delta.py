"""`delta`: what changed, as signed files for networks that exchange nothing else."""

from __future__ import annotations

from pathlib import Path

import click
import psycopg

from api.cli.context import running_database
from layers.changes.delta import DeltaPlan, make_delta
from layers.changes.delta_file import Manifest, public_pem, read_public_key
from layers.changes.mirror_file import apply_delta, verify
from layers.roles import Role
from spatial.database import Principal
from spatial.settings import Settings
from spatial.town import read_town

_ROLES = [role.short_name for role in Role]
_FILE = click.Path(path_type=Path, dir_okay=False)
_KEY = click.option(
    "--key",
    "key_file",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="The sender's public key, as `delta key` writes it there.",
)


@click.group()
def delta() -> None:
    """Exchange what changed as signed files.

    \b
    Here:   ./gridwhistle delta key > town.pem
            ./gridwhistle delta make --output start.zip        everything; says the token
            ./gridwhistle delta make --since TOKEN --output 1.zip
    There:  ./gridwhistle delta apply start.zip 1.zip --key town.pem --mirror town.gpkg
    """


@delta.command()
@click.pass_obj
def key(settings: Settings) -> None:
    """Print the public key by which receivers know this town's files."""
    click.echo(public_pem(settings.data_folder), nl=False)


@delta.command()
@click.option("--output", type=_FILE, required=True, metavar="FILE", help="The zip to be written.")
@click.option(
    "--since",
    metavar="TOKEN",
    help="What changed after this token, which the delta before it said.  [default: everything]",
)
@click.option("--layer", "layers", multiple=True, metavar="LAYER", help="May be repeated.  "
              "[default: all that the role reads]")  # fmt: skip
@click.option(
    "--role",
    type=click.Choice(_ROLES),
    default=Role.ANONYMOUS.short_name,
    show_default=True,
    help="Who the receivers are: the file holds what that role may see.",
)
@click.option("--department", metavar="CODE", help="Of an officer or a dispatcher; * for all.")
@click.option("--grid", type=int, metavar="ID", help="Of a grid member.")
@click.pass_obj
def make(
    settings: Settings,
    output: Path,
    since: str | None,
    layers: tuple[str, ...],
    role: str,
    department: str | None,
    grid: int | None,
) -> None:
    """Write what changed into a signed file."""
    with running_database(settings) as conninfo:
        with psycopg.connect(conninfo) as connection:
            town = read_town(connection)
        principal = Principal(
            Role(f"gridwhistle_{role}"),
            town.id,
            department=department,
            grid_id=grid,
            layers=layers if role == Role.SYSTEM.short_name else (),
            time_zone=town.time_zone,
            timeout_ms=0,
        )
        plan = DeltaPlan(principal, layers, since)
        manifest = make_delta(conninfo, settings.data_folder, town, plan, output)
    _say(output, manifest)
    click.echo(f"next: --since {manifest.until}")


@delta.command("verify")
@click.argument("files", type=_FILE, nargs=-1, required=True, metavar="FILE…")
@_KEY
def verify_files(files: tuple[Path, ...], key_file: Path) -> None:
    """Check that files are genuine, whole, and follow each other."""
    for file, manifest in zip(files, verify(files, read_public_key(key_file)), strict=True):
        _say(file, manifest)


@delta.command()
@click.argument("files", type=_FILE, nargs=-1, required=True, metavar="FILE…")
@_KEY
@click.option(
    "--mirror",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="The GeoPackage to be brought up to date; made by the first file.",
)
def apply(files: tuple[Path, ...], key_file: Path, mirror: Path) -> None:
    """Bring a GeoPackage up to date by files, in their order.

    A file that is not genuine, or not the next one, is refused and changes nothing.
    """
    sender = read_public_key(key_file)
    for file in files:
        _say(file, apply_delta(file, sender, mirror))


def _say(file: Path, manifest: Manifest) -> None:
    begins = "everything" if manifest.since is None else f"after {manifest.since}"
    features = sum(each.features for each in manifest.layers.values())
    deleted = sum(len(each.deleted) for each in manifest.layers.values())
    click.echo(
        f"{file}: {manifest.town} as {manifest.role}, {begins} up to {manifest.until}:"
        f" {features:,} features, {deleted:,} deleted in {len(manifest.layers)} layers"
    )
