"""Long lists stream: what is written and what is counted of a file part after everything that waits for other rows.

Where only one of them waited, for a join whose other side is being read, Polars would hold all rows for it meanwhile:
2.1 GB of 60 million likes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings

POSTS = pl.DataFrame({"platform": "youtube", "post_id": ["71", "72"], "account_id": "tea"})
LISTS = {
    "follows": pl.DataFrame({"platform": "youtube", "account_id": "tea", "follower_id": ["801", "802"]}),
    "likes": pl.DataFrame({"platform": "youtube", "post_id": ["71", "79"], "liker_id": ["801", "802"]}),
    "comments": pl.DataFrame(
        {"platform": "youtube", "post_id": ["71", "79"], "comment_id": ["9", "8"], "commenter_id": ["801", "802"]}
    ),
}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("dataset", LISTS)
def test_no_branch_waits_alone(dataset: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    POSTS.write_csv(exports / "posts.csv")
    if ending == "csv":
        LISTS[dataset].write_csv(exports / f"{dataset}.csv")
    else:
        LISTS[dataset].write_parquet(exports / f"{dataset}.parquet")
    for name in ("warehouse.lake.edges.SMALL_BYTES", "ingest.load.SMALL_BYTES"):
        monkeypatch.setattr(name, 1)
    monkeypatch.setattr("ingest.files.SMALL_FILE", -1)
    plans: list[str] = []
    collect_all = pl.collect_all

    def noted(frames: Sequence[pl.LazyFrame], **options: Any) -> list[pl.DataFrame]:
        plans.append(pl.explain_all(frames))
        found: list[pl.DataFrame] = collect_all(frames, **options)
        return found

    monkeypatch.setattr(pl, "collect_all", noted)
    assert run(exports, Settings(home=tmp_path / "home", draw_report=False)).rows_loaded == 4
    [plan] = [plan for plan in plans if "SINK" in plan and '"records"' in plan]
    written, shared, counted = plan.split("CACHE")
    assert "JOIN" not in written + counted
    assert ("JOIN" in shared) == (dataset != "follows")
