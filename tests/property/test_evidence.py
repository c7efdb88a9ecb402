"""Random deliveries of everything at once, odd in every way that is looked for: a run over them never ends as a fault of ours."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flows.run import run
from flows.settings import Settings
from schemas.columns import COUNT_MAX, EARLIEST, LATEST
from schemas.tables import MARTS
from tests.oracle import Row
from tests.property.deliveries import NOON, write_rows
from tests.sample import how_many
from warehouse import ddl
from warehouse.published import open_published

SEEDS = range(how_many(4, long=8))
ISSUES = {
    "conflicting_observations", "likes_suspicious", "no_likes_with_comments", "rate_above_one", "published_rate_above_one",
    "niche_not_read", "name_damaged", "account_not_described", "conflicting_prices", "price_zero", "price_without_currency",
    "comments_unlike_peers", "tier_uncertain", "observation_stale", "growth_spike", "metrics_without_post", "incomplete_list",
    "same_handle_elsewhere",
}  # fmt: skip
FORMATS = ("csv", "csv.gz", "ndjson", "parquet")
TIMES = (None, None, NOON, NOON, NOON - timedelta(days=1), NOON - timedelta(days=90), NOON - timedelta(days=400))
BOUNDS = (EARLIEST, datetime(2025, 2, 28, 23, 59, 59, 999_999), LATEST - timedelta(days=1))
COUNTS = (None, 0, 1, 3, 3, 999, 1_000, 12_300, 99_950, 100_000, 1_000_000, COUNT_MAX)
TEXTS = (
    None,
    "Fashion",
    "travel",
    "knitting; of 'socks'",
    "J??n \N{REPLACEMENT CHARACTER}",
    "=1+1|<b>",
    "n/a",
    "https://a.example/;",
)
AMOUNTS = (None, "0", "0.01", "120.50", "999999999999999.99")
VALUES = (None, "0", "1", "1.62", "1.6", "-3", "1e17")
# A list with a page to come, as an API gives it.
PAGE = '{"data": [{"id": "7", "name": "n", "username": "n"}], "meta": {"result_count": 1, "next_token": "t"}}'
SOURCES = """
[[source]]
files = "followers_of_{owner}.json"
constants = { observed_at = "2026-08-01T00:00:00Z", is_complete_list = "true" }

[[source]]
files = "*/post_metrics-*.csv*"

