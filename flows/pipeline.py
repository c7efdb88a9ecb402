"""The Prefect flow `engagement-pipeline`: the same steps as an untracked run, watched."""

import os
import re
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

# Set before Prefect reads its settings: nothing is reported to anybody, and a throw-away server gets time to start.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_API_URL
from prefect.states import Failed
from prefect.task_runners import TaskRunner

from flows import inventory, steps
from flows.audience import Bucket
from flows.console import CONTROL
from flows.drift import schema_changes
from flows.inventory import Delivery, Inventory
from flows.settings import Settings, instant_from
from schemas.errors import TierwiseError, UsageError
from warehouse.lake import Entry, Lake
from warehouse.publish import open_published

ROWS_SHOWN = 200


def shown(value: object) -> str:
    """Text from an export without what would steer a terminal."""
    return "" if value is None else CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(value))


def inert(value: object) -> str:
    """The same as Markdown that shows it and does nothing else: no mark-up, and no link made of a bare address."""
    return re.sub(r"[^\w ]|_", lambda found: f"&#{ord(found[0])};", shown(value))


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
def take_inventory(exports: Path, lake: Path, verify: bool) -> Inventory:
    """Which files are new. A second try helps where a network folder was away for a moment."""
    opened = Lake.open(lake)
    opened.sweep()
    return inventory.take_inventory(exports, opened, verify=verify)


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
) -> steps.Batch:
    """Read a batch of files into the lake. Reading again gives the same segments."""
    read = steps.read_batch(deliveries, Lake.open(settings.lake), settings, owners)
    logger = get_run_logger()
    for entry in read.entries:
        logger.info("%s: %s %s", shown(entry.file), entry.verdict, shown(entry.note))
    return read


@task(
    task_run_name="count-buckets-{first}-to-{last}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=1,
)
def count_buckets(lake: Path, buckets: list[Bucket], first: int, last: int) -> int:  # noqa: ARG001
    """Count some buckets of follower, like and comment lists. Counting again gives the same files."""
    return steps.count_buckets(lake, buckets)


def count_everywhere(lake: Path, tasks: list[list[Bucket]]) -> None:
    """Count buckets by whatever the flow's task runner runs tasks on."""
    for future in [count_buckets.submit(lake, each, each[0].number, each[-1].number) for each in tasks]:
        future.result()


@task(task_run_name="publish", cache_policy=NO_CACHE, persist_result=False)
def publish(
    settings: Settings, as_of: datetime | None, started: float, inventory: Inventory, entries: list[Entry]
) -> steps.RunSummary:
    """Commit what was read, build the marts, publish them."""
    lake = Lake.open(settings.lake)
    steps.commit(entries, lake, inventory)
    return steps.publish_warehouse(lake, settings, as_of, started, inventory, entries, count_everywhere)


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


@flow(
    name="engagement-pipeline",
    flow_run_name="engagement-of-{exports}",
    persist_result=False,
    validate_parameters=False,
    task_runner=task_runner(Settings().dask),  # a deployment takes the flow as it stands here
)
def engagement_pipeline(
    exports: Path = Path("exports"), home: Path | None = None, as_of: str | None = None, verify: bool = False
) -> steps.RunSummary:
    """Read new exports, publish the warehouse, and say what happened in artifacts. `as_of` is a day or an instant."""
    settings = Settings(home=Path(home)) if home else Settings()
    try:
        return watched_run(Path(exports), settings, instant_from(as_of), verify)
    except TierwiseError as error:
        # Prefect shows the text of an error alone; what would mend it belongs beside it. Whoever called gets the error.
        failed: Any = Failed(message=shown(f"{error} (fix: {error.fix})"), data=error)
        return failed  # type: ignore[no-any-return]


def read_everywhere(deliveries: list[Delivery], settings: Settings, owners: Path | None = None) -> list[steps.Batch]:
    """Have the files read, batch by batch, by whatever the flow's task runner runs tasks on."""
    batches = steps.batches_of(deliveries)
    futures = [
        ingest.submit(batch, settings, number, len(batches), owners) for number, batch in enumerate(batches, start=1)
    ]
    return [future.result() for future in futures]


