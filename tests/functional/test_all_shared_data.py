"""All real exports together, in one run: each file is loaded, or refused for a reason that is said.

The files are not part of the project: skipped where no copy lies beside it.
"""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.command import in_process

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
DECLARATIONS = Path(__file__).parent / "sources"
# The rule by which each of these is refused as a whole: they hold daily figures, of advertising and of slices of an audience.
REFUSED = {
    "fivetran_connector_seeds/twitter_account_history.csv": "unknown_header",
    "fivetran_connector_seeds/twitter_organic_tweet_report.csv": "unknown_header",
    "fivetran_connector_seeds/youtube_channel_basic.csv": "unknown_header",
    "fivetran_connector_seeds/youtube_channel_demographics.csv": "unknown_header",
}


@dataclass(frozen=True)
class Run:
    """What one run over everything published, and what it said."""

    delivered: set[str]
    summary: dict[str, Any]
    path: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def in_its_folder(declaration: Path) -> str:
    """The declarations of one folder, their globs put into it."""
    text = declaration.read_text(encoding="utf-8")
    return re.sub(r'^files = "', f'files = "{declaration.stem}/', text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Run:
    if not DATA.is_dir():
        pytest.skip(f"the real files are not here: there is no folder {DATA}")
    workplace = tmp_path_factory.mktemp("everything")
    exports = workplace / "exports"
    shutil.copytree(DATA, exports, ignore=shutil.ignore_patterns("fixtures"), copy_function=shutil.copyfile)
    declared = "\n".join(in_its_folder(path) for path in sorted(DECLARATIONS.glob("*.toml")))
    exports.joinpath("sources.toml").write_text(declared, encoding="utf-8")
    run = in_process("run", exports, "--home", workplace / "home", "--json")
    assert run.exit_code == 0, run.stderr
    delivered = {
        path.relative_to(exports).as_posix()
        for path in exports.rglob("*")
        if path.is_file() and path.name != "sources.toml"
    }
    return Run(delivered, json.loads(run.stdout), workplace / "home" / "warehouse.duckdb")


def test_every_file_is_loaded_or_refused_for_a_stated_reason(everything: Run) -> None:
    verdicts = dict(everything.rows("SELECT DISTINCT file, verdict FROM load_ledger"))
    texts = {file for file in everything.delivered if file.endswith(("README.md", "LICENSE"))}
    refused = {file for file, verdict in verdicts.items() if verdict == "quarantined"}
    assert set(verdicts) == everything.delivered
    assert refused == texts | set(REFUSED)
    assert {file for file, verdict in verdicts.items() if verdict == "loaded"} == everything.delivered - refused
    said = everything.rows("SELECT file, rule, allowed, fix FROM rejected_rows WHERE record IS NULL")
    assert {file for file, *_ in said} == refused
    assert all(allowed and fix for _, _, allowed, fix in said)
    assert {file: rule for file, rule, *_ in said if file not in texts} == REFUSED
    assert everything.summary["files_quarantined"] == len(refused)


def test_every_record_is_loaded_a_duplicate_or_refused(everything: Run) -> None:
    assert everything.rows("FROM load_ledger WHERE rows_read <> rows_loaded + rows_duplicate + rows_rejected") == []
    assert everything.rows("FROM load_ledger WHERE verdict = 'loaded' AND rows_read = 0") == []
    refused = everything.rows(
        "SELECT file, count(DISTINCT (dataset, record)) FROM rejected_rows WHERE record IS NOT NULL GROUP BY file"
    )
    assert dict(refused) == dict(
        everything.rows(
            "SELECT file, sum(rows_rejected)::BIGINT FROM load_ledger WHERE rows_rejected > 0 GROUP BY file"
        )
    )


def test_instagram_as_its_connector_gives_it(everything: Run) -> None:
    assert everything.rows("SELECT followers_count FROM accounts WHERE account_id = '17841439536867616'") == [(39,)]
    assert everything.rows(
        """SELECT strftime(published_at, '%Y-%m-%dT%H:%M:%S'), media_type, like_count, comment_count,
                  round(engagement_rate_by_followers, 6)
           FROM posts WHERE account_id = '17841439536867616' ORDER BY published_at"""
    ) == [
        ("2020-08-17T12:25:20", "image", 3, 1, 0.102564),
        ("2020-08-27T10:00:40", "image", None, None, None),
        ("2020-08-27T10:00:40", "image", None, None, None),
    ]  # fmt: skip
    orphans = everything.rows("SELECT detail FROM data_quality WHERE issue = 'metrics_without_post'")
    assert sorted(re.findall(r": (\d+) likes", str(orphans)), key=int) == ["4", "5", "7", "10"]


def test_facebook_as_its_connector_gives_it(everything: Run) -> None:
    page = "account_id = '514435155248879'"
    assert everything.rows(
        f"""SELECT strftime(observed_at, '%m-%d'), value FROM published_metrics
            WHERE metric = 'page_fans' AND {page} ORDER BY observed_at"""
    ) == [("04-05", 256), ("04-06", 257), ("04-07", 257), ("04-09", 257), ("04-10", 256), ("04-11", 257)]
    assert everything.rows(f"SELECT count(*) FROM posts WHERE {page}") == [(99,)]
    likes = everything.rows(
        f"SELECT like_count, strftime(observed_at, '%m-%d') FROM posts WHERE {page} AND like_count > 0"
    )
    assert likes == [(10, "09-13")] * 5, "totals by day are not added"


def test_x_as_its_connector_gives_it(everything: Run) -> None:
    assert everything.rows("SELECT account_id, followers_count FROM accounts WHERE platform = 'x'") == [
        ("905382554", None)
    ]
    assert everything.rows(
        "SELECT count(*), sum(like_count), count(engagement_rate_by_followers) FROM posts WHERE platform = 'x'"
    ) == [(100, 228, 0)]
