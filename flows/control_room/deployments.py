"""What a Prefect server is told to run: the pipeline and the look at how fresh its data are by the clock, plans when asked."""

import shlex
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.types.entrypoint import EntrypointType
from prefect.utilities.annotations import freeze

from flows.control_room import crashed_runs as at_work
from flows.freshness_flow import freshness
from flows.pipeline import engagement_pipeline
from flows.plan_flow import campaign_plan
from flows.run import only_run
from flows.settings import Settings
from schemas.errors import BusyError, UsageError

POOL = "tierwise"
PLAN = campaign_plan.name  # of the deployment too: it is listed by that alone
DEPLOYED = (f"{engagement_pipeline.name}/scheduled", f"{freshness.name}/hourly", f"{PLAN}/{PLAN}")
FRESHNESS_EVERY = IntervalSchedule(interval=timedelta(hours=1))
# The scheduler looks for new deployments every five seconds, and makes no runs for times that have passed.
SOON, A_LITTLE_LATER = timedelta(seconds=8), timedelta(seconds=60)

Schedule = CronSchedule | IntervalSchedule


def schedule_of(every: float | None, cron: str | None, timezone: str) -> Schedule:
    """Every so many minutes, or by the clock."""
    if cron is None:
        return IntervalSchedule(interval=timedelta(minutes=every or 60))
    try:
        return CronSchedule(cron=cron, timezone=timezone)
    except ValueError as error:
        raise UsageError(
            f"--cron {cron!r} --timezone {timezone!r}: no such times",
            fix="write five fields as in '15 5 * * *', which is a quarter past five, and a zone such as Europe/Berlin",
        ) from error


def template() -> dict[str, Any]:
    """How the worker starts a run. It has no variables: what is asked for with a run cannot say what is executed.

    `env` is left out, into which the worker merges the variable of that name where the template has it.
    """
    # Said, a run's process stays in the group of the worker's, and ends with it.
    command = f"{shlex.quote(sys.executable)} -m prefect.engine"
    return {
        "job_configuration": {"command": command, "stream_output": True},
        "variables": {"type": "object", "properties": {}, "additionalProperties": False},
    }


def register(exports: Path, settings: Settings, schedule: Schedule) -> None:
    """Make the work pool and the deployments, or make them what they are now. Runs that died are marked first."""
    home = settings.home.resolve()
    with get_client(sync_client=True) as client:
        with suppress(ObjectAlreadyExists):  # by an earlier start
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template()))
        client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template()))
        _mark_dead(client, settings)
    limit = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
    of_home = {"home": freeze(str(home))}
    parameters = {
        "exports": freeze(str(exports.resolve())),
        **of_home,
        "as_of": None,
        "verify": False,
        "rebuild": False,
    }
    _apply(engagement_pipeline, "scheduled", parameters, _from_now(schedule, SOON), limit)
    _apply(freshness, "hourly", of_home, _from_now(FRESHNESS_EVERY, A_LITTLE_LATER), limit)
    _apply(campaign_plan, PLAN, of_home, None, limit)


def _from_now(schedule: Schedule, wait: timedelta) -> Schedule:
    """An interval counted from now on, so that the first run need not be waited for; times of the clock as they are."""
    if isinstance(schedule, CronSchedule):
        return schedule
    return IntervalSchedule(interval=schedule.interval, anchor_date=datetime.now(UTC) + wait)


def _apply(
    flow: Any, name: str, parameters: dict[str, Any], schedule: Schedule | None, limit: ConcurrencyLimitConfig
) -> None:
    deployment: RunnerDeployment = flow.to_deployment(
        name,
        schedule=schedule,
        concurrency_limit=limit,
        parameters=parameters,
        tags=[POOL],
        work_pool_name=POOL,
        entrypoint_type=EntrypointType.MODULE_PATH,  # wherever it is installed, no checkout needed
        job_variables={},  # said, so that those of an earlier start go
    )
    deployment.apply()


def _mark_dead(client: SyncPrefectClient, settings: Settings) -> None:
    """No worker of this home is up yet, so no run of its deployments is alive, but for one that holds the home's lock."""
    deployed = [found for name in DEPLOYED if (found := _deployment(client, name))]
    ids = [each.id for each in deployed]
    try:
        with only_run(settings):
            at_work.sweep(settings)
            at_work.mark_all(client, settings, ids)
            for limit in [each.global_concurrency_limit for each in deployed if each.global_concurrency_limit]:
                client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))
    except BusyError:
        at_work.mark_all(client, settings, ids, alive=at_work.ids_noted(settings))


def _deployment(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None  # not registered yet
