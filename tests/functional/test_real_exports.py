"""Real exports, declared in sources/*.toml, give the figures that are known of them.

The files themselves are not part of the project: the tests run where a copy lies beside it, and are skipped elsewhere.
"""

import csv
import json
import re
import shutil
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.command import in_process
from transforms.sponsorship import bootstrap_interval

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
DECLARATIONS = Path(__file__).parent / "sources"


@dataclass(frozen=True)
class Published:
    """The warehouse of one run, and what the run said of itself."""

    summary: dict[str, Any]
    path: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        (only,) = self.rows(sql)
        return only


def publish(folder: str, workplace: Path, declare: Callable[[str], str] = str) -> Published:
    """Run the command on the files of a folder, declared as its TOML file says."""
    if not DATA.joinpath(folder).is_dir():
        pytest.skip(f"the real files are not here: there is no folder {DATA / folder}")
    exports = workplace / "exports"
    exports.mkdir()
    for file in DATA.joinpath(folder).iterdir():
        if file.suffix in {".csv", ".tsv", ".json"}:
            shutil.copy(file, exports)
    declaration = DECLARATIONS.joinpath(f"{folder}.toml").read_text(encoding="utf-8")
    exports.joinpath("sources.toml").write_text(declare(declaration), encoding="utf-8")
    run = in_process("run", exports, "--home", workplace / "home", "--json")
    assert run.exit_code == 0, run.stderr
    return Published(json.loads(run.stdout), workplace / "home" / "warehouse.duckdb")


def keyed_by_row(declaration: str) -> str:
    """The same declaration, accounts told apart by their rows instead of their handles."""
    return re.sub(r'\{ from = "[^"]+", key = "handle" \}', '{ key = "row_hash" }', declaration)


