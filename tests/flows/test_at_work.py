"""A run whose process is gone does not stay Running: the next run in the same home says so to the server."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate, GlobalConcurrencyLimitUpdate, WorkPoolUpdate
from prefect.client.schemas.objects import State, StateType
from prefect.states import Completed, Paused, Pending, Running, Scheduled
from prefect.workers.process import ProcessWorker

from flows.control_room import crashed_runs as at_work
from flows.control_room.deployments import DEPLOYED, POOL, register, schedule_of, template
from flows.freshness_flow import freshness
from flows.pipeline import engagement_pipeline
from flows.run import only_run
from flows.settings import SERVED_EXPORTS, Settings

pytestmark = pytest.mark.usefixtures("prefect_home")


@flow
def killed() -> None:
    """Stands for a run that was killed in the middle."""


@task
def reading() -> None:
    """A step of it."""


def test_the_next_run_marks_a_run_that_died(tmp_path: Path) -> None:
    home, exports = tmp_path / "home", tmp_path / "exports"
    exports.mkdir()
    (exports / "accounts.csv").write_text("platform,account_id,followers_count\ninstagram,a,1\n")
    notes = Settings(home=home).at_work
    notes.mkdir(parents=True)
    with get_client(sync_client=True) as client:
        dead = client.create_flow_run(killed, state=Running())
        ended = client.create_flow_run(killed, state=Completed())
        elsewhere = client.create_flow_run(killed, state=Running())
        step = client.create_task_run(reading, dead.id, dynamic_key="1", state=Running())
        for run_id in (dead.id, ended.id, uuid4()):  # the last is of another server
            (notes / str(run_id)).write_text("1\n")

        state = engagement_pipeline(str(exports), str(home), return_state=True)

        assert state.is_completed()
        after = client.read_flow_run(dead.id).state
        assert after
        assert (after.type, after.message) == (StateType.CRASHED, at_work.GONE)
        assert client.read_task_run(step.id).state_type == StateType.CRASHED
        assert client.read_flow_run(ended.id).state_type == StateType.COMPLETED
        assert client.read_flow_run(elsewhere.id).state_type == StateType.RUNNING
    assert list(notes.iterdir()) == [], "nor is the note of a run that has ended there"


def test_a_run_beside_another_marks_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with get_client(sync_client=True) as client:
        busy = client.create_flow_run(killed, state=Running())
        with only_run(settings):
            settings.at_work.mkdir()
            (settings.at_work / str(busy.id)).write_text("1\n")
            assert engagement_pipeline(str(tmp_path), str(tmp_path), return_state=True).is_failed()
        assert client.read_flow_run(busy.id).state_type == StateType.RUNNING


def test_a_start_of_serve_frees_the_slot_of_its_deployment(tmp_path: Path) -> None:
    """Whatever holds it: a run that nobody will ever begin, one for another home, one that is paused. Not one at work."""
    settings = Settings(home=tmp_path / "home")
    schedule = schedule_of(60, None, "UTC")
    register(tmp_path, settings, schedule)
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(DEPLOYED[0])

        def made(state: State) -> UUID:
            run = client.create_flow_run_from_deployment(deployment.id, state=Scheduled())
            client.set_flow_run_state(run.id, state, force=True)
            return run.id

        def state_of(run_id: UUID) -> StateType | None:
            return client.read_flow_run(run_id).state_type

        def slots() -> int:
            return client.read_global_concurrency_limit_by_name(f"deployment:{deployment.id}").active_slots

        holder = client.create_flow_run_from_deployment(deployment.id, state=Scheduled()).id
        client.set_flow_run_state(holder, Pending())
        assert state_of(holder) == StateType.PENDING
        assert slots() == 1
        paused, waiting = made(Paused()), made(Scheduled())

        at_work_now = made(Running())
        settings.at_work.mkdir()
        (settings.at_work / str(at_work_now)).write_text("1\n")
        with only_run(settings):
            register(tmp_path, settings, schedule)
        ended = [state_of(each) for each in (holder, paused, waiting, at_work_now)]
        assert ended == [StateType.CRASHED, StateType.CRASHED, StateType.SCHEDULED, StateType.RUNNING]

        client.update_global_concurrency_limit(
            f"deployment:{deployment.id}", GlobalConcurrencyLimitUpdate(active_slots=1)
        )
        register(tmp_path, settings, schedule)
        assert state_of(at_work_now) == StateType.CRASHED
        assert slots() == 0, "nor does a run hold it of which nothing is known any more"
        client.delete_deployment(deployment.id)


def test_job_variables_of_an_earlier_start_go(tmp_path: Path) -> None:
    settings, schedule = Settings(home=tmp_path / "home"), schedule_of(60, None, "UTC")
    register(tmp_path, settings, schedule)
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(DEPLOYED[0])
        with_variables = ProcessWorker.get_default_base_job_template()
        client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=with_variables))
        client.update_deployment(deployment.id, DeploymentUpdate(job_variables={"command": "true"}))
        register(tmp_path, settings, schedule)
        assert client.read_deployment(deployment.id).job_variables == {}
        assert client.read_work_pool(POOL).base_job_template == template()
        client.delete_deployment(deployment.id)


@pytest.mark.parametrize("asked", ["exports", "home"])
def test_a_run_of_a_control_room_keeps_to_its_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    folders = {"exports": tmp_path / "exports", "home": tmp_path / "home"}
    for name, folder in folders.items():
        folder.mkdir()
        monkeypatch.setenv({"exports": SERVED_EXPORTS, "home": "TIERWISE_HOME"}[name], str(folder))
    other = folders | {asked: tmp_path / "elsewhere"}
    refused = engagement_pipeline(str(other["exports"]), str(other["home"]), return_state=True)
    assert refused.is_failed()
    assert "and nothing else" in str(refused.message)
    looked: Any = freshness(str(other["home"]), return_state=True)
    assert ("and nothing else" in str(looked.message)) == (asked == "home")
    assert not (tmp_path / "elsewhere").exists()
    assert list(folders["home"].iterdir()) == [] or asked == "exports"
