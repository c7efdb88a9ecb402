"""Random deliveries with flags, tags and captions: sponsorship and brands as plain Python and SQL find them, in any order."""

import math
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from statistics import NormalDist, median
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from flows.run import run
from flows.settings import Settings
from flows.summary import RunSummary
from tests.oracle import Key, Row, in_window, newest_posts
from tests.oracle_paid import parted
from tests.property.deliveries import INSTANTS, NOON, SEEDED, instants, write_csv
from tests.sample import how_many
from warehouse.published import open_published

WINDOWS = ("all_time", "last_90_days", "last_12_posts")
OWNERS = {"a": "Ann", "b": "ben.tea", "c": "cat"}
CAPTIONS = (
    None, None, "a walk by the lake", "with @Kettle.", "tea @kettle @spoon #ad", "@ann and @cat", "by @nobody", "Werbung #werbung", "soap by @kettle #gifted",
    "mail me at x@kettle.com", "@ben.tea!",
)  # fmt: skip
WORDS = {"#ad", "#werbung"}
GIFTED = "gifted"

post_rows = st.lists(
    st.fixed_dictionaries(
        {
            "platform": st.sampled_from(("instagram", "instagram", "instagram", "youtube")),
            "post_id": st.integers(0, 79).map("p{:02d}".format),
            "account_id": st.sampled_from(("a", "a", "a", "b", "c")),
            "published_at": instants,
            "like_count": st.one_of(st.none(), st.integers(0, 4), st.integers(0, 900)),
            "comment_count": st.just(0),
            "is_sponsored": st.sampled_from((None, None, True, False)),
            "sponsors": st.sampled_from((None, None, None, None, "spoon", "kettle, Lid")),
            "caption": st.sampled_from(CAPTIONS),
            "observed_at": st.one_of(st.sampled_from([NOON, *INSTANTS[:3]]), st.none()),
        }
    ),
    min_size=60,
    max_size=120,
)


def delivered_once(rows: list[Row]) -> list[Row]:
    """One row for each post and instant, its owner the same in all: what happens to others is tested elsewhere."""
    owner = {(row["platform"], row["post_id"]): row["account_id"] for row in rows}
    once = {(row["platform"], row["post_id"], row["observed_at"]): row for row in rows}
    return [row | {"account_id": owner[row["platform"], row["post_id"]]} for row in once.values()]


def flag_of(post: Row) -> bool | str | None:
    """Paid, organic, made for goods alone, or not known."""
    words = set() if post["caption"] is None else set(post["caption"].split())
    if post["is_sponsored"] or (post["is_sponsored"] is None and (post["sponsors"] or not WORDS.isdisjoint(words))):
        return True
    if "#gifted" in words:
        return GIFTED
    return None if post["is_sponsored"] is None and post["caption"] is None else False


def side_of(rates: list[float]) -> tuple[float, float]:
    """Median and squared relative standard error."""
    ordered, count = sorted(rates), len(rates)
    place = max(1, math.floor((count + 1) / 2 - math.sqrt(count) + 0.5))
    below = sum(math.comb(count, fewer) for fewer in range(place)) / 2**count
    error = (ordered[count - place] - ordered[place - 1]) / (2 * NormalDist().inv_cdf(1 - below))
    return median(ordered), (error / median(ordered)) ** 2 if median(ordered) else math.nan


def sponsorship_of(posts: list[Row]) -> Row:
    sides = {flag: [post for post in posts if flag_of(post) is flag] for flag in (True, False, GIFTED, None)}
    known = {flag: [post["like_count"] / 1000 for post in own if post["like_count"] is not None]
             for flag, own in sides.items()}  # fmt: skip
    ratio = low = high = None
    if not posts:
        reason: str | None = "no_posts"
    elif len(sides[None]) == len(posts):
        reason = "sponsorship_unknown"
    elif len(known[True]) < 3:
        reason = "few_sponsored"
    elif len(known[False]) < 3:
        reason = "few_organic"
    elif median(known[False]) == 0:
        reason = "zero_organic"
    else:
        (paid, part), (organic, other) = side_of(known[True]), side_of(known[False])
        ratio = paid / organic
        reason = "zero_sponsored" if paid == 0 else "no_spread" if part + other == 0 else None
        if reason is None:
            freedom = (part + other) ** 2 / (part**2 / (len(known[True]) - 1) + other**2 / (len(known[False]) - 1))
            half = t.ppf(0.975, freedom) * math.sqrt(part + other)
            low, high = ratio * math.exp(-half), ratio * math.exp(half)
            if high > 1e25:
                low, high, reason = None, None, "interval_unbounded"
    return {
        "sponsored_post_count": len(sides[True]),
        "organic_post_count": len(sides[False]),
        "gifted_post_count": len(sides[GIFTED]),
        "sponsorship_unknown_count": len(sides[None]),
        "paid_to_organic_ratio": ratio,
        "paid_to_organic_ratio_low": low,
        "paid_to_organic_ratio_high": high,
        "paid_reason": reason,
        "paid_verdict": verdict_of(known, low, high),
        "sponsored_known_count": len(known[True]),
        "sponsored_engaged_count": sum(rate > 0 for rate in known[True]),
        "is_never_sponsored": False if sides[True] else None if sides[None] or not posts else True,
    }


