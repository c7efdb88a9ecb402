"""Growth of likes with followers: every niche by a second computation, what is left out, and the same bits in any order."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from transforms import engagement_regression
from transforms.engagement_regression import BAND_SAMPLE, engagement_to_regression, predicted_rate
from transforms.niches import ALL_NICHES, normalise_niche
from warehouse.published import open_published

KEY = ["platform", "niche", "time_window"]
SECOND_COMPUTATION = """
    WITH likes AS (
        SELECT platform, account_id, avg(like_count) AS mean_likes, count(like_count) / count(*) AS coverage
        FROM posts GROUP BY ALL
    ), points AS (
        SELECT platform, niche, ln(followers_count) AS x, ln(mean_likes) AS y
        FROM accounts JOIN likes USING (platform, account_id)
        WHERE coverage >= 0.5 AND mean_likes > 0 AND followers_count > 0
    ), fits AS (
        SELECT
            platform, if(grouping(niche) = 1, '(all)', niche) AS niche, count(*) AS n,
            regr_slope(y, x) AS slope, regr_intercept(y, x) AS intercept, regr_r2(y, x) AS r2, var_pop(x) AS variance
        FROM points GROUP BY GROUPING SETS ((platform, niche), (platform)) HAVING count(*) >= 5
    )
    SELECT
        count(*) AS cells,
        max(abs(r.slope - f.slope)) AS slope,
        max(abs(r.intercept - f.intercept)) AS intercept,
        max(abs(r.r_squared - f.r2)) AS r2,
        max(abs(r.log_followers_variance - f.variance)) AS variance,
        max(abs(r.account_count - f.n)) AS n,
        max(abs(r.predicted_like_rate_10k - exp(f.intercept + f.slope * ln(10000)) / 10000)) AS predicted
    FROM engagement_regression AS r FULL JOIN fits AS f USING (platform, niche)
    WHERE time_window = 'all_time' AND r.slope IS NOT NULL OR r.platform IS NULL
