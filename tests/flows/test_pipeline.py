"""The flow is the run that everybody else does, watched: the same tables, and the story of it in Prefect."""

import json
import re
import shutil
import time
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from markdown_it import MarkdownIt
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import State, TaskRun

from flows.artifacts import inert
from flows.pipeline import engagement_pipeline, run_tracked
from flows.run import only_run, run
from flows.settings import Settings, instant_from
from flows.summary import RunSummary
from ingest.delivery import Delivery
from ingest.export_file import ExportFile
from ingest.load import batches_of
from schemas.errors import BusyError, UsageError
from schemas.sources import Source
from tests.example_home import Examples
from warehouse.publish import content_hash
from warehouse.published import open_published

EXPORTS = Path(__file__).parents[2] / "examples" / "exports"
TASKS = ["take-inventory", "ingest-1-of-1", "publish", "count-buckets-1-to-33", "count-buckets-38-to-46"]

pytestmark = pytest.mark.usefixtures("prefect_home")


class Watched:
    """One run of the flow, and what the Prefect server tells of it."""

    def __init__(self, exports: Path, home: Path, **parameters: Any) -> None:
        # As a deployment hands them over: text.
        self.state: State[Any] = engagement_pipeline(str(exports), str(home), return_state=True, **parameters)
        assert self.state.state_details.flow_run_id
        self.id: UUID = self.state.state_details.flow_run_id

    @property
    def summary(self) -> RunSummary:
        found = self.state.result()
        assert isinstance(found, RunSummary)
        return found

    @property
    def name(self) -> str:
        with get_client(sync_client=True) as client:
            return client.read_flow_run(self.id).name

    def artifacts(self) -> dict[str, Any]:
        with get_client(sync_client=True) as client:
            of_the_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[self.id]))
            return {str(found.key): found for found in client.read_artifacts(artifact_filter=of_the_run)}

    def table(self, key: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.artifacts()[key].data)
        return rows

    def markdown(self) -> str:
        return str(self.artifacts()["run-summary"].data)

    def task_runs(self, count: int) -> list[TaskRun]:
        """The runs of its tasks in order, once the server, which hears of them by events, has all of them."""
        of_the_run = FlowRunFilter(id=FlowRunFilterId(any_=[self.id]))
        with get_client(sync_client=True) as client:
            for _ in range(200):
                found = client.read_task_runs(flow_run_filter=of_the_run)
                if len(found) >= count and all(each.state and each.state.is_final() for each in found):
                    break
                time.sleep(0.1)
        return sorted(found, key=lambda each: str(each.start_time))

    def log(self, until: str) -> str:
        """What it logged, once the line that is waited for has reached the server."""
        of_the_run = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[self.id]))
        with get_client(sync_client=True) as client:
            for _ in range(200):
                lines = "\n".join(line.message for line in client.read_logs(log_filter=of_the_run))
                if until in lines:
                    break
                time.sleep(0.1)
        return lines


@pytest.fixture(scope="module")
def untracked(examples: Examples) -> RunSummary:
    return examples.summary


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path) -> Watched:
    return Watched(EXPORTS, tmp_path_factory.mktemp("watched"))


def rows_of(warehouse: str, sql: str) -> list[dict[str, Any]]:
    with open_published(Path(warehouse)) as connection:
        rows: list[dict[str, Any]] = connection.sql(sql).pl().to_dicts()
        return rows


def test_the_flow_publishes_what_an_untracked_run_does(watched: Watched, untracked: RunSummary) -> None:
    assert watched.state.is_completed()
    differing = {"warehouse", "duration_seconds"}
    tracked, alone = (json.loads(json.dumps(summary.as_json())) for summary in (watched.summary, untracked))
    assert {k: v for k, v in tracked.items() if k not in differing} == {
        k: v for k, v in alone.items() if k not in differing
    }
    with open_published(Path(watched.summary.warehouse)) as connection:
        assert content_hash(connection) == untracked.content_hash


def test_its_runs_have_names_and_are_few(watched: Watched) -> None:
    assert (
        watched.name
        == f"exports: {watched.summary.rows_loaded:,} rows loaded, {watched.summary.rows_rejected:,} rejected"
    )
    found = watched.task_runs(len(TASKS))
    names = [each.name for each in found]
    # Buckets are counted side by side: which are begun first is no promise.
    assert [*names[:3], *sorted(names[3:])] == TASKS
    assert [each.run_count for each in found] == [1] * len(TASKS)


