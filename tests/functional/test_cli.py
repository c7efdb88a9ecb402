"""The command as a user runs it: a process of its own, its exit code, its two streams."""

import json
import subprocess
import sys
from pathlib import Path

EXPORTS = Path(__file__).parents[2] / "examples" / "exports"


def tierwise(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=EXPORTS.parents[1],
        check=False,
    )


def test_the_two_accounts_of_the_article(tmp_path: Path) -> None:
    run = tierwise("run", EXPORTS, "--home", tmp_path, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["published"] is True
    sql = "SELECT round(like_rate_by_followers, 7) AS r FROM account_engagement WHERE time_window = 'all_time' AND account_id IN ('kim', 'liina') ORDER BY r"
    rows = json.loads(tierwise("query", sql, "--home", tmp_path, "--json").stdout)["rows"]
    assert [row["r"] for row in rows] == [0.0097715, 0.0753388]


def test_a_missing_folder_is_a_usage_error(tmp_path: Path) -> None:
    run = tierwise("run", tmp_path / "nowhere", "--home", tmp_path / "home")
    assert run.returncode == 2
    assert "there is no such folder" in run.stderr
    assert "Traceback" not in run.stderr
