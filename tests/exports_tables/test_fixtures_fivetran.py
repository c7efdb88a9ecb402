"""Tables of the Fivetran connectors give what is written beside them; skipped where they are not."""

import polars as pl

from tests.exports_tables.test_fixtures import command, deliver, delivery, posts, rules
from tests.rejected.delivery import Delivery
from warehouse.lake.ledger import Lake

FOLDER = "fivetran_tables"
FILES = ("media_history.csv", "media_insights.csv", "user_history.csv")
__all__ = ["command", "delivery"]


def test_an_account_is_one_whatever_its_handle_was(delivery: Delivery) -> None:
    deliver(delivery, FOLDER, *FILES)
    assert delivery.rows(
        """SELECT account_id, followers_count, strftime(observed_at, '%Y-%m-%d') AS day
           FROM account_snapshots ORDER BY observed_at"""
    ) == [
        {"account_id": "17841400000000401", "followers_count": 1200, "day": "2026-09-01"},
        {"account_id": "17841400000000401", "followers_count": 1225, "day": "2026-09-15"},
        {"account_id": "17841400000000401", "followers_count": 1250, "day": "2026-10-01"},
    ]
    assert delivery.rows("SELECT username, followers_count FROM accounts") == [
        {"username": "alder.demo", "followers_count": 1250}
    ]
    assert rules(delivery) == []


def test_the_kind_of_a_post_says_which_figures_are_its_own(delivery: Delivery) -> None:
    deliver(delivery, FOLDER, *FILES)
    figures = "media_type, like_count, comment_count, reach_count, save_count, followers_count"
    assert posts(delivery, f"account_id, {figures}, round(engagement_rate_by_followers, 6)") == {
        "17875951606801001": ("17841400000000401", "image", 30, 1, 430, 1, 1250, 0.0248),
        "17868012922976003": ("17841400000000401", "reel", 85, 4, 900, None, 1250, 0.0712),
    }


def test_exact_repeats_of_a_post_are_dropped_and_its_newest_text_is_known(delivery: Delivery) -> None:
    deliver(delivery, FOLDER, *FILES)
    rows = Lake.open(delivery.home / "lake").rows("posts").filter(pl.col("post_id") == "17875951606801001")
    assert rows.sort("observed_at").select("caption").collect().to_series().to_list() == ["first", "first (edited)"]
    counts = {(row["file"], row["rows_read"], row["rows_duplicate"]) for row in delivery.ledger()}
    assert counts == {("media_history.csv", 4, 1), ("media_insights.csv", 3, 0), ("user_history.csv", 4, 1)}


def test_figures_without_a_post_are_reported_and_make_none(delivery: Delivery) -> None:
    deliver(delivery, FOLDER, *FILES)
    assert delivery.rows("SELECT platform, account_id, post_id, issue FROM data_quality") == [
        {
            "platform": "instagram",
            "account_id": None,
            "post_id": "17912811451468007",
            "issue": "metrics_without_post",
        }
    ]