def test_many_small_files_make_few_task_runs() -> None:
    """The server spends fifty milliseconds on each: one for every file of a scrape would take it hours."""
    source = Source(files="*")
    small = [
        Delivery(ExportFile(f"{number}.json", Path(f"{number}.json"), 2_000, ""), str(number), source, "d")
        for number in range(100_000)
    ]
    batches = batches_of(small)
    assert len(batches) <= 50
    assert [delivery for batch in batches for delivery in batch] == small


def test_results_are_not_kept_on_disk(watched: Watched, prefect_home: Path) -> None:
    """A result on disk is a pickle that nobody asks for; the warehouse is the result."""
    assert watched.state.is_completed()
    assert [path for path in prefect_home.rglob("*") if path.is_file() and "storage" in path.parts] == []


def test_what_came_in_is_an_artifact(watched: Watched, untracked: RunSummary) -> None:
    ledger = rows_of(untracked.warehouse, "FROM load_ledger")
    assert len(ledger) > 15
    columns = ("file", "verdict", "read", "loaded", "duplicate", "rejected")
    told = sorted(tuple(read(row[name]) for name in columns) for row in watched.table("rows-loaded"))
    counts = ("file", "verdict", "rows_read", "rows_loaded", "rows_duplicate", "rows_rejected")
    assert told == sorted(tuple(str(row[name]) for name in counts) for row in ledger)


def test_what_was_refused_is_an_artifact(watched: Watched, untracked: RunSummary) -> None:
    rejects = rows_of(untracked.warehouse, "FROM rejects_by_reason")
    assert sum(row["reject_count"] for row in rejects) >= untracked.rows_rejected > 0
    told = [{name: read(text) for name, text in row.items()} for row in watched.table("rejected-rows")]
    assert told == [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rejects]


def test_the_summary_is_an_artifact(watched: Watched, untracked: RunSummary) -> None:
    text = watched.markdown()
    assert text.startswith("**Published** as of 2026-")
    prose, _, table = text.partition("\n| ")
    figures = [int(figure.replace(",", "")) for figure in re.findall(r"[\d,]*\d", prose.partition("\n")[2])]
    ledger = rows_of(
        untracked.warehouse,
        "SELECT count(DISTINCT file) AS seen, count(DISTINCT file) FILTER (verdict = 'loaded') AS read,"
        " count(*) FILTER (verdict = 'quarantined') AS quarantined, sum(rows_read)::BIGINT, sum(rows_loaded)::BIGINT,"
        " sum(rows_duplicate)::BIGINT, sum(rows_rejected)::BIGINT, sum(rows_left_out)::BIGINT FROM load_ledger",
    )
    assert figures == list(ledger[0].values())
    headline = rows_of(untracked.warehouse, "FROM headline_engagement")
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()[2:]]
    assert [[read(cell) for cell in row[:5]] for row in cells] == [
        ["" if row[name] is None else str(row[name]) for name in ("platform", "niche", "tier", "account_count", "post_count")]
        for row in headline
    ]  # fmt: skip
    assert [row[5] for row in cells] == [
        "not known" if row["engagement_rate_percent"] is None else f"{row['engagement_rate_percent']:.2f} %"
        for row in headline
    ]


HOSTILE = "<script>alert(1)</script>|**bold** [in](https://evil.example) ![x](//e.example/x.png) www.evil.example `$x$`"
CONTROLS = "\x1b]0;owned\x07\x1b[31m\u202e"
STEERING = set("\x1b\x07\u202e")