def watched_run(exports: Path, settings: Settings, as_of: datetime | None, verify: bool) -> steps.RunSummary:
    """The steps of `steps.run`, each side effect a task."""
    started = time.monotonic()
    with steps.only_run(settings):
        found = take_inventory(exports, settings.lake, verify)
        steps.check_space(found, settings)
        first = read_everywhere(found.to_read, settings)
        late = [delivery for batch in first for delivery in batch.late]
        entries = [*found.settled, *(entry for batch in first for entry in batch.entries)]
        if late:
            owners = steps.note_owners(Lake.open(settings.lake), entries)
            entries += [entry for batch in read_everywhere(late, settings, owners) for entry in batch.entries]
        changes = schema_changes(exports, Lake.open(settings.lake), entries)
        summary = replace(publish(settings, as_of, started, found, entries), schema_changes=tuple(changes))
        show_artifacts(summary, entries, settings)
    return summary


def show_artifacts(summary: steps.RunSummary, entries: list[Entry], settings: Settings) -> None:
    """The story of the run for somebody at the Prefect UI."""
    with open_published(settings.warehouse) as connection:
        rejects = connection.sql(f"FROM rejects_by_reason LIMIT {ROWS_SHOWN}").pl().to_dicts()
        headline = connection.sql(f"FROM headline_engagement LIMIT {ROWS_SHOWN}").pl().to_dicts()
    loaded = [
        {
            "file": inert(entry.file), "verdict": entry.verdict, "dataset": counts.dataset or "", "read": counts.rows_read,
            "loaded": counts.rows_loaded, "duplicate": counts.rows_duplicate, "rejected": counts.rows_rejected, "note": inert(entry.note),
        }
        for entry in entries[:ROWS_SHOWN]
        for counts in entry.counts
    ]  # fmt: skip
    create_table_artifact(key="rows-loaded", table=loaded, description="What became of each file of this run")
    create_table_artifact(
        key="rejected-rows",
        table=[{name: inert(value) for name, value in row.items()} for row in rejects],
        description="What was refused, by file and rule, with what would mend it",
    )
    create_markdown_artifact(
        key="run-summary", markdown=_summary_text(summary, headline), description="What this run did"
    )


def _summary_text(summary: steps.RunSummary, headline: list[dict[str, object]]) -> str:
    lines = [
        f"**{'Published' if summary.published else 'Nothing changed'}** as of {summary.as_of or 'no date'}",
        "",
        f"{summary.files_seen} files seen, {summary.files_read} read, {summary.files_quarantined} quarantined.",
        f"{summary.rows_read:,} rows read:",
        f"{summary.rows_loaded:,} loaded + {summary.rows_duplicate:,} duplicate + {summary.rows_rejected:,} rejected.",
        "",
        "| platform | niche | tier | accounts | posts | engagement rate, mean over accounts |",
        "|---|---|---|---:|---:|---:|",
    ]
    for row in headline:
        rate = row["engagement_rate_percent"]
        shown = f"{rate:.2f} %" if isinstance(rate, float) else "not known"
        lines.append(
            f"| {inert(row['platform'])} | {inert(row['niche'])} | {inert(row['tier'])} "
            f"| {row['account_count']} | {row['post_count']} | {shown} |"
        )
    if summary.schema_changes:
        lines += ["", "Columns that are not what they were:", ""]
        lines += [f"- {inert(change)}" for change in summary.schema_changes[:ROWS_SHOWN]]
    if summary.incomplete_lists:
        lines += ["", "Lists without their last page:", ""]
        lines += [f"- {inert(line)}" for line in summary.incomplete_lists[:ROWS_SHOWN]]
    return "\n".join(lines)


def run_tracked(exports: Path, settings: Settings, as_of: datetime | None, *, verify: bool = False) -> steps.RunSummary:
    """The flow, from the command line."""
    if settings.dask and not PREFECT_API_URL.value():
        raise UsageError(
            "TIERWISE_DASK is set, and no Prefect server that its workers could report to",
            fix="start one (`prefect server start`) and set PREFECT_API_URL, here and for the workers",
        )
    pipeline = engagement_pipeline.with_options(task_runner=task_runner(settings.dask))
    return pipeline(exports.resolve(), settings.home.resolve(), as_of.isoformat() if as_of else None, verify)
