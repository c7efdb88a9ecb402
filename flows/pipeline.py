"""The Prefect flow `engagement-pipeline`: a run whose steps are tasks. Their order stands in `flows/run.py`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed, Failed
from prefect.task_runners import TaskRunner

from flows import alerts, run
from flows.artifacts import run_name, show_artifacts, show_freshness, shown, source_name
from flows.control_room import crashed_runs
from flows.drawing import draw_report
from flows.freshness import newest
from flows.run import Executor
from flows.settings import Settings, instant_from, not_served, now_utc
from flows.summary import Reading, RunSummary
from ingest.delivery import Delivery
from ingest.inventory import Inventory
from ingest.load import Loaded, batches_of
from marts.pieces import Piece
from schemas.errors import TierwiseError, UsageError
from warehouse.lake.ledger import Lake

HERE = Executor()


def may_pass(_task: object, _run: object, state: Any) -> bool:
    """Whether a second try can help: not where a setting, a path or a declaration is wrong."""
    return not isinstance(state.result(raise_on_failure=False), TierwiseError)


@task(
    task_run_name="take-inventory",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=5,
    retry_condition_fn=may_pass,
)
def take_inventory(exports: Path, settings: Settings, verify: bool) -> Inventory:
    """Which files are new. A second try helps where a network folder was away for a moment."""
    return HERE.take_inventory(exports, Lake.open(settings.lake), settings, verify=verify)


@task(
    task_run_name="ingest-{number}-of-{count}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=1,
    retry_delay_seconds=5,
    retry_condition_fn=may_pass,
)
def ingest(
    deliveries: list[Delivery],
    settings: Settings,
    number: int,  # noqa: ARG001  # the run of the task is named by it
    count: int,  # noqa: ARG001
    owners: Path | None = None,
) -> Loaded:
    """Read a batch of files into the lake. Reading again gives the same segments."""
    (read,) = HERE.read(deliveries, Lake.open(settings.lake), settings, owners)
    logger = get_run_logger()
    for entry in read.entries:
        logger.info("%s: %s %s", shown(entry.file), entry.verdict, shown(entry.note))
    return read


@task(
    task_run_name="{name}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=1,
)
def do_piece(lake: Path, piece: Piece, name: str) -> None:  # noqa: ARG001  # the run of the task is named by it
    """Do a piece of a publication's work. Doing it again gives the same files."""
    piece.do(lake)


def share_out(lake: Path, pieces: Sequence[Piece]) -> None:
    """Have pieces of work done by whatever the flow's task runner runs tasks on."""
    for future in [do_piece.submit(lake, piece, piece.name) for piece in pieces]:
        future.result()


@task(task_run_name="publish", cache_policy=NO_CACHE, persist_result=False)
def publish(settings: Settings, as_of: datetime | None, reading: Reading, rebuild: bool) -> RunSummary:
    """Commit what was read, build the marts, publish them."""
    return run.publish(Lake.open(settings.lake), reading, settings, as_of, share_out, rebuild=rebuild)


class Tasks(Executor):
    """Carries out each step of a run that has side effects as a Prefect task, and shows the run in artifacts."""

    @contextmanager
    def during(self, settings: Settings) -> Iterator[None]:
        with crashed_runs.noted(settings) as died:
            if died:
                alerts.settle(settings, alerts.RUN, f"{len(died)} run(s) died: {crashed_runs.GONE}")
            yield

    def take_inventory(self, exports: Path, lake: Lake, settings: Settings, *, verify: bool) -> Inventory:  # noqa: ARG002
        return take_inventory(exports, settings, verify)

    def read(self, deliveries: list[Delivery], lake: Lake, settings: Settings, owners: Path | None) -> list[Loaded]:  # noqa: ARG002  # tasks open it
        """Have the files read, batch by batch, by whatever the flow's task runner runs tasks on."""
        batches = batches_of(deliveries)
        progress = (
            create_progress_artifact(0.0, key="reading", description="Batches read") if len(batches) > 1 else None
        )
        futures = [
            ingest.submit(batch, settings, number, len(batches), owners)
            for number, batch in enumerate(batches, start=1)
        ]
        read = []
        for number, future in enumerate(futures, start=1):
            read.append(future.result())
            if progress:
                update_progress_artifact(progress, 100 * number / len(batches))  # type: ignore[arg-type]  # not a coroutine here
        return read

    def publish(
        self,
        lake: Lake,  # noqa: ARG002  # the task opens it
        reading: Reading,
        settings: Settings,
        as_of: datetime | None,
        *,
        rebuild: bool,
    ) -> RunSummary:
        return publish(settings, as_of, reading, rebuild)

    def present(self, summary: RunSummary, reading: Reading, settings: Settings) -> None:
        if failure := draw_report(settings, published=summary.published):
            get_run_logger().warning("%s", shown(failure))
        if summary.ahead_of_clock:
            get_run_logger().warning("as_of lies in the future: %s", shown(summary.ahead_of_clock))
        show_artifacts(summary, reading.entries, settings)
        show_freshness(newest(settings), now_utc())