[[source.load]]
dataset = "post_metrics"
columns = { platform = "platform", post_id = "post_id", like_count = "like_count", reel_view_count = "reel_view_count", observed_at = "observed_at" }
"""


def deliveries(chance: random.Random) -> dict[str, list[Row]]:
    """Rows of every dataset, a hundred or so of each; what names an account or post names one of few, so that rows meet."""
    at_a_bound = chance.random() < 0.3
    times = TIMES + (BOUNDS if at_a_bound else ())
    columns: dict[str, dict[str, Callable[[], Any]]] = {
        "accounts": {
            "username": lambda: chance.choice(TEXTS), "display_name": lambda: chance.choice(TEXTS),
            "niche": lambda: chance.choice(TEXTS), "followers_count": lambda: chance.choice(COUNTS),
            "follows_count": lambda: chance.choice(COUNTS), "observed_at": lambda: chance.choice(times),
        },
        "posts": {
            "post_id": lambda: f"p{chance.randrange(60)}", "published_at": lambda: chance.choice(times),
            "media_type": lambda: chance.choice((None, "image", "reel")), "caption": lambda: chance.choice((*TEXTS, "#ad by @x")),
            **dict.fromkeys(
                ("like_count", "comment_count", "view_count", "share_count", "save_count", "reach_count", "followers_count"),
                lambda: chance.choice(COUNTS),
            ),
            "is_sponsored": lambda: chance.choice((None, True, False)), "observed_at": lambda: chance.choice(times),
        },
        "post_metrics": {
            "post_id": lambda: f"p{chance.randrange(90)}", "like_count": lambda: chance.choice(COUNTS),
            "reel_view_count": lambda: chance.choice(COUNTS), "observed_at": lambda: chance.choice(times),
        },
        "rates": {
            "media_type": lambda: chance.choice((None, "image", "reel")), "price": lambda: chance.choice(AMOUNTS),
            "price_min": lambda: chance.choice(AMOUNTS), "price_max": lambda: chance.choice(AMOUNTS),
            "currency": lambda: chance.choice((None, "USD", "EUR")), "source": lambda: chance.choice(TEXTS),
            "compensation": lambda: chance.choice((None, "cash", "product", "on_request")),
            "quoted_on": lambda: chance.choice((None, "2026-05-01", "2026-05-02")),
        },
        "published_metrics": {
            "post_id": lambda: chance.choice((None, None, "p1")), "value": lambda: chance.choice(VALUES),
            "metric": lambda: chance.choice(("engagement_rate_by_followers", "like_rate_by_followers", "followers_count", "\N{BEETLE}")),
            "unit": lambda: chance.choice(("ratio", "ratio", "count", None)), "source": lambda: chance.choice(TEXTS),
            "observed_at": lambda: chance.choice(times),
        },
        "follows": {
            "follower_id": lambda: f"m{chance.randrange(40)}", "followed_at": lambda: chance.choice(times),
            "observed_at": lambda: chance.choice(times), "is_complete_list": lambda: chance.choice((None, True, False)),
        },
        "likes": {
            "post_id": lambda: f"p{chance.randrange(90)}", "liker_id": lambda: f"m{chance.randrange(60)}",
            "liked_at": lambda: chance.choice(times),
        },
        "comments": {
            "post_id": lambda: f"p{chance.randrange(90)}", "commenter_id": lambda: f"m{chance.randrange(60)}",
            "commented_at": lambda: chance.choice(times),
        },
    }  # fmt: skip
    of_accounts = {"accounts", "posts", "rates", "published_metrics", "follows"}
    rows = {
        dataset: [
            {"platform": chance.choice(("instagram", "tiktok"))}
            | ({"account_id": f"a{chance.randrange(12)}"} if dataset in of_accounts else {})
            | {name: cell() for name, cell in cells.items()}
            for _ in range(chance.choice((30, 150)))
        ]
        for dataset, cells in columns.items()
    }
    for row in rows["published_metrics"]:
        if row["metric"] == "followers_count" and row["value"] is not None:
            row["value"] = row["value"].removeprefix("-")  # no total is below zero
    rows["accounts"] += crowd(chance)
    rows["posts"] += [post for account in crowd(chance) for post in posts_of(account, chance)]
    rows["follows"] += [rows["follows"][0] | {"account_id": "in lists alone"}]
    return rows


def crowd(chance: random.Random) -> list[Row]:
    """Accounts that are peers of each other, the first of them with a history that ends in a spike."""
    blank = dict.fromkeys(("username", "display_name", "follows_count"))
    peers = [
        {"platform": "youtube", "account_id": f"c{number}"} | blank
        | {"niche": "travel", "followers_count": 5_000 + 31 * number, "observed_at": NOON}
        for number in range(24)
    ]  # fmt: skip
    history = [
        peers[0] | {"followers_count": 1_001 + 10 * day + chance.choice((0, 3)), "observed_at": NOON - timedelta(days=20 - day)}
        for day in range(19)
    ]  # fmt: skip
    return peers + history


def posts_of(account: Row, chance: random.Random) -> list[Row]:
    """Posts with about as many comments for a like as the peers' have; one account has none, one shows three likes for hidden."""
    hidden = account["account_id"] == "c9"
    counts = dict.fromkeys(("view_count", "share_count", "save_count", "reach_count", "followers_count"), 700)
    return [
        {"platform": "youtube", "account_id": account["account_id"], "post_id": f"{account['account_id']}-{number}"}
        | {"published_at": NOON, "media_type": None, "caption": None, "like_count": 3 if hidden else 400, "is_sponsored": None}
        | counts
        | {"comment_count": 0 if account["account_id"] == "c7" else chance.randrange(36, 44), "observed_at": NOON}
        for number in range(12 if hidden else 6)
    ]  # fmt: skip


def deliver(exports: Path, rows: dict[str, list[Row]], chance: random.Random) -> None:
    """The rows of each dataset in one or two files; some rows in both."""
    for dataset, own in rows.items():
        cut = chance.randrange(1, len(own))
        for part, lines in enumerate((own[:cut], own[cut - 1 :])):
            # Figures without their post are no canonical table: they are declared, as CSV.
            formats = FORMATS[:2] if dataset == "post_metrics" else FORMATS
            write_rows(exports / f"{dataset}-{part}.{chance.choice(formats)}", lines, chance)


def test_whatever_loads_is_published_and_its_evidence_whole(tmp_path: Path) -> None:
    """One delivery after another into a home of its own; together they have every issue that there is."""
    seen: set[str] = set()
    for seed in SEEDS:
        chance = random.Random(seed)
        as_of = chance.choice((None, None, NOON))
        exports, home = tmp_path / f"exports-{seed}", tmp_path / f"home-{seed}"
        exports.mkdir()
        (exports / "sources.toml").write_text(SOURCES, encoding="utf-8")
        (exports / "followers_of_c1.json").write_text(PAGE, encoding="utf-8")
        for part in ("first", "second"):
            deliver(exports / part, deliveries(chance), chance)
            summary = run(exports, Settings(home=home), as_of)
            assert (summary.published, summary.evidence_left_out) == (True, ()), seed
            assert (summary.quarantined, summary.rows_rejected) == ([], 0), seed
        with open_published(home / "warehouse.duckdb") as connection:
            for name, model in MARTS.items():
                assert connection.sql(ddl.repeated_keys(name, model)).fetchall() == [(0,)], (seed, name)
            seen |= {issue for (issue,) in connection.sql("SELECT DISTINCT issue FROM data_quality").fetchall()}
    assert seen == ISSUES