def verdict_of(known: Mapping[bool | str | None, list[float]], low: float | None, high: float | None) -> str | None:
    fewest = min(len(known[True]), len(known[False]))
    if fewest < 8:
        return "few_posts" if fewest >= 3 else None
    if low is None or high is None:
        return parted(known[True], known[False])
    return "less" if high < 1 else "more" if low > 1 else "cannot_tell"


def brands_of(rows: list[Row]) -> dict[Key, set[str]]:
    """The brands that each post mentions, before it is asked which of them may be kept."""
    found: dict[Key, set[str]] = defaultdict(set)
    by_post: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        by_post[row["platform"], row["post_id"]].append(row)
    for key, own in by_post.items():
        seen = sorted(own, key=lambda row: row["observed_at"] or datetime(1, 1, 1), reverse=True)
        caption = next((row["caption"] for row in seen if row["caption"] is not None), "")
        sponsors = next((row["sponsors"] for row in seen if row["sponsors"] is not None), "")
        handles = {handle.strip(".!").lower() for handle in re.findall(r"(?:^|\s)@(\S+)", caption)}
        handles |= {f"sponsor:{name.strip().lower()}" for name in sponsors.split(",") if name}
        owner = own[0]["account_id"]
        found[key[0], owner, key[1]] = {
            handle for handle in handles if handle.removeprefix("sponsor:") not in (owner, OWNERS[owner].lower())
        }
    return found


def brand_mentions(rows: list[Row], posts: list[Row]) -> dict[Key, Row]:
    mentions = brands_of(rows)
    naming: dict[Key, set[str]] = defaultdict(set)
    tagged = set()
    for (platform, owner, _), handles in mentions.items():
        for handle in handles:
            naming[platform, handle.removeprefix("sponsor:")].add(owner)
            if handle.startswith("sponsor:"):
                tagged.add((platform, handle.removeprefix("sponsor:")))
    known = {
        (platform, name.lower()) for platform in ("instagram", "youtube") for pair in OWNERS.items() for name in pair
    }
    kept = {brand for brand, owners in naming.items() if len(owners) >= 2} | tagged | known
    flags = {(post["platform"], post["account_id"], post["post_id"]): flag_of(post) for post in posts}
    counts: dict[Key, dict[bool | str | None, int]] = defaultdict(lambda: {True: 0, False: 0, GIFTED: 0, None: 0})
    mentioning: dict[Key, set[str]] = defaultdict(set)
    for (platform, owner, post), handles in mentions.items():
        for brand in {handle.removeprefix("sponsor:") for handle in handles}:
            if (platform, brand) in kept:
                counts[platform, owner, brand][flags[platform, owner, post]] += 1
                mentioning[platform, owner].add(post)
    of_account: dict[Key, int] = defaultdict(int)
    for platform, owner, _ in flags:
        of_account[platform, owner] += 1
    return {
        (platform, owner, brand): {
            "post_count": sum(count.values()),
            "organic_post_count": count[False],
            "sponsored_post_count": count[True],
            "gifted_post_count": count[GIFTED],
            "unknown_post_count": count[None],
            "post_share": sum(count.values()) / of_account[platform, owner],
            "brand_mention_saturation": len(mentioning[platform, owner]) / of_account[platform, owner],
            "account_post_count": of_account[platform, owner],
        }
        for (platform, owner, brand), count in counts.items()
    }


