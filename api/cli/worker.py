"""`worker`: jobs, orders, and what is due, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import click

from api.cli.context import connected, running_database
from api.cli.patrol import riding_about
from api.ogc.processes.registry import HEAVY_MODULES, process_of_job
from layers.delivery.courier import Courier
from layers.delivery.settings import DeliverySettings
from layers.jobs.apart import warm_up
from layers.jobs.context import Context
from layers.jobs.periodic import PERIODIC, forgetting_changes
from layers.jobs.run import Runner
from layers.jobs.worker import Worker, count_living_workers
from spatial.database import open_pool
from spatial.errors import AccessError, SetupError
from spatial.logs import log_to_stderr
from spatial.settings import Settings
from spatial.web_login import web_conninfo

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A worker beside a web app leaves it the machine when both have much to do.
_NICENESS = 5


@click.command()
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="How many jobs run at a time.",
)
@click.option("--check", is_flag=True, help="Say whether a worker lives; the exit code tells.")
@click.option("--patrol", is_flag=True, hidden=True, help="Let a demo's responders ride about.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input does.")
@click.pass_obj
def worker(
    settings: Settings, concurrency: int, check: bool, patrol: bool, with_parent: bool
) -> None:
    """Run jobs, carry orders, and do what is due (heat maps, clearing up) until Ctrl-C.

    `demo` and `serve` start one beside the web app. More may run, on other machines too; each
    needs the same database.
    """
    if check:
        _say_whether_one_lives(settings)
        return
    log_to_stderr("worker")
    delivery = DeliverySettings.from_environment()
    if with_parent:
        os.nice(_NICENESS)
    warm_up(HEAVY_MODULES)
    with (
        running_database(settings) as conninfo,
        open_pool(conninfo, max_size=concurrency + 4) as owner,
        open_pool(web_conninfo(conninfo), max_size=2 * concurrency) as web,
        riding_about(conninfo, wanted=patrol),
    ):
        periodic = (*PERIODIC, forgetting_changes(settings.changes_kept))
        runner = Runner(owner, web, perform, settings.job_results_kept)
        working = Worker(conninfo, runner, periodic, concurrency)
        courier = Courier(conninfo, owner, delivery)
        asyncio.run(_work(working, courier, with_parent=with_parent))


def _say_whether_one_lives(settings: Settings) -> None:
    with connected(settings) as connection:
        living = count_living_workers(connection)
    if not living:
        raise SetupError("no worker runs / 没有工作进程", remedy="./gridwhistle worker")
    click.echo(f"{living} running / 个工作进程在运行")


def perform(process_id: str, context: Context, inputs: Mapping[str, Any]) -> Mapping[str, str]:
    """Run a process; its outputs are JSON texts.

    Raises:
        NoSuchProcessError: a job may be older than this version's processes.
        AccessError: the submitter may not run it any more.
    """
    process = process_of_job(process_id)
    if not process.may_be_run_by(context.principal):
        raise AccessError(f"{process.id} is not public / 此处理不对外公开")
    return process.execute(context, inputs)


async def _work(working: Worker, courier: Courier, *, with_parent: bool) -> None:
    """Work until a signal, or the parent's end; a second signal doesn't break the good order."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(_work_and_carry(working, courier))
    asked = asyncio.Event()

    def stop() -> None:
        if not asked.is_set():
            asked.set()
            task.cancel()

    def read_parent() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            stop()

    for number in _ENDING_SIGNALS:
        loop.add_signal_handler(number, stop)
    if with_parent:
        loop.add_reader(sys.stdin.fileno(), read_parent)
    with suppress(asyncio.CancelledError):
        await task


async def _work_and_carry(working: Worker, courier: Courier) -> None:
    """Orders are carried as long as jobs are worked on; where one breaks, so does the other."""
    async with asyncio.TaskGroup() as tasks:
        carrying = tasks.create_task(courier.run())
        try:
            await working.work()
        finally:
            carrying.cancel()