"""


def engagement_of(
    followers: Sequence[int | None], likes: Sequence[float | None], niche: str = "travel"
) -> pl.DataFrame:
    """Accounts as the mart `account_engagement` has them before the fit."""
    return pl.DataFrame(
        {
            "platform": "instagram",
            "account_id": [f"a{number}" for number in range(len(followers))],
            "time_window": "all_time",
            "niche": niche,
            "followers_count": pl.Series(followers, dtype=pl.Int64),
            "like_count_mean": pl.Series(likes, dtype=pl.Float64),
            "post_count": 1,
        }
    )


def simulated(count: int, seed: int = 7) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    followers = random.lognormal(9, 2, count).astype(int) + 1
    likes = followers**0.8 * random.lognormal(-0.7, 0.6, count)
    niches = np.array(["beauty", "fitness", "travel"])[random.integers(0, 3, count)]
    return engagement_of(followers.tolist(), likes.tolist()).with_columns(pl.Series("niche", niches))


def over_all(engagement: pl.DataFrame) -> dict[str, Any]:
    return engagement_to_regression(engagement).row(by_predicate=pl.col("niche") == ALL_NICHES, named=True)


def test_planted_accounts_give_their_line_and_its_rates() -> None:
    followers = [1_000, 5_000, 10_000, 70_000, 100_000, 1_000_000]
    row = over_all(engagement_of(followers, [0.5 * count**0.8 for count in followers]))
    assert (row["slope"], f"{row['intercept']:.6f}", row["r_squared"], row["reason"]) == (
        0.8,
        "-0.693147",
        1,
        "exact_fit",
    )
    rates = [row[f"predicted_like_rate_{size}"] for size in ("1k", "10k", "100k", "1m")]
    assert rates == pytest.approx([0.5 * size**-0.2 for size in (1e3, 1e4, 1e5, 1e6)], rel=1e-10)
    assert row["slope_below_one_t"] is row["slope_below_one_p"] is None


@pytest.mark.parametrize(
    ("followers", "likes", "reason", "left_out"),
    [
        ([100, 200, 300, 400], [5.0, 6.0, 7.0, 8.0], "few_accounts", 0),
        ([100, 200, 300, 400, 500], [5.0, 6.0, 7.0, 8.0, 0.0], "few_accounts", 1),
        ([100, 200, 300, 400, None], [5.0, 6.0, 7.0, 8.0, 9.0], "few_accounts", 1),
        ([100, 200, 300, 0, 500], [5.0, 6.0, 7.0, 8.0, None], "few_accounts", 2),
        ([100] * 30, [float(count) for count in range(1, 31)], "no_spread", 0),
        ([100] * 30 + [900], [float(count) for count in range(1, 32)], "no_spread", 0),
    ],
)
def test_there_is_no_fit_without_a_reason(
    followers: list[int | None], likes: list[float | None], reason: str, left_out: int
) -> None:
    row = over_all(engagement_of(followers, likes))
    assert (row["reason"], row["band_reason"], row["account_left_out_count"]) == (reason, reason, left_out)
    assert row["account_count"] == len(followers) - left_out
    given = [
        name for name, cell in row.items() if cell is not None and name.startswith(("slope", "inter", "pred", "r_"))
    ]
    assert given == []


def test_lines_begin_with_twenty_accounts() -> None:
    assert over_all(simulated(19))["band_reason"] == "few_accounts"
    row = over_all(simulated(20))
    assert (row["band_reason"], row["band_account_count"]) == (None, 20)
    assert None not in [row[f"{name}_{share}"] for name in ("slope", "intercept") for share in ("q10", "q50", "q90")]


@pytest.mark.parametrize(("seed", "are_crossing"), [(0, False), (1, False), (2, True)])
def test_lines_that_cross_among_the_accounts_are_flagged(seed: int, are_crossing: bool) -> None:
    """The lines of twenty accounts that scatter widely are loose enough to cross."""
    random = np.random.default_rng(seed)
    followers = 10 ** random.uniform(3, 6, 20)
    likes = followers**0.5 * random.lognormal(0, 1.5, 20)
    row = over_all(engagement_of(followers.astype(int).tolist(), likes.tolist()))
    ends = [
        [row[f"intercept_{share}"] + row[f"slope_{share}"] * np.log(count) for share in ("q10", "q50", "q90")]
        for count in (row["followers_count_min"], row["followers_count_max"])
    ]
    assert row["are_bands_crossing"] == any(end != sorted(end) for end in ends) == are_crossing


def test_lines_of_a_sample_are_near_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = simulated(3 * BAND_SAMPLE)
    sampled = over_all(accounts)
    monkeypatch.setattr(engagement_regression, "BAND_SAMPLE", accounts.height)
    whole = over_all(accounts)
    assert (sampled["band_account_count"], whole["band_account_count"]) == (BAND_SAMPLE, accounts.height)
    for share in ("q10", "q50", "q90"):
        level = [row[f"intercept_{share}"] + 9 * row[f"slope_{share}"] for row in (sampled, whole)]
        assert level[0] == pytest.approx(level[1], abs=0.05)


def test_a_sample_of_one_size_has_no_lines() -> None:
    sizes = [100] * (2 * BAND_SAMPLE) + [900, 950]
    row = over_all(engagement_of(sizes, [float(10 + count % 7) for count in range(len(sizes))]))
    assert (row["reason"], row["band_reason"], row["slope_q10"]) == (None, "no_spread", None)


def test_the_order_of_the_accounts_changes_no_bit() -> None:
    accounts = pl.concat([simulated(2 * BAND_SAMPLE), engagement_of([5, None], [0, 3])])
    fits = engagement_to_regression(accounts).sort(KEY)
    for seed in range(3):
        shuffled = accounts.sample(fraction=1, shuffle=True, seed=seed)
        assert engagement_to_regression(shuffled).sort(KEY).equals(fits)


def test_a_rate_beyond_all_that_can_be_is_null() -> None:
    assert predicted_rate(300, 1, 1_000_000) is None
    assert predicted_rate(-300, 1, 1_000_000) == 0


def test_no_topic_has_the_name_kept_for_all_niches() -> None:
    topics = pl.DataFrame({"niche": [ALL_NICHES, " (ALL) ; travel", "(All) 0.5", "all", "(alloy)"]})
    niches = topics.select(normalise_niche(pl.col("niche"))).to_series().to_list()
    assert niches == ["unknown", "unknown", "unknown", "all", "(alloy)"]


def test_every_fit_of_a_warehouse_is_that_of_duckdb(tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    exports = tmp_path / "exports"
    exports.mkdir()
    accounts = simulated(400).with_columns(
        pl.when(pl.int_range(pl.len()) % 17 > 0).then("followers_count").alias("followers_count"),
        platform=pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("tiktok")).otherwise(pl.lit("instagram")),
    )
    accounts.select("platform", "account_id", "niche", "followers_count").write_csv(exports / "accounts.csv")
    posts = accounts.sample(3_000, with_replacement=True, seed=5).with_columns(
        post_id=pl.format("p{}", pl.int_range(pl.len())),
        like_count=(pl.col("like_count_mean") * pl.Series(random.lognormal(0, 0.5, 3_000))).floor().cast(pl.Int64),
    )
    posts.select("platform", "post_id", "account_id", "like_count").write_csv(exports / "posts.csv")
    run(exports, Settings(home=tmp_path / "home"))
    with open_published(tmp_path / "home" / "warehouse.duckdb") as connection:
        cells, *differences = connection.sql(SECOND_COMPUTATION).fetchall()[0]
        assert cells == 8
        assert max(differences) < 1e-9
        assert_lift_is_observed_over_expected(connection)


def assert_lift_is_observed_over_expected(connection: duckdb.DuckDBPyConnection) -> None:
    """Of the large fit (200 accounts and more) the plain line, of the small one the line without the account."""
    bases = connection.sql(
        """
        SELECT e.platform, expected_basis, count(*), max(abs(engagement_lift - like_count_mean / expected / followers_count)),
            count(*) FILTER (expected_basis = 'regression' AND abs(expected / fitted - 1) > 1e-9)
        FROM (SELECT *, expected_like_rate_by_followers AS expected FROM account_engagement) AS e
        JOIN (SELECT * FROM engagement_regression WHERE niche = '(all)') AS r USING (platform, time_window),
            LATERAL (SELECT exp(intercept + slope * ln(followers_count)) / followers_count AS fitted)
        WHERE time_window = 'all_time' AND engagement_lift IS NOT NULL GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    assert [(platform, basis) for platform, basis, *_ in bases] == [
        ("instagram", "regression"),
        ("tiktok", "regression"),
    ]
    assert all(count > 100 and gap < 1e-9 and off == 0 for _, _, count, gap, off in bases)
