"""Real posts: from some of an account's posts, another lies where the interval of the next post says."""

from pathlib import Path

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from warehouse.published import frame_of, open_published

POSTS = Path(__file__).parents[3] / "shared" / "data" / "fb_cosmetics_metrics" / "facebook_metrics.csv"
PER_ACCOUNT = {2: "1", 4: "2 to 3", 10: "7 to 12"}

pytestmark = pytest.mark.skipif(not POSTS.exists(), reason="needs the real posts in ../shared/data")


@pytest.mark.parametrize("per_account", PER_ACCOUNT)
def test_held_back_posts_of_a_real_page_are_foretold(
    per_account: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The posts of one page in the order they were made, so many after one another taken for an account."""
    rows = pl.read_csv(POSTS, separator=";").drop_nulls("like").with_row_index("number")
    # Beside accounts of this many posts others of ten: from one post alone nobody could tell how posts scatter.
    sizes = [per_account, 10] * 200
    owner = [place for place, size in enumerate(sizes) for _ in range(size)][: rows.height]
    posts = rows.select(
        pl.lit("facebook").alias("platform"), pl.col("number").alias("post_id"), pl.Series("account_id", owner),
        pl.col("like").alias("like_count"), pl.col("comment").alias("comment_count"),
        pl.col("Page total likes").alias("followers_count"),
    )  # fmt: skip
    (tmp_path / "exports").mkdir()
    posts.write_csv(tmp_path / "exports" / "posts.csv")
    summary = run(tmp_path / "exports", Settings(home=tmp_path / "home"))
    with open_published(Path(summary.warehouse)) as connection:
        table = frame_of(connection.sql("SELECT * FROM rate_calibration WHERE account_count > 9"))
    with capsys.disabled():
        for row in table.to_dicts():
            print(
                f"\nreal posts, {row['posts_seen']} seen: {row['next_held_ratio']:.1%} of {row['account_count']} held,"
                f" error of the log rate {row['shrunk_error_log']:.3f} (raw {row['raw_error_log']:.3f},"
                f" expected {row['expected_error_log']:.3f})"
            )
    assert PER_ACCOUNT[per_account] in table["posts_seen"].to_list()
    counts = table["account_count"].to_numpy()
    assert 0.88 <= table["next_held_count"].to_numpy().sum() / counts.sum() <= 0.99
    shrunk, raw = ((table[f"{kind}_error_log"].to_numpy() ** 2 * counts).sum() for kind in ("shrunk", "raw"))
    assert shrunk <= raw * 1.02
