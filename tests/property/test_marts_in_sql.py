"""Every mart of one larger random delivery worked out again in SQL, from the lake up; and the delivery rearranged.

Large enough for what small deliveries never have: peers, fits, priors, lifts, both sides of sponsorship.
"""

import math
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import fmean

import duckdb
import polars as pl
import polars_hash as plh
import pytest
from scipy.stats import t, ttest_ind

from flows.run import run
from flows.settings import Settings
from flows.summary import RunSummary
from schemas.rate_calibration import POSTS_SEEN
from tests import oracle_paid, oracle_shrunk
from tests.oracle import NICHES, NO_PRIOR, Key, Row, in_window
from tests.property.deliveries import NOON
from tests.property.marts_in_sql import ACCOUNT, SAME, TIERED, VIEWS, WINDOW
from tests.property.test_oracle import ENGAGEMENT_SQL
from tests.property.test_same_content import arranged, run_plainly, write_part
from tests.property.test_sponsorship import RATIO_SQL, differences, rows_of
from warehouse.lake.ledger import Lake

CAPTIONS = (
    None,
    "a walk",
    "tea with @kettle",
    "soup by @spoon #ad",
    "soup #gifted by @spoon",
    "@kettle and @spoon",
    "by @nobody",
)


def delivery(chance: random.Random) -> dict[str, list[Row]]:
    """Some 110 accounts, most of one niche and size, seen up to seven times; their posts, prices and claims."""
    rows: dict[str, list[Row]] = {"accounts": [], "posts": [], "rates": [], "published_metrics": []}
    for number in range(110):
        platform = "instagram" if number < 85 else "tiktok"
        niche = chance.choice((*["Fashion"] * 7, "fasion", "Food;Travel", "travel", None))
        size = round(math.exp(chance.gauss(9, 1.2)))
        me: Row = {"platform": platform, "account_id": f"a{number:03d}"}
        for at in [*chance.sample(range(0, 400, 3), chance.choice((1, 2, 7))), None][: 8 if number % 5 == 0 else -1]:
            rows["accounts"].append(me | {
                "username": chance.choice((None, f"Name{number}")), "niche": chance.choice((niche, niche, None)),
                "followers_count": chance.choice((None, size, round(size, -3), chance.randrange(9 * size))),
                "follows_count": chance.choice((None, 90, 900)), "is_verified": chance.choice((None, True, False)),
                "country": chance.choice((None, "DE", "PT")),
                "observed_at": None if at is None else NOON - timedelta(days=at, hours=chance.randrange(9)),
            })  # fmt: skip
        rows["posts"] += posts_of(me, size, chance)
        for _ in range(chance.choice((0, 1, 3))):
            rows["rates"].append(me | {
                "media_type": chance.choice((None, "image")), "price": chance.choice((None, "0", "499.99", "500", "1250.5")),
                "price_min": "100", "price_max": "900", "currency": chance.choice(("USD", "USD", "EUR", None)),
                "compensation": chance.choice(("cash", None, "product")),
                "quoted_on": chance.choice((None, "2026-05-01", "2026-06-01")),
            })  # fmt: skip
        rows["published_metrics"].append(me | {
            "metric": "likes_mean", "value": chance.choice(("0.5", "1e-3")), "source": chance.choice(("agency", None)),
            "observed_at": chance.choice((NOON, None)),
        })  # fmt: skip
    return rows


