"""A run whose process is gone does not stay Running: the next run in the same home says so to the server."""

from pathlib import Path
from uuid import uuid4

import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Completed, Running

from flows import crashed_runs as at_work
from flows.pipeline import engagement_pipeline
from flows.run import only_run
from flows.settings import Settings

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
