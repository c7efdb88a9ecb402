"""The flow `campaign-plan`: the plan that the command line gives, as artifacts that do nothing but show it."""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from flows.commands.plan import plan
from flows.plan_flow import campaign_plan
from flows.plan_options import PlanOptions
from tests.command import in_process as tierwise
from tests.example_home import Examples

HOSTILE = "<img src=x>[in](https:evil.example)|`x`"
pytestmark = pytest.mark.usefixtures("prefect_home")


def planned(home: Path, **options: Any) -> tuple[Any, dict[str, Any]]:
    """The state of a run, and its artifacts by key."""
    state: Any = campaign_plan(home=home, return_state=True, **options)
    of_the_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        return state, {str(found.key): found.data for found in client.read_artifacts(artifact_filter=of_the_run)}


def test_the_options_of_both_are_the_same_ones() -> None:
    of_flow = {name: each for name, each in inspect.signature(campaign_plan.fn).parameters.items() if name != "home"}
    of_command = inspect.signature(plan).parameters
    assert list(of_flow) == list(PlanOptions.model_fields)
    assert {name: of_command[name].default for name in of_flow if name != "budget"} == {
        name: each.default for name, each in of_flow.items() if name != "budget"
    }
    described = campaign_plan.parameters.properties
    for name, field in PlanOptions.model_fields.items():
        assert described[name]["description"] == f"{field.description}."


def test_it_is_the_plan_of_the_command_line(examples: Examples) -> None:
    asked = ("--budget", 3000, "--currency", "USD", "--platform", "tiktok", "--max-accounts", 4)
    run = tierwise("plan", "--home", examples.home, "--json", *asked)
    told = json.loads(run.stdout)
    state, artifacts = planned(
        examples.home, budget=3000, currency="USD", platform="tiktok", max_accounts=4, niche="", frontier=True
    )
    assert state.is_completed()
    assert state.message.startswith(f"{len(told['accounts'])} accounts for {told['spend']:,.2f} of 3,000.00 USD")
    rows = json.loads(artifacts["plan-accounts"])
    assert [row["account"].strip("`") for row in rows] == [
        f"{each['platform']}:{each['username']}" for each in told["accounts"]
    ]
    text = str(artifacts["campaign-plan"])
    for reason, count in told["left_out"].items():
        assert f"| {reason} | {count} |" in text
    assert "no set brings more than" in text
    assert "least rate" in text


def test_texts_of_exports_are_shown_and_do_nothing(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "accounts.csv").write_text(f'platform,account_id,username,followers_count\nx,a,"{HOSTILE}",50\n')
    (exports / "follows.csv").write_text("platform,account_id,follower_id\nx,a,the_only_member\n")
    (exports / "rates.csv").write_text("platform,account_id,price,currency,quoted_on\nx,a,8,EUR,2026-05-01\n")
    assert tierwise("run", exports, "--home", tmp_path / "home").exit_code == 0
    (tmp_path / "home" / "rates.csv").write_text("date,from,to,rate\n2026-05-01,EUR,USD,2\n")
    options = {"objective": "reach", "rates": "rates.csv", "booked_on": "2026-06-01"}
    state, artifacts = planned(tmp_path / "home", budget=20, currency="USD", **options)
    assert state.message == "1 account for 16.00 of 20.00 USD: 50 people reached for certain"
    assert "1 EUR = 2 USD on 2026-05-01" in artifacts["campaign-plan"]
    for text in artifacts.values():
        assert "the_only_member" not in text
    (cell,) = (line for line in artifacts["campaign-plan"].splitlines() if "evil" in line)
    assert "| `` x:<img" in cell
    assert "\\|`x` `` |" in cell


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"currency": "XXX"}, "'XXX': no currency of the warehouse is called so (fix: "),
        ({"min_rate": -1}, "not a rate, which is from 0 to 1 (fix: "),
        ({"min_rate": 3}, "--min-rate 3: not a rate, which is from 0 to 1 (fix: write 0.03 for 3 %)"),
        ({"max_accounts": 0}, "max_accounts: Input should be greater than or equal to 1 (fix: "),
        ({"objective": "fame"}, "objective: Input should be "),
        ({"include": ["@nobody.at.all"]}, "@nobody.at.all: there is no such account"),
        ({"rates": "/etc/passwd"}, "not a CSV file of the home folder"),
        ({"rates": "member.key"}, "not a CSV file of the home folder"),
        ({"rates": "../elsewhere.csv"}, "not a CSV file of the home folder"),
        ({"rates": "nowhere.csv"}, "there is no such file"),
    ],
)
def test_a_plan_that_cannot_be_made_fails_with_the_reason(
    examples: Examples, options: dict[str, Any], says: str
) -> None:
    state, artifacts = planned(examples.home, **{"budget": 10, "currency": "USD", **options})
    assert state.is_failed()
    assert says in state.message
    assert "(fix: " in state.message
    assert artifacts == {}