RATIO_SQL = """
    SELECT
        platform, account_id,
        count(*) FILTER (is_sponsored) AS sponsored_post_count,
        count(*) FILTER (compensation = 'none') AS organic_post_count,
        count(*) FILTER (is_sponsored IS NULL) AS sponsorship_unknown_count,
        CASE
            WHEN least(
                count(engagement_rate_by_followers) FILTER (is_sponsored),
                count(engagement_rate_by_followers) FILTER (compensation = 'none')
            ) >= 3
            THEN median(engagement_rate_by_followers) FILTER (is_sponsored)
                / nullif(median(engagement_rate_by_followers) FILTER (compensation = 'none'), 0)
        END AS paid_to_organic_ratio,
        CASE
            WHEN bool_or(is_sponsored) THEN false
            WHEN count(is_sponsored) = count(*) THEN true
        END AS is_never_sponsored
    FROM posts
    GROUP BY ALL
"""
ADVOCATES_SQL = """
    SELECT platform, account_id, brand, post_count
    FROM brand_mentions
    WHERE organic_post_count >= 3 AND NOT EXISTS (
        FROM posts
        WHERE posts.platform = brand_mentions.platform AND posts.account_id = brand_mentions.account_id
            AND compensation <> 'none'
    )
    ORDER BY post_count DESC, account_id, platform, brand
"""


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str, *key: str) -> dict[Key, Row]:
    relation = connection.sql(sql)
    rows = [dict(zip(relation.columns, values, strict=True)) for values in relation.fetchall()]
    return {tuple(row[name] for name in key): row for row in rows}


def differences(found: Mapping[Key, Row], wanted: Mapping[Key, Row], rel_tol: float) -> list[str]:
    """Cells that are not as wanted, of the columns that are wanted."""
    missing = [f"{key}: only on one side" for key in found.keys() ^ wanted.keys()]
    return missing + [
        f"{key}, {name}: {found[key][name]} is not {wish}"
        for key, row in wanted.items()
        if key in found
        for name, wish in row.items()
        if not is_same(found[key][name], wish, rel_tol)
    ]


def is_same(cell: Any, wish: Any, rel_tol: float) -> bool:
    if isinstance(cell, float) and isinstance(wish, int | float):
        return math.isclose(cell, wish, rel_tol=rel_tol)
    return bool(cell == wish)


def publish(rows: list[Row], folder: Path) -> RunSummary:
    accounts = [
        {"platform": platform, "account_id": account, "username": name, "followers_count": 1000, "observed_at": NOON}
        for platform in ("instagram", "youtube")
        for account, name in OWNERS.items()
    ]
    write_csv(folder / "exports" / "accounts.csv", accounts)
    write_csv(folder / "exports" / "posts.csv", rows)
    return run(folder / "exports", Settings(home=folder / "home"))


@settings(SEEDED, max_examples=how_many(4, long=8))
@given(rows=post_rows.map(delivered_once))
def test_python_and_sql_find_the_same_in_any_order(rows: list[Row]) -> None:
    posts = newest_posts(rows)
    accounts = [(platform, account) for platform in ("instagram", "youtube") for account in OWNERS]
    of_account = {key: [post for post in posts if (post["platform"], post["account_id"]) == key] for key in accounts}
    wanted = {
        (*key, window): sponsorship_of(in_window(own, window, NOON))
        for key, own in of_account.items()
        for window in WINDOWS
    }
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        summary = publish(rows, Path(one))
        shuffled = publish(random.Random(1).sample(rows, len(rows)), Path(other))
        assert summary.rows_rejected == 0
        assert summary.content_hash == shuffled.content_hash
        with open_published(Path(one) / "home" / "warehouse.duckdb") as connection:
            key = ("platform", "account_id")
            engagement = rows_of(connection, "FROM account_engagement", *key, "time_window")
            assert differences(engagement, wanted, 1e-9) == []
            all_time = {
                name[:2]: row for name, row in engagement.items() if name[2] == "all_time" and row["post_count"]
            }
            assert differences(all_time, rows_of(connection, RATIO_SQL, *key), 1e-9) == []
            brands = rows_of(connection, "FROM brand_mentions", *key, "brand")
            assert differences(brands, brand_mentions(rows, posts), 1e-12) == []
            advocates = connection.sql("SELECT platform, account_id, brand, mentioning_post_count FROM advocates")
            assert advocates.fetchall() == connection.sql(ADVOCATES_SQL).fetchall()