def test_text_from_exports_is_inert_and_whole(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    name = HOSTILE.replace("/", "\N{FRACTION SLASH}") + CONTROLS + ".csv"
    header = "platform,account_id,followers_count,niche\n"
    (exports / name).write_text(header + f'instagram,a,1000,"{HOSTILE}"\ninstagram,b,"{HOSTILE}",food\n')
    (exports / "posts.csv").write_text(
        "platform,post_id,account_id,like_count,comment_count\ninstagram,1,a,10,1\n"
    )  # fmt: skip

    watched = Watched(exports, tmp_path / "home")

    assert (watched.summary.rows_loaded, watched.summary.rows_rejected) == (2, 1)
    niche = rows_of(watched.summary.warehouse, "SELECT niche FROM accounts")[0]["niche"]
    assert "script" in niche
    loaded = next(row for row in watched.table("rows-loaded") if row["loaded"] == 1 and row["rejected"] == 1)
    refused = watched.table("rejected-rows")[0]
    for text, meant in (
        (watched.markdown(), niche),
        (loaded["file"], name.removesuffix(CONTROLS + ".csv")),
        (refused["file"], name.removesuffix(CONTROLS + ".csv")),
        (refused["example"], HOSTILE),
    ):
        assert_inert(text, meant)
    log = watched.log(until="script")
    assert "script" in log
    assert not STEERING & set(log)


def assert_inert(markdown: str, meant: str) -> None:
    """Rendered, the text stands there letter for letter, and nothing that acts, loads or leads away was made of it."""
    page = MarkdownIt("commonmark").enable("table").render(markdown)
    assert meant in unescape(page)
    assert set(re.findall(r"<(\w+)", page)) <= {
        "p",
        "strong",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
    }
    assert page.count("<strong>") <= 1, "the verdict of the run is the only bold text"
    # Renderers that make links of bare addresses leave code alone.
    assert not re.search(r"://|www\.|@", re.sub("<code>.*?</code>", "", page))
    assert not STEERING & set(unescape(page))


@pytest.mark.parametrize(
    "text",
    ["- point", "1. point", "# head", "a|b", "x@y.example", "&lt;", "_a_", "a _b_ c", "`", "a``b`", " ` ", "www.a.example", "a  b"],
)  # fmt: skip
def test_what_could_be_mark_up_is_code(text: str) -> None:
    page = MarkdownIt("commonmark").enable("table").render(inert(text))
    assert unescape(page) == f"<p><code>{text}</code></p>\n"


def test_words_stay_as_they_are() -> None:
    for text in ("posts.csv", "instagram/history/2026-05_again.csv", "gute Reise", "1.7", ""):
        assert inert(text) == text
    assert inert(None) == ""
    assert inert("a\n\n# b\x1b[0m") == "`a\u23ce\u23ce# b\ufffd[0m`"


def read(cell: object) -> str:
    """What somebody at the UI reads in a cell."""
    return unescape(re.sub("<[^>]+>", "", MarkdownIt("commonmark").renderInline(str(cell))))


def test_a_second_run_loads_nothing_and_says_so(tmp_path: Path, untracked: RunSummary) -> None:
    home = tmp_path / "home"
    shutil.copytree(Path(untracked.warehouse).parent, home)
    second = Watched(EXPORTS, home)
    assert second.state.is_completed()
    assert (second.summary.published, second.summary.rows_read) == (False, 0)
    assert second.summary.content_hash == untracked.content_hash
    assert second.table("rows-loaded") == []
    assert second.markdown().startswith("**Nothing changed** as of ")
    assert [each.name for each in second.task_runs(2)] == ["take-inventory", "publish"]


def test_a_missing_folder_fails_at_once_and_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    watched = Watched(missing, tmp_path / "home")
    assert watched.state.is_failed()
    assert watched.state.message == (
        f"{missing}: there is no such folder (fix: give the folder that holds the export files)"
    )
    assert [(each.name, each.run_count) for each in watched.task_runs(1)] == [("take-inventory", 1)]


def test_a_run_beside_another_fails_and_says_why(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with only_run(Settings(home=home)):
        watched = Watched(EXPORTS, home)
    assert watched.state.is_failed()
    assert f"{home}: another run is at work here (fix: wait for it to end" in str(watched.state.message)
    assert not (home / "warehouse.duckdb").exists()


def test_the_command_meets_the_errors_of_an_untracked_run(tmp_path: Path) -> None:
    """They carry the remedy and the exit code."""
    with pytest.raises(UsageError, match="there is no such folder") as missing:
        run_tracked(tmp_path / "nowhere", Settings(home=tmp_path), None)
    assert missing.value.fix
    with only_run(Settings(home=tmp_path)), pytest.raises(BusyError, match="another run is at work"):
        run_tracked(EXPORTS, Settings(home=tmp_path), None)


def test_as_of_is_text_in_a_deployment(tmp_path: Path) -> None:
    day = "2026-06-30"
    watched = Watched(EXPORTS, tmp_path / "watched", as_of=day)
    expected = run(EXPORTS, Settings(home=tmp_path / "untracked"), instant_from(day))
    assert watched.summary.content_hash == expected.content_hash
    assert watched.summary.as_of == "2026-06-30T23:59:59.999999"
    wrong = Watched(EXPORTS, tmp_path / "watched", as_of="last summer")
    assert wrong.state.is_failed()
    assert "'last summer': not a date (fix: write it as 2026-08-01" in str(wrong.state.message)