@pytest.fixture(scope="module")
def ranking(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish("top200_ig", tmp_path_factory.mktemp("ranking"))


@pytest.fixture(scope="module")
def nigeria(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish("nigerian_tiktok", tmp_path_factory.mktemp("nigeria"))


@pytest.fixture(scope="module")
def channels(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish("yt_top1000_subscribed", tmp_path_factory.mktemp("channels"))


@pytest.fixture(scope="module")
def influencers(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish("ig_influencers_2022", tmp_path_factory.mktemp("influencers"))


@pytest.fixture(scope="module")
def listed_rows(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The lists of influencers with one account per row: what may be said of rows, not of accounts."""
    return publish("ig_influencers_2022", tmp_path_factory.mktemp("rows"), keyed_by_row)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish("fb_cosmetics_metrics", tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish("price_lists", tmp_path_factory.mktemp("prices"))


# The rows of each file, once for each of its loads.
LEDGERS = {
    "ranking": {"top200_ig.csv": [200] * 5},
    "nigeria": {"nigerian_tiktok.csv": [200] * 2},
    "channels": {"yt_top1000.csv": [1000] * 3},
    "influencers": {"ig_dec_2022.csv": [1000] * 7, "ig_original.csv": [1000] * 3},
    "listed_rows": {"ig_dec_2022.csv": [1000] * 7, "ig_original.csv": [1000] * 3},
    "page": {"facebook_metrics.csv": [500] * 2},
    "prices": {
        "kol_lineup_gaming_2024.csv": [17] * 6, "pricing_sample.json": [1] * 6, "rich_list_press.csv": [29] * 2,
    },
}  # fmt: skip


@pytest.mark.parametrize("delivery", LEDGERS)
def test_every_row_of_every_load_is_loaded_or_named_a_duplicate(delivery: str, request: pytest.FixtureRequest) -> None:
    published: Published = request.getfixturevalue(delivery)
    ledger = published.rows("SELECT file, list(rows_read) FROM load_ledger WHERE verdict = 'loaded' GROUP BY file")
    assert dict(ledger) == LEDGERS[delivery]
    assert published.rows("FROM load_ledger WHERE rows_read <> rows_loaded + rows_duplicate") == []
    assert published.rows("FROM rejected_rows") == []
    assert published.summary["files_quarantined"] == 0


@pytest.mark.parametrize(
    ("delivery", "duplicates"),
    [("ranking", 0), ("nigeria", 0), ("channels", 0), ("influencers", 7), ("listed_rows", 0), ("prices", 3)],
)
def test_accounts_that_a_file_lists_twice_alike_are_duplicates(
    delivery: str, duplicates: int, request: pytest.FixtureRequest
) -> None:
    published: Published = request.getfixturevalue(delivery)
    assert published.row("SELECT sum(rows_duplicate) FROM load_ledger WHERE dataset = 'accounts'") == (duplicates,)


def test_counts_with_suffixes_sum_exactly(ranking: Published) -> None:
    row = ranking.row(
        """SELECT count(*), count(DISTINCT account_id), sum(followers_count), min(followers_count), max(followers_count),
                  count(*) FILTER (country IS NULL), max(media_count) FILTER (account_id = 'leomessi')
           FROM accounts"""
    )
    assert row == (200, 200, 15_481_900_000, 32_800_000, 475_800_000, 62, 890)


def test_a_published_rate_is_kept_beside_ours_and_stays_null_where_the_source_has_none(ranking: Published) -> None:
    known, mean, largest, computed = ranking.row(
        """SELECT count(published_value), round(avg(published_value), 7), max(published_value), count(computed_value)
           FROM published_vs_computed WHERE metric = 'engagement_rate_by_followers'"""
    )
    assert (known, mean, largest, computed) == (199, 0.0190201, 0.2641, 0)
    assert ranking.rows(
        "SELECT account_id FROM published_metrics WHERE metric = 'engagement_rate_by_followers' AND value IS NULL"
    ) == [("rkive",)]


def test_likes_alone_come_near_the_published_rate(ranking: Published) -> None:
    row = ranking.row(
        """SELECT count(*), count(*) FILTER (points <= 0.01), count(*) FILTER (points <= 0.06),
                  count(*) FILTER (points <= 0.10), round(max(points), 3)
           FROM (SELECT 100 * abs(rate.value - likes.value / followers_count) AS points
                 FROM published_metrics AS rate
                 JOIN published_metrics AS likes USING (platform, account_id)
                 JOIN accounts USING (platform, account_id)
                 WHERE rate.metric = 'engagement_rate_by_followers' AND rate.value IS NOT NULL
                   AND likes.metric = 'like_count_mean_60_days')"""
    )
    assert row == (199, 84, 170, 181, 0.349)


def span_of(cell: str) -> tuple[Fraction, Fraction]:
    """What a cell such as `475.8m` or `1.39%` may be rounded from, in the unit of the mart."""
    suffixes = {"k": Fraction(1_000), "m": Fraction(10**6), "b": Fraction(10**9), "%": Fraction(1, 100)}
    unit = suffixes.get(cell[-1], Fraction(1))
    number = cell.rstrip("kmb%")
    half = unit / 10 ** len(number.partition(".")[2]) / 2
    return Fraction(number) * unit - half, Fraction(number) * unit + half


def test_the_published_rate_is_of_likes_or_of_more_and_never_of_less(ranking: Published) -> None:
    """Likes over followers, as far as both are rounded, explain 96 rates and lie below the other 103."""
    claimed = dict(
        ranking.rows("SELECT account_id, value FROM published_metrics WHERE metric = 'engagement_rate_by_followers'")
    )
    explained = below = above = 0
    with DATA.joinpath("top200_ig", "top200_ig.csv").open(encoding="utf-8-sig", newline="") as stream:
        records = [record for record in csv.DictReader(stream) if claimed[record["channel_info"].lower()] is not None]
    for record in records:
        likes, followers, rate = (
            span_of(record[name]) for name in ("new_post_avg_like", "followers", "60_day_eng_rate")
        )
        assert claimed[record["channel_info"].lower()] == pytest.approx(float(sum(rate) / 2), rel=1e-12)
        least, most = likes[0] / followers[1], likes[1] / followers[0]
        below, above = below + (most < rate[0]), above + (least > rate[1])
        explained += least <= rate[1] and most >= rate[0]
    assert (explained, below, above) == (96, 103, 0)


def test_mean_likes_times_posts_are_not_the_total_likes(ranking: Published) -> None:
    median, largest = ranking.row(
        """SELECT median(apart), max(apart)
           FROM (SELECT abs(mean.value * media_count / total.value - 1) AS apart
                 FROM published_metrics AS mean
                 JOIN published_metrics AS total USING (platform, account_id)
                 JOIN accounts USING (platform, account_id)
                 WHERE mean.metric = 'like_count_mean' AND total.metric = 'like_count_sum')"""
    )
    assert (round(median, 3), round(largest, 2)) == (0.013, 0.45)


def test_handles_lose_their_sign_and_counts_their_letters(nigeria: Published) -> None:
    row = nigeria.row(
        """SELECT count(DISTINCT account_id), count(*) FILTER (account_id LIKE '@%'), sum(followers_count),
                  min(followers_count), max(followers_count), count(*) FILTER (niche = 'unknown')
           FROM accounts"""
    )
    assert row == (200, 0, 146_471_300, 266_300, 10_400_000, 200)


def test_names_in_windows_1252_arrive_whole_and_ruined_ones_as_they_are(nigeria: Published) -> None:
    with DATA.joinpath("nigerian_tiktok", "nigerian_tiktok.csv").open(encoding="cp1252", newline="") as stream:
        names = [record[1] for record in csv.reader(stream)][2:]
    assert nigeria.rows("SELECT display_name FROM accounts ORDER BY 1") == sorted((name,) for name in names)
    assert nigeria.row("SELECT count(*) FROM accounts WHERE contains(display_name, '?')") == (38,)


def test_followers_never_grow_down_the_list(nigeria: Published) -> None:
    row = nigeria.row(
        """SELECT min(rank), max(rank), count(DISTINCT rank), count(*) FILTER (followers_count > above)
           FROM (SELECT value AS rank, followers_count, lag(followers_count) OVER (ORDER BY value) AS above
                 FROM accounts JOIN published_metrics USING (platform, account_id))"""
    )
    assert row == (1, 200, 200, 0)


def test_accounts_without_posts_have_no_rate_and_the_reason(nigeria: Published) -> None:
    assert nigeria.rows("SELECT DISTINCT engagement_rate_by_followers, reason FROM account_engagement") == [
        (None, "no_posts")
    ]


TIERS = {
    "ranking": {
        "article": {"mega": 200},
        "hypeauditor_2018": {"mega": 200},
        "later_fohr": {"mega": 200},
        "markerly_bands": {"over_10m": 200},
        "mediakix": {"mega": 200},
    },
    "nigeria": {
        "article": {"macro": 176, "mega": 24},
        "hypeauditor_2018": {"macro": 176, "mega": 24},
        "later_fohr": {"mid": 114, "macro": 62, "mega": 24},
        "markerly_bands": {"100k_1m": 176, "1m_10m": 23, "over_10m": 1},
        "mediakix": {"mid": 114, "macro": 62, "mega": 24},
    },
    "channels": {
        "article": {"mega": 1000},
        "hypeauditor_2018": {"mega": 1000},
        "later_fohr": {"mega": 1000},
        "markerly_bands": {"over_10m": 1000},
        "mediakix": {"mega": 1000},
    },
}


@pytest.mark.parametrize("delivery", TIERS)
def test_accounts_per_tier_under_every_scheme(delivery: str, request: pytest.FixtureRequest) -> None:
    published: Published = request.getfixturevalue(delivery)
    found: dict[str, dict[str, int]] = {}
    for scheme, tier, accounts in published.rows(
        "SELECT scheme, tier, account_listed_count FROM tier_engagement WHERE time_window = 'all_time'"
    ):
        found.setdefault(scheme, {})[tier] = accounts
    assert found == TIERS[delivery]


def test_channels_that_share_a_name_stay_two(channels: Published) -> None:
    assert channels.rows(
        "SELECT followers_count, niche FROM accounts WHERE display_name = 'Bollywood Classics' ORDER BY ALL"
    ) == [(15_200_000, "entertainment"), (32_800_000, "music")]


def test_counts_with_thousands_separators_sum_exactly(channels: Published) -> None:
    assert channels.row(
        "SELECT count(*), sum(followers_count), sum(media_count), min(followers_count) FROM accounts"
    ) == (1000, 21_581_400_000, 9_416_228, 11_400_000)
    assert channels.row(
        "SELECT sum(value::HUGEINT), count(*) FILTER (value = 0) FROM published_metrics WHERE metric = 'view_count'"
    ) == (9_994_912_409_734, 9)


def test_channels_per_category_an_address_being_none(channels: Published) -> None:
    assert dict(channels.rows("SELECT niche, count(*) FROM accounts GROUP BY niche")) == {
        "entertainment": 238, "music": 217, "people & blogs": 132, "gaming": 94, "comedy": 68, "film & animation": 50,
        "education": 45, "howto & style": 43, "unknown": 30, "news & politics": 27, "science & technology": 18,
        "shows": 14, "sports": 10, "pets & animals": 6, "trailers": 2, "nonprofits & activism": 2, "movies": 2,
        "autos & vehicles": 1, "travel & events": 1,
    }  # fmt: skip
    assert channels.row("SELECT count(*) FROM accounts WHERE niche_raw LIKE 'https://%' AND niche = 'unknown'") == (30,)


def test_views_per_category(channels: Published) -> None:
    views = channels.rows(
        """SELECT niche, sum(value::HUGEINT) FROM accounts JOIN published_metrics USING (platform, account_id)
           WHERE metric = 'view_count' AND niche IN ('entertainment', 'music') GROUP BY niche"""
    )
    assert dict(views) == {"entertainment": 2_218_980_613_268, "music": 3_058_929_450_985}


def test_a_start_at_epoch_zero_is_not_known(channels: Published) -> None:
    assert channels.row(
        "SELECT count(*), count(value), min(value) FROM published_metrics WHERE metric = 'started_year'"
    ) == (1000, 999, 2005)
    assert channels.rows(
        """SELECT display_name, followers_count FROM accounts JOIN published_metrics USING (platform, account_id)
           WHERE metric = 'started_year' AND value IS NULL"""
    ) == [("YouTube", 35_200_000)]


def test_two_lists_of_influencers_give_two_observations_of_an_account(influencers: Published) -> None:
    assert influencers.rows(
        """SELECT observed_at IS NULL, count(*), min(followers_count), max(followers_count)
           FROM account_snapshots GROUP BY ALL ORDER BY ALL"""
    ) == [(False, 991, 2_200_000, 579_800_000), (True, 997, 2_600_000, 487_200_000)]
    assert influencers.row("SELECT count(*) FROM accounts") == (997 + 991 - 726,)


def test_accounts_in_both_lists_grew_fell_or_stayed(influencers: Published) -> None:
    row = influencers.row(
        """SELECT count(*), count(*) FILTER (late.followers_count > early.followers_count),
                  count(*) FILTER (late.followers_count < early.followers_count),
                  count(*) FILTER (late.followers_count = early.followers_count)
           FROM account_snapshots AS early JOIN account_snapshots AS late USING (platform, account_id)
           WHERE early.observed_at IS NULL AND late.observed_at IS NOT NULL"""
    )
    assert row == (726, 670, 49, 7)


def test_a_handle_listed_twice_with_other_followers_is_reported_and_the_larger_count_taken(
    influencers: Published,
) -> None:
    conflicts = influencers.rows(
        """SELECT account_id, column_name, detail, followers_count
           FROM data_quality JOIN account_snapshots AS s USING (platform, account_id)
           WHERE issue = 'conflicting_observations' AND s.observed_at IS NOT DISTINCT FROM data_quality.observed_at
           ORDER BY ALL"""
    )
    assert conflicts == [
        ("juliaanalvarez", "followers_count", "9000000 / 9100000", 9_100_000),
        ("justinbieber", "followers_count", "227000000 / 227400000", 227_400_000),
        ("kevinhart4real", "followers_count", "160000000 / 160800000", 160_800_000),
    ]


def test_claims_that_differ_for_one_handle_are_all_kept(influencers: Published) -> None:
    claims = influencers.rows(
        """SELECT account_id, list(value ORDER BY value) FROM published_metrics
           WHERE metric = 'engagement_count_mean' GROUP BY account_id, source HAVING count(*) > 1 ORDER BY ALL"""
    )
    assert claims == [
        ("angelinajolie", [456_100, 456_200]),
        ("justinbieber", [445_300, 638_200]),
        ("kevinhart4real", [45_200, 75_400]),
        ("nobru", [350_100, 350_200]),
    ]


def test_rows_of_the_lists_sum_to_their_followers(listed_rows: Published) -> None:
    assert listed_rows.rows(
        """SELECT observed_at IS NULL, count(*), sum(followers_count), count(DISTINCT username),
                  count(DISTINCT niche) FILTER (niche <> 'unknown'), count(*) FILTER (niche = 'unknown'),
                  count(*) FILTER (display_name IS NULL), count(*) FILTER (tier = 'mega')
           FROM accounts GROUP BY ALL ORDER BY ALL"""
    ) == [
        (False, 1000, 26_643_800_000, 991, 32, 50, 19, 1000),
        (True, 1000, 25_716_200_000, 997, 31, 108, 21, 1000),
    ]


def test_counts_with_suffixes_equal_their_numeric_twins(listed_rows: Published) -> None:
    equal = listed_rows.rows(
        """SELECT written.metric, count(*) FROM published_metrics AS written
           JOIN published_metrics AS number USING (platform, account_id)
           WHERE number.metric = written.metric || '_number' AND number.value = written.value
           GROUP BY ALL ORDER BY ALL"""
    )
    assert equal == [
        ("engagement_count_authentic_mean", 1000), ("engagement_count_mean", 1000), ("followers_count", 1000),
    ]  # fmt: skip
    assert listed_rows.row("SELECT max(value) FROM published_metrics WHERE metric = 'followers_count'") == (
        579_800_000,
    )
    assert listed_rows.row(
        "SELECT followers_count FROM accounts WHERE username = 'leomessi' AND observed_at > '2000-01-01'"
    ) == (409_800_000,)


def test_mean_engagement_over_followers_of_the_rows(listed_rows: Published) -> None:
    rates = listed_rows.rows(
        """SELECT source, round(avg(value / followers_count), 6), round(max(value / followers_count), 6)
           FROM published_metrics JOIN accounts USING (platform, account_id)
           WHERE metric = 'engagement_count_mean' GROUP BY source ORDER BY source"""
    )
    assert rates == [("ig_dec_2022", 0.060898, 0.590909), ("ig_original", 0.066535, 1.029703)]


def test_a_zero_that_is_no_measurement_is_not_known(listed_rows: Published) -> None:
    assert listed_rows.rows(
        """SELECT source, count(*) FILTER (authentic.value IS NULL), count(*) FILTER (authentic.value > mean.value)
           FROM published_metrics AS authentic JOIN published_metrics AS mean USING (platform, account_id, source)
           WHERE authentic.metric = 'engagement_count_authentic_mean' AND mean.metric = 'engagement_count_mean'
           GROUP BY source ORDER BY source"""
    ) == [("ig_dec_2022", 0, 0), ("ig_original", 9, 0)]


def test_accounts_change_their_main_category(listed_rows: Published) -> None:
    row = listed_rows.row(
        """WITH topics AS (
               SELECT username, observed_at IS NULL AS is_early, max(niche_raw) AS topic FROM accounts GROUP BY ALL
           )
           SELECT count(*), count(*) FILTER (early.topic IS DISTINCT FROM late.topic)
           FROM topics AS early JOIN topics AS late USING (username) WHERE early.is_early AND NOT late.is_early"""
    )
    assert row == (726, 76)


def test_likes_comments_and_shares_sum_to_the_published_interactions(page: Published) -> None:
    row = page.row(
        """SELECT count(*),
                  count(*) FILTER (value = coalesce(like_count, 0) + comment_count + coalesce(share_count, 0)),
                  sum(like_count), sum(comment_count), sum(share_count), sum(value), count(*) FILTER (value = 0)
           FROM posts JOIN published_metrics USING (platform, account_id, post_id)"""
    )
    assert row == (500, 500, 88_795, 3_741, 13_524, 106_060, 6)


def test_interactions_by_kind_of_post_and_by_sponsorship(page: Published) -> None:
    metrics = "FROM posts JOIN published_metrics USING (platform, account_id, post_id)"
    assert page.rows(f"SELECT media_type, count(*), sum(value) {metrics} GROUP BY ALL ORDER BY 2 DESC") == [
        ("Photo", 426, 92_263), ("Status", 45, 9_767), ("Link", 22, 1_959), ("Video", 7, 2_071),
    ]  # fmt: skip
    assert page.rows(f"SELECT is_sponsored, count(*), sum(value) {metrics} GROUP BY ALL ORDER BY 2 DESC") == [
        (False, 360, 67_267), (True, 139, 38_674), (None, 1, 119),
    ]  # fmt: skip


def test_paid_posts_beside_organic_ones(page: Published) -> None:
    """From the cells of the file, with no code of ours between."""
    rates: dict[str, list[float]] = {"1": [], "0": [], "": []}
    with DATA.joinpath("fb_cosmetics_metrics", "facebook_metrics.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            if row["like"] and row["comment"]:
                rates[row["Paid"]].append((int(row["like"]) + int(row["comment"])) / int(row["Page total likes"]))
    *counts, ratio, low, high, reason, never = page.row(
        """SELECT sponsored_post_count, organic_post_count, sponsorship_unknown_count, paid_to_organic_ratio,
                  paid_to_organic_ratio_low, paid_to_organic_ratio_high, paid_reason, is_never_sponsored
           FROM account_engagement WHERE time_window = 'all_time'"""
    )
    assert counts == [139, 360, 1]
    assert ratio == pytest.approx(statistics.median(rates["1"]) / statistics.median(rates["0"]), rel=1e-12)
    assert low < ratio < high
    # Paid posts do better here, and the bootstrap over posts agrees with the closed interval.
    assert (low, high) == pytest.approx(bootstrap_interval(rates["1"], rates["0"], seed=1), rel=0.1)
    assert (reason, never) == (None, False)


def test_interactions_over_page_likes(page: Published) -> None:
    row = page.row(
        """SELECT round(avg(value / followers_count), 8), round(max(value / followers_count), 7),
                  min(followers_count), max(followers_count)
           FROM posts JOIN published_metrics USING (platform, account_id, post_id)"""
    )
    assert row == (0.00173445, 0.0484284, 81_370, 139_441)


def test_blank_counts_stay_unknown_and_so_does_what_is_made_of_them(page: Published) -> None:
    assert page.row(
        """SELECT count(*) FILTER (like_count IS NULL), count(*) FILTER (share_count IS NULL),
                  count(*) FILTER (engagement_count IS NULL), count(*) FILTER (engagement_rate_by_followers IS NULL)
           FROM posts"""
    ) == (1, 4, 1, 1)
    assert page.row(
        "SELECT post_count, post_known_count, likes_coverage_ratio FROM account_engagement WHERE time_window = 'all_time'"
    ) == (500, 499, 0.998)


def test_no_date_is_invented_for_posts_without_one(page: Published) -> None:
    assert page.summary["as_of"] is None
    assert page.row("SELECT count(published_at), count(observed_at) FROM posts") == (0, 0)
    assert page.rows("SELECT time_window, post_count FROM account_engagement ORDER BY ALL") == [
        ("all_time", 500), ("last_12_posts", 0), ("last_90_days", 0),
    ]  # fmt: skip


def test_the_tier_of_a_page_that_grows_depends_on_the_post(page: Published) -> None:
    assert page.rows(
        """SELECT tier, count(*) FROM posts JOIN tiers
           ON scheme = 'article' AND followers_count >= followers_min
              AND (followers_below IS NULL OR followers_count < followers_below)
           GROUP BY tier ORDER BY tier"""
    ) == [("macro", 438), ("micro", 62)]
    assert page.rows("SELECT DISTINCT followers_basis FROM posts") == [("delivered",)]


def test_bookings_and_what_they_cost(prices: Published) -> None:
    row = prices.row("SELECT count(*), count(DISTINCT account_id), sum(price) FROM rates WHERE platform = 'tiktok'")
    assert row == (17, 16, 17_200)
    assert prices.rows(
        "SELECT quoted_on::VARCHAR, price, is_newest FROM rates WHERE account_id = 'kol_m' ORDER BY quoted_on"
    ) == [("2024-01-01", 1350, False), ("2024-02-01", 1350, True)]


def test_cost_per_view_equals_the_published_one(prices: Published) -> None:
    row = prices.row(
        """SELECT count(*), count(*) FILTER (round(price / views.value, 9) = cost.value),
                  count(*) FILTER (round(views.value * 0.10, 1) = estimate.value),
                  sum(views.value), round(sum(price) / sum(views.value), 6)
           FROM rates
           JOIN published_metrics AS views USING (platform, account_id)
           JOIN published_metrics AS cost USING (platform, account_id)
           JOIN published_metrics AS estimate USING (platform, account_id)
           WHERE views.metric = 'view_count_mean_5_posts' AND cost.metric = 'cost_per_view'
             AND estimate.metric = 'price_at_10_cents_a_view'"""
    )
    assert row == (17, 17, 17, 547_259, 0.031429)


def test_share_of_prices_under_500_by_hand_count(prices: Published) -> None:
    """Under 500: kol_e of 206,700 followers, and kol_h, kol_l, kol_o below 50,000. kol_f asks 500; kol_m, booked twice, counts once."""
    shares = prices.rows(
        """SELECT tier, account_count, share_under_500 FROM price_summary
           WHERE platform = 'tiktok' AND currency = 'USD' AND compensation = 'cash' AND media_type = 'video' ORDER BY tier"""
    )
    assert shares == [("macro", 8, 1 / 8), ("mega", 5, 0.0), ("micro", 3, 1.0)]


def test_spellings_of_a_niche_become_one(prices: Published) -> None:
    niches = prices.rows("SELECT niche, count(*) FROM accounts WHERE platform = 'tiktok' GROUP BY niche")
    assert dict(niches) == {"cod": 10, "fortnite": 3, "ai tools": 2, "apex": 1}


def test_a_published_tier_that_contradicts_the_followers_is_kept_as_published(prices: Published) -> None:
    published = prices.rows(
        """SELECT account_id, value, followers_count, tier FROM accounts JOIN published_metrics USING (platform, account_id)
           WHERE metric = 'tier_rank'
             AND value <> CASE WHEN followers_count < 50_000 THEN 1 WHEN followers_count < 500_000 THEN 2
                               WHEN followers_count < 1_000_000 THEN 3 ELSE 4 END
           ORDER BY account_id"""
    )
    assert published == [("kol_o", 2, 44_800, "micro"), ("kol_p", 1, 114_100, "macro")]
    assert prices.row("SELECT count(value) FROM published_metrics WHERE metric = 'tier_rank'") == (16,)


def test_prices_in_the_words_of_the_press(prices: Published) -> None:
    assert prices.row(
        """SELECT count(*), count(DISTINCT account_id), sum(price), list(DISTINCT currency)
           FROM rates WHERE platform = 'instagram' AND price IS NOT NULL"""
    ) == (29, 19, 19_169_100, ["USD"])
    history = prices.rows(
        "SELECT year(quoted_on), price, is_newest FROM rates WHERE account_id = 'chiaraferragni' ORDER BY quoted_on"
    )
    assert history == [(2017, 12_000, False), (2020, 59_700, True)]


def test_two_prices_of_one_account_and_year_stay_visible(prices: Published) -> None:
    assert prices.rows(
        """SELECT account_id, year(quoted_on), list(price ORDER BY price) FROM rates
           WHERE platform = 'instagram' AND price IS NOT NULL GROUP BY ALL HAVING count(*) > 1"""
    ) == [("selenagomez", 2019, [550_000, 886_000])]


def test_ranges_of_a_vendor_stay_ranges(prices: Published) -> None:
    account = "account_id = 'sample_creator'"
    ranges = prices.rows(
        f"SELECT media_type, price, price_min, price_max, currency FROM rates WHERE {account} ORDER BY price_min"
    )
    assert ranges == [
        ("story", None, 332, 498, "USD"), ("static_post", None, 474, 712, "USD"), ("carousel", None, 522, 783, "USD"),
        ("reels", None, 569, 854, "USD"),
    ]  # fmt: skip
    assert prices.row(f"SELECT tier, followers_count FROM accounts WHERE {account}") == ("micro", 80_080)
    assert prices.row(f"SELECT value FROM published_metrics WHERE {account}") == (1.913955,)


def test_followers_in_the_words_of_the_press(prices: Published) -> None:
    followers = prices.rows(
        """SELECT account_id, followers_count FROM accounts
           WHERE platform = 'instagram' AND followers_count > 1_000_000 ORDER BY followers_count"""
    )
    assert followers == [
        ("nashgrier", 10_200_000), ("zoella", 11_100_000), ("jenselter", 11_400_000), ("camerondallas", 20_100_000),
        ("chiaraferragni", 20_400_000), ("hudabeauty", 20_800_000), ("arianagrande", 160_000_000),
        ("kyliejenner", 182_000_000), ("therock", 187_000_000), ("cristiano", 308_000_000),
    ]  # fmt: skip
