"""Which tracked runs are at work, told by files that only a run which holds the home's lock writes and removes.

Prefect hears nothing from a process that was killed and shows its run as Running for ever. Whoever holds the lock knows
better: a file that is still there belongs to a run that is not.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run
from prefect.states import Crashed

from flows.settings import Settings

# A paused run has no process either: none of ours ever pauses.
UNENDED = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING, StateType.PAUSED]
PAGE = 200
GONE = (
    "Its process is gone: it was killed, or the machine went down. What was published before is untouched, and"
    " the next run goes on from the last commit."
)


@contextmanager
def noted(settings: Settings) -> Iterator[list[UUID]]:
    """Note this run down, under the lock of the home, and hand over the runs that died before it."""
    dead = sweep(settings)
    own = flow_run.get_id()
    note = settings.at_work / str(own)
    if own:
        settings.at_work.mkdir(exist_ok=True)
        note.write_text(f"{os.getpid()}\n", encoding="utf-8")  # for whoever looks for it among the processes
    try:
        yield dead
    finally:
        note.unlink(missing_ok=True)


def sweep(settings: Settings) -> list[UUID]:
    """Runs that died in this home, now shown as crashed. Only for whoever holds the lock of the home."""
    dead = ids_noted(settings)
    if dead:
        with get_client(sync_client=True) as client:
            for each in dead:
                _mark(client, each)
        for each in dead:
            (settings.at_work / str(each)).unlink(missing_ok=True)
    return dead


def ids_noted(settings: Settings) -> list[UUID]:
    return [UUID(note.name) for note in sorted(settings.at_work.glob("*"))] if settings.at_work.is_dir() else []


def _mark(client: SyncPrefectClient, run_id: UUID) -> None:
    try:
        found = client.read_flow_run(run_id)
    except ObjectNotFound:
        return  # it was tracked by another server
    if found.state is None or not found.state.is_final():
        client.set_flow_run_state(run_id, Crashed(message=GONE), force=True)
    tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    for task in tasks:
        if task.state is None or not task.state.is_final():
            client.set_task_run_state(task.id, Crashed(message=GONE), force=True)


def mark_all(
    client: SyncPrefectClient, settings: Settings, deployments: list[UUID], alive: Collection[UUID] = ()
) -> list[FlowRun]:
    """Mark every run of the home or of these deployments that has not ended, whatever it was asked for. Only where no
    worker is up; `alive` are those that may hold the lock of the home."""
    unended = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNENDED)))
    home = str(settings.home.resolve())
    found: list[FlowRun] = []
    while page := client.read_flow_runs(flow_run_filter=unended, limit=PAGE, offset=len(found)):
        found += page
    ours = [run for run in found if run.deployment_id in deployments or run.parameters.get("home") == home]
    dead = [run for run in ours if run.id not in alive]
    for run in dead:
        _mark(client, run.id)
    return dead
