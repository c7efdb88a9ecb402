"""A deployment as README.md makes one, on a real Prefect server: a scheduled run appears, completes and publishes.

With sqlalchemy 2.1 the server starts and runs what it is told to, and never schedules anything; with a later fastapi it
does not start. Only a run that nobody asked for shows that the pins in pyproject.toml hold.
"""

import importlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.example_home import Examples
from warehouse.publish import content_hash
from warehouse.published import open_published

ROOT = Path(__file__).parents[2]
NEEDED = ("flows", "ingest", "marts", "reports", "schemas", "transforms", "warehouse", "examples", "prefect.yaml")
DEPLOYMENT = "engagement-pipeline/daily"


def commands() -> list[str]:
    """The lines of the shell block of README.md, "On a schedule"."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## On a schedule")[2].partition("\n## ")[0]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block
    return block[1].splitlines()


@dataclass(frozen=True)
class Site:
    """A checkout with a server of its own."""

    checkout: Path
    environment: dict[str, str]
    server_log: Path
    worker_log: Path

    def prefect(self, command: str) -> str:
        """A command of the README, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            cwd=self.checkout, env=self.environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def process(self, command: str, log: Path) -> Iterator[None]:
        """A command of the README that stays; it and what it started end with the test, however the test ends."""
        with log.open("wb") as stream:
            started = subprocess.Popen(
                [sys.executable, "-m", *shlex.split(command)],
                cwd=self.checkout, env=self.environment, stdout=stream, stderr=stream, start_new_session=True,
            )  # fmt: skip
        try:
            yield
        finally:
            stop(started)


def stop(started: subprocess.Popen[bytes]) -> None:
    """By the id of its process group, politely first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(started.pid, number)
            started.wait(timeout=5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A copy of the checkout, so that nothing is written to this one and no path of it can be in the way."""
    place = tmp_path_factory.mktemp("site")
    checkout = place / "checkout"
    checkout.mkdir()
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, checkout / name)
    port = free_port()
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PREFECT_", "TIERWISE_"))}
    environment |= {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_HOME": str(place / "prefect"),
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        # Only to save time: the worker looks for work every ten seconds by default.
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    there = Site(checkout, environment, place / "server.log", place / "worker.log")
    *_, create_pool, deploy, start_worker = commands()
    with ExitStack() as running:
        running.enter_context(there.process("prefect server start", there.server_log))
        there.prefect("prefect server status --wait --timeout 120")
        there.prefect(create_pool)
        there.prefect(deploy)
        running.enter_context(there.process(start_worker, there.worker_log))
        running.enter_context(temporary_settings(updates={PREFECT_API_URL: environment["PREFECT_API_URL"]}))
        yield there


@pytest.fixture
def client(site: Site) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as opened:
        yield opened


def test_the_pins_let_the_server_be_imported() -> None:
    assert importlib.import_module("prefect.server.api.server")


def test_the_deployment_is_the_one_of_the_file(site: Site, client: SyncPrefectClient) -> None:
    daily = client.read_deployment_by_name(DEPLOYMENT)
    assert daily.work_pool_name == "tierwise"
    assert daily.tags == ["tierwise"]
    assert daily.parameters == {"exports": "examples/exports", "home": "tierwise"}
    (schedule,) = [found.schedule for found in daily.schedules if found.active]
    assert isinstance(schedule, CronSchedule)
    assert schedule.timezone == "Europe/Berlin"
    assert daily.global_concurrency_limit
    assert daily.global_concurrency_limit.limit == 1
    assert daily.concurrency_options
    assert daily.concurrency_options.collision_strategy == "ENQUEUE"
    # The working directory of its runs is the checkout it was deployed from, of which the file says nothing.
    assert daily.pull_steps == [
        {"prefect.deployments.steps.set_working_directory": {"directory": str(site.checkout.resolve())}}
    ]
    hourly = client.read_deployment_by_name("freshness/hourly")
    assert (hourly.entrypoint, hourly.parameters) == ("flows.freshness_flow.freshness", {"home": "tierwise"})
    assert not re.search(r"(^|[\s\"':])[/~]\w", (ROOT / "prefect.yaml").read_text(encoding="utf-8"))


def test_a_scheduled_run_publishes(site: Site, client: SyncPrefectClient, examples: Examples) -> None:
    daily = client.read_deployment_by_name(DEPLOYMENT)
    often = IntervalSchedule(interval=timedelta(seconds=5))
    client.create_deployment_schedules(daily.id, [DeploymentScheduleCreate(schedule=often, active=True)])
    first = scheduled_run(client, site, daily.id)
    assert first.auto_scheduled
    assert first.deployment_id == daily.id
    assert re.fullmatch(r"exports: [\d,]+ rows loaded, [\d,]+ rejected", first.name)
    with open_published(site.checkout / "tierwise" / "warehouse.duckdb") as connection:
        assert content_hash(connection) == examples.summary.content_hash


def scheduled_run(client: SyncPrefectClient, site: Site, deployment: UUID) -> FlowRun:
    """The first run to complete. Nobody starts one by hand."""
    for _ in range(240):
        assert "bulk DML" not in site.server_log.read_text(encoding="utf-8", errors="replace"), "see sqlalchemy's pin"
        ended = [
            found
            for found in client.read_flow_runs()
            if found.deployment_id == deployment and found.state and found.state.is_final()
        ]
        if ended:
            assert ended[0].state
            assert ended[0].state.is_completed(), ended[0].state.message
            return ended[0]
        time.sleep(0.5)
    told = site.server_log.read_text(errors="replace") + site.worker_log.read_text(errors="replace")
    raise AssertionError(f"no scheduled run has ended within two minutes\n{told[-5000:]}")