def task_runner(dask: str | None) -> TaskRunner[Any] | None:
    """What reads batches and counts buckets: the workers of a Dask cluster, or Prefect's own choice, which is threads."""
    if dask is None:
        return None
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ModuleNotFoundError as error:
        raise UsageError(
            "TIERWISE_DASK is set, and prefect-dask is not installed", fix="install the extra `dask`, or unset it"
        ) from error
    return DaskTaskRunner(address=dask)


def name_at_start() -> str:
    """The source; what came of it is known at the end."""
    return source_name(Path(str(flow_run.get_parameters().get("exports", "exports"))))


@flow(
    name="engagement-pipeline",
    flow_run_name=name_at_start,
    persist_result=False,
    validate_parameters=False,
    task_runner=task_runner(Settings().dask),  # a deployment takes the flow as it stands here
)
def engagement_pipeline(
    exports: Path = Path("exports"),
    home: Path | None = None,
    as_of: str | None = None,
    verify: bool = False,
    rebuild: bool = False,
) -> RunSummary:
    """Read new exports, publish the warehouse, and say what happened in artifacts.

    Args:
        exports: Folder of export files. It is only ever read.
        home: Folder of the lake and the warehouse; TIERWISE_HOME if absent.
        as_of: Day (2026-08-01) or instant (2026-08-01T10:00:00Z) the figures are for; the newest observation or event if absent.
        verify: Hash every file again, also those that look untouched.
        rebuild: Publish everything anew, also where nothing changed.
    """
    settings = Settings(home=Path(home)) if home else Settings()
    if refused := not_served(settings, Path(exports)):
        return Failed(message=shown(refused))  # type: ignore[return-value]  # Prefect unpacks a state
    try:
        summary = run.run(Path(exports), settings, instant_from(as_of), Tasks(), verify=verify, rebuild=rebuild)
    except TierwiseError as error:
        alerts.settle(settings, alerts.RUN, alerts.failure(error))
        # Prefect shows the text of an error alone; the fix belongs beside it. Whoever called gets the error.
        failed: Any = Failed(message=shown(f"{error} (fix: {error.fix})"), data=error)
        return failed  # type: ignore[no-any-return]
    except Exception as error:
        alerts.settle(settings, alerts.RUN, alerts.failure(error))
        raise
    alerts.run_ended_well(settings, summary, now_utc())
    return told(Path(exports), settings, summary)  # type: ignore[no-any-return]  # Prefect unpacks a state


def told(exports: Path, settings: Settings, summary: RunSummary) -> Any:
    """The summary, with the figures in the run's name, and a named state where too much was rejected."""
    if own := flow_run.get_id():
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(own), name=run_name(exports, summary))
    if left_out := alerts.left_out(summary):
        return Completed(name="EvidenceLeftOut", message=left_out, data=summary)
    if nothing := alerts.nothing_loaded(summary):
        return Completed(name="NothingLoaded", message=nothing, data=summary)
    too_many = alerts.too_many_rejected(summary, settings)
    return Completed(name="TooManyRejected", message=too_many, data=summary) if too_many else summary


def run_tracked(
    exports: Path, settings: Settings, as_of: datetime | None, *, verify: bool = False, rebuild: bool = False
) -> RunSummary:
    """The flow, from the command line."""
    if settings.dask and not PREFECT_API_URL.value():
        raise UsageError(
            "TIERWISE_DASK is set, and no Prefect server that its workers could report to",
            fix="start one (`prefect server start`) and set PREFECT_API_URL, here and for the workers",
        )
    pipeline = engagement_pipeline.with_options(task_runner=task_runner(settings.dask))
    given = as_of.isoformat() if as_of else None
    return pipeline(exports.resolve(), settings.home.resolve(), given, verify, rebuild)