def posts_of(me: Row, size: int, chance: random.Random) -> list[Row]:
    """Up to twenty posts, some seen twice; one account in nine shows three likes for hidden ones."""
    rows = []
    is_hiding = chance.random() < 1 / 9
    usual = size**0.8 * math.exp(chance.gauss(-1, 0.4))
    for number in range(chance.choice((0, 2, 12, 20))):
        published = chance.choice((None, *([NOON - timedelta(days=chance.randrange(200))] * 5)))
        for at in chance.sample(
            (None, NOON, NOON - timedelta(days=1), NOON - timedelta(days=100)), chance.choice((1, 1, 2))
        ):
            likes = 3 if is_hiding and chance.random() < 0.8 else round(usual * math.exp(chance.gauss(0, 0.3)))
            rows.append(me | {
                "post_id": f"{me['account_id']}-{number}", "published_at": published,
                "media_type": chance.choice((None, "image", "video")), "caption": chance.choice(CAPTIONS),
                "like_count": chance.choice((None, 0, *[likes] * 9)), "comment_count": chance.choice((None, *[likes // 9] * 9)),
                "view_count": chance.choice((0, None, 9 * likes)), "share_count": chance.choice((None, 1, 5, 9)),
                "save_count": chance.choice((None, 2, 4, 8)), "reach_count": chance.choice((0, None, 7 * likes)),
                "followers_count": chance.choice((None, None, size)),
                "is_sponsored": chance.choice((None, None, True, False)),
                "sponsors": chance.choice((None, None, None, "spoon")), "observed_at": at,
            })  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[Row]], RunSummary, Path]:
    rows = delivery(random.Random(20_161_116))  # chance that can be repeated is the point
    folder = tmp_path_factory.mktemp("marts")
    return rows, run_plainly(rows, folder), folder / "home"


@pytest.fixture
def sql(made: tuple[dict[str, list[Row]], RunSummary, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, with the rows of the lake and what SQL makes of them as views."""
    _, summary, home = made
    lake = Lake.open(home / "lake")
    quantiles = ", ".join(f"({n}, {t.ppf(0.975, n)}::DOUBLE)" for n in range(1, 120))
    niches = ", ".join(f"({quoted(said)}, {quoted(meant)})" for said, meant in NICHES.items() if said)
    # What `open_published` gives reads no files, and the lake is files.
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{home / 'warehouse.duckdb'}' AS warehouse (READ_ONLY)")
        connection.execute("USE warehouse")
        for dataset in ("accounts", "posts", "rates", "published_metrics"):
            # A segment may be shared by many files, which its column `part` tells apart.
            paths = sorted({str(lake.root / segment.path) for segment in lake.segments(dataset)})
            rows = f"SELECT COLUMNS(lambda name: name <> 'part') FROM read_parquet({paths}, union_by_name = true)"
            connection.execute(f"CREATE TEMP VIEW lake_{dataset} AS {rows}")
        connection.execute(f"CREATE TEMP VIEW quantiles AS FROM (VALUES {quantiles}) AS q (freedom, quantile)")
        connection.execute(f"CREATE TEMP VIEW niches AS FROM (VALUES {niches}) AS n (niche_raw, niche)")
        for name, view in VIEWS.items():
            connection.execute(f"CREATE TEMP VIEW {name} AS {view}")
        assert (summary.as_of, summary.rows_rejected) == (NOON.isoformat(), 0)
        yield connection


def quoted(text: str) -> str:
    return f"'{text}'"


@pytest.mark.parametrize("mart", SAME)
def test_sql_makes_the_same_mart_of_the_lake(mart: str, sql: duckdb.DuckDBPyConnection) -> None:
    query, key = SAME[mart]
    found, wanted = rows_of(sql, f"FROM {mart}", *key), rows_of(sql, query, *key)
    assert len(found) == sql.sql(f"FROM {mart}").count("*").fetchall()[0][0] > 5
    if mart == "account_engagement":
        found = {name: found[name] for name in wanted}
    assert differences(found, wanted, 1e-9) == []


def test_sql_makes_the_same_windows_and_peers_of_the_posts(sql: duckdb.DuckDBPyConnection) -> None:
    told = sql.sql(re.sub(r"\$as_of", f"TIMESTAMP '{NOON}'", ENGAGEMENT_SQL))
    left_out = {*NO_PRIOR, "shrunk_reason"}
    wanted: dict[Key, Row] = {}
    for values in told.fetchall():
        row = dict(zip(told.columns, values, strict=True))
        wanted[tuple(row[name] for name in WINDOW)] = {n: cell for n, cell in row.items() if n not in left_out}
    found = rows_of(sql, "FROM account_engagement", *WINDOW)
    assert differences(found, wanted, 1e-9) == []
    assert sum(row["peer_percentile"] is not None for row in wanted.values()) > 20
    sides = rows_of(sql, RATIO_SQL, *ACCOUNT)
    all_time = {name[:2]: row for name, row in found.items() if name[2] == "all_time" and row["post_count"]}
    assert differences(all_time, sides, 1e-9) == []
    assert sum(row["paid_to_organic_ratio"] is not None for row in sides.values()) > 20


def test_plain_python_pools_the_same_ratios_of_sponsored_posts(sql: duckdb.DuckDBPyConnection) -> None:
    posts: dict[Key, list[Row]] = defaultdict(list)
    names = ["published_at", "post_id", "engagement_rate_by_followers", "compensation"]
    for platform, account, *values in sql.sql(f"SELECT platform, account_id, {', '.join(names)} FROM posts").fetchall():
        posts[platform, account].append(dict(zip(names, values, strict=True)))
    tiers = {key: row["tier"] for key, row in rows_of(sql, "FROM accounts", *ACCOUNT).items()}
    windows: dict[Key, list[oracle_paid.Sides]] = defaultdict(list)
    for account, own in posts.items():
        for window in ("all_time", "last_90_days", "last_12_posts"):
            rates = {
                kind: [
                    post["engagement_rate_by_followers"]
                    for post in in_window(own, window, NOON)
                    if post["compensation"] == kind and post["engagement_rate_by_followers"] is not None
                ]
                for kind in ("paid", "none")
            }
            windows[account[0], window].append(oracle_paid.Sides(tiers[account], rates["paid"], rates["none"]))
    wanted = {(*window, tier): row for window, own in windows.items() for tier, row in oracle_paid.pooled(own).items()}
    found = rows_of(sql, "FROM paid_to_organic_pooled", "platform", "time_window", "tier")
    assert differences(found, wanted, 1e-7) == []
    assert sum(row["paid_to_organic_ratio_next_low"] is not None for row in wanted.values()) > 5


@pytest.fixture
def log_rates(sql: duckdb.DuckDBPyConnection) -> dict[Key, dict[Key, oracle_shrunk.Account]]:
    """The posts of each account with an engagement rate, newest id last, by platform and window."""
    names = ["published_at", "post_id", "engagement_count", "followers_count"]
    posts: dict[Key, list[Row]] = defaultdict(list)
    for platform, account, *values in sql.sql(f"SELECT platform, account_id, {', '.join(names)} FROM posts").fetchall():
        posts[platform, account].append(dict(zip(names, values, strict=True)))
    found: dict[Key, dict[Key, oracle_shrunk.Account]] = defaultdict(dict)
    for key, row in rows_of(sql, "FROM account_engagement", *WINDOW).items():
        known = {
            post["post_id"]: (
                math.log((post["engagement_count"] + 0.5) / post["followers_count"]), math.log(post["followers_count"])
            )
            for post in in_window(posts[key[:2]], key[2], NOON)
            if row["reason"] is None and post["followers_count"] and post["engagement_count"] is not None
        }  # fmt: skip
        found[key[0], key[2]][key] = oracle_shrunk.Account(row["niche"], list(known.values()), list(known))
    return found


def test_plain_python_makes_the_same_shrunk_rates_of_the_posts(
    sql: duckdb.DuckDBPyConnection, log_rates: dict[Key, dict[Key, oracle_shrunk.Account]]
) -> None:
    found, compared = rows_of(sql, "FROM account_engagement", *WINDOW), 0
    for accounts in log_rates.values():
        for key, posterior in oracle_shrunk.posteriors(accounts).items():
            wanted = {
                f"engagement_rate_{name}"
                if name.startswith(("shrunk", "next", "prior")) and name != "shrunk_weight"
                else name: figure
                for name, figure in posterior.columns.items()
            }
            told = {name: found[key][name] for name in wanted}
            assert told == pytest.approx(wanted, rel=1e-7), key
            compared += 1
    assert compared > 100
    assert {row["is_prior_niche_pooled"] for row in found.values()} == {True, False, None}


def test_plain_python_calibrates_the_same(
    sql: duckdb.DuckDBPyConnection, log_rates: dict[Key, dict[Key, oracle_shrunk.Account]]
) -> None:
    """The post with the smallest hash of each account foretold from its others."""
    tiers = {key: row["tier"] for key, row in rows_of(sql, "FROM accounts", *ACCOUNT).items()}
    cells: dict[Key, list[Row]] = defaultdict(list)
    for (platform, window), accounts in log_rates.items():
        if window != "all_time":
            continue
        held, rest = {}, {}
        for key, account in accounts.items():
            left = dict(zip(account.names, account.posts, strict=True))
            if len(left) > 1:
                held[key], _ = left.pop(min(left, key=hash_of))
            rest[key] = oracle_shrunk.Account(account.niche, list(left.values()))
        foretold = oracle_shrunk.posteriors(rest)
        # Of too few accounts nothing is foretold.
        for key, y in held.items() if foretold else ():
            low, high = foretold[key].next_bounds
            seen = max(least for least in POSTS_SEEN if least <= len(rest[key].posts))
            cells[platform, tiers[key[:2]], POSTS_SEEN[seen]].append({
                "held": low <= math.exp(y) <= high, "raw": y - fmean(rest[key].logs),
                "expected": y - foretold[key].expected, "shrunk": y - foretold[key].mu,
            })  # fmt: skip
    wanted = {
        key: {
            "rate": "engagement_rate_by_followers",
            "account_count": len(rows),
            "next_held_count": sum(row["held"] for row in rows),
            "next_held_ratio": sum(row["held"] for row in rows) / len(rows),
            **{
                f"{kind}_error_log": math.sqrt(fmean(row[kind] ** 2 for row in rows))
                for kind in ("raw", "expected", "shrunk")
            },
        }
        for key, rows in cells.items()
    }
    found = rows_of(sql, "FROM rate_calibration", "platform", "tier", "posts_seen")
    assert differences(found, wanted, 1e-7) == []
    assert len(found) > 5


def hash_of(name: str) -> int:
    """What is chosen by, which says nothing of the post."""
    return int(pl.DataFrame({"name": [name]}).select(plh.col("name").nchash.xxh3_64()).item())


def test_tiers_are_compared_as_scipy_does(sql: duckdb.DuckDBPyConnection) -> None:
    rates: dict[Key, list[float]] = defaultdict(list)
    for platform, niche, window, scheme, tier, rate in sql.sql(
        f"SELECT platform, niche, time_window, s.scheme, tier, engagement_rate_by_followers FROM {TIERED}"
        " WHERE engagement_rate_by_followers > 0 AND tier IS NOT NULL"
    ).fetchall():
        for named in (niche, "(all)"):
            rates[platform, named, scheme, window, tier].append(math.log(rate))
    key = ("platform", "niche", "scheme", "time_window", "tier", "tier_larger")
    compared = 0
    for cell, row in rows_of(sql, "FROM tier_contrasts", *key).items():
        own, other = rates[cell[:5]], rates[*cell[:4], cell[5]]
        assert (row["account_count"], row["account_count_larger"]) == (len(own), len(other))
        assert row["contrast_reason"] == ("few_accounts" if min(len(own), len(other)) < 5 else None)
        if row["contrast_reason"] is None:
            welch = ttest_ind(own, other, equal_var=False)
            ends = welch.confidence_interval()
            wanted = [math.exp(fmean(own) - fmean(other)), math.exp(ends.low), math.exp(ends.high), float(welch.pvalue)]
            names = ("rate_ratio", "rate_ratio_low", "rate_ratio_high", "rate_ratio_p")
            assert [row[name] for name in names] == pytest.approx(wanted, rel=1e-8)
            compared += 1
    assert compared > 5


def test_the_p_values_are_those_of_their_t(sql: duckdb.DuckDBPyConnection) -> None:
    rows = sql.sql(
        "SELECT slope_below_one_t, account_count - 2, slope_below_one_p FROM engagement_regression"
    ).fetchall()
    known = [row for row in rows if row[0] is not None]
    assert len(known) > 5
    for score, freedom, p in known:
        assert p == pytest.approx(float(t.cdf(score, freedom)), rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2])
def test_arranged_otherwise_it_has_the_same_hash(
    seed: int, made: tuple[dict[str, list[Row]], RunSummary, Path], tmp_path: Path
) -> None:
    rows, summary, _ = made
    chance = random.Random(seed)
    for part in arranged(rows, chance):
        write_part(tmp_path / "exports", part, chance)
    assert run(tmp_path / "exports", Settings(home=tmp_path / "home")).content_hash == summary.content_hash
