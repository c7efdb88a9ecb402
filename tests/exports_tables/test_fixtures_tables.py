"""Ranking lists, price sheets and edge lists of other hands give what is written beside them; skipped where they are not."""

import polars as pl

from tests.exports_tables.test_fixtures import command, deliver, delivery
from tests.rejected.delivery import Delivery
from warehouse.lake.ledger import Lake

__all__ = ["command", "delivery"]


def tuples(delivery: Delivery, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in delivery.rows(sql)]


def issues(delivery: Delivery) -> list[tuple[object, ...]]:
    return tuples(delivery, "SELECT account_id, issue, detail FROM data_quality ORDER BY ALL")


STARNGAGE = """
[[source]]
files = "ranking.csv"
constants = { platform = "instagram" }

[[source.load]]
dataset = "accounts"
columns.account_id = { from = "Influencer", key = "handle" }
columns.display_name = { from = "Influencer", part = "name" }
columns.niche = { from = "Category", labels = LABELS }
columns.followers_count = { from = "Followers", number = "suffix" }
columns.country = "Country"

[[source.load]]
dataset = "published_metrics"
columns.account_id = { from = "Influencer", key = "handle" }
columns.metric = { value = "engagement_rate_by_followers" }
columns.value = { from = "Engagement Rate", number = "percent", null_words = ["-"] }
columns.unit = { value = "ratio" }
"""
LABELS = '["Beauty", "Books", "Food & Drink", "Lifestyle", "Modeling"]'


def test_starngage(delivery: Delivery) -> None:
    deliver(delivery, "starngage", "ranking.csv", declared=STARNGAGE.replace("LABELS", LABELS))
    told = "account_id, display_name, followers_count, niche, niche_raw, country"
    assert tuples(delivery, f"SELECT {told} FROM accounts ORDER BY ALL") == [
        ("kestrel.demo", "Kestrel, the 2nd", 1_200_000, "food & drink", "Food & Drink", None),
        ("marlow.demo", "Marlow Demo", 67_000_000, "books", "Books; Lifestyle; Modeling", "Germany"),
        ("nameless_demo", None, 980_500, "beauty", "Beauty", "Brazil"),
    ]
    assert tuples(delivery, "SELECT account_id, value FROM published_metrics ORDER BY ALL") == [
        ("kestrel.demo", 0.009),
        ("marlow.demo", 0.0165),
        ("nameless_demo", None),
    ]
    assert issues(delivery) == []
    assert delivery.rejects() == []


def test_starngage_with_a_label_that_is_not_declared(delivery: Delivery) -> None:
    declared = STARNGAGE.replace("LABELS", '["Beauty", "Books", "Food & Drink", "Modeling"]')
    deliver(delivery, "starngage", "ranking.csv", declared=declared)
    assert ("marlow.demo", "unknown") in tuples(delivery, "SELECT account_id, niche FROM accounts")
    assert issues(delivery) == [
        ("marlow.demo", "niche_not_read", "no topic is known by BooksLifestyleModeling"),
    ]
    assert delivery.rejects() == []


PRICES = """
[[source]]
files = "prices.csv"
number = "prices"
constants = { platform = "instagram" }

[[source.load]]
dataset = "rates"
columns.account_id = { from = "handle", key = "handle" }
columns.media_type = "post_type"
columns.price = { from = "price", part = "amount", request_words = ["on request"] }
columns.price_min = { from = "price", part = "low" }
columns.price_max = { from = "price", part = "high" }
columns.currency = { from = "price", part = "currency" }
columns.quoted_on = "valid_from"
columns.source = "source"
"""


def quotes(delivery: Delivery, account: str) -> list[tuple[object, ...]]:
    told = "currency, price::DOUBLE, price_min::DOUBLE, price_max::DOUBLE, compensation"
    return tuples(delivery, f"SELECT {told} FROM rates WHERE account_id = '{account}' ORDER BY ALL")


def test_price_sheet(delivery: Delivery) -> None:
    deliver(delivery, "price_sheet", "prices.csv", declared=PRICES)
    dated = "SELECT currency, price::INT, quoted_on::VARCHAR, source, is_newest FROM rates WHERE account_id = '{}' ORDER BY ALL"
    assert tuples(delivery, dated.format("marlow.demo")) == [
        ("USD", 17_500, "2026-01-01", "sheet B", True),
        ("USD", 18_000, "2026-01-01", "sheet A", True),
    ]
    assert tuples(delivery, dated.format("kestrel.demo")) == [
        ("USD", 1_000_000, "2026-07-01", "sheet B", True),
        ("USD", 1_200_000, "2026-01-01", "sheet A", False),
    ]
    assert quotes(delivery, "willow_demo") == [("USD", 986_000, None, None, "cash")]
    assert quotes(delivery, "reed_demo") == [("USD", 59_700, None, None, "cash")]
    assert quotes(delivery, "moss.demo") == [("EUR", 1500.5, None, None, "cash")]
    assert quotes(delivery, "fern.demo") == [("GBP", None, 2000, 3500, "cash")]
    assert quotes(delivery, "alder_demo") == [(None, None, None, None, "on_request")]
    assert quotes(delivery, "linde_demo") == [(None, 0, None, None, "cash")]
    assert quotes(delivery, "tarn_demo") == [(None, 500, None, None, "cash")]
    assert issues(delivery) == [
        ("linde_demo", "price_without_currency", "post: 0.00 (sheet A)"),
        ("linde_demo", "price_zero", "post: 0.00 (sheet A)"),
        ("marlow.demo", "conflicting_prices", "post: USD 17500.00 (sheet B) / USD 18000.00 (sheet A)"),
        ("tarn_demo", "price_without_currency", "post: 500.00 (sheet A)"),
    ]
    assert delivery.rejects() == []


def test_price_sheet_with_a_default_currency(delivery: Delivery) -> None:
    deliver(
        delivery, "price_sheet", "prices.csv", declared=PRICES.replace('"currency" }', '"currency", default = "USD" }')
    )
    assert quotes(delivery, "tarn_demo") == [("USD", 500, None, None, "cash")]
    assert quotes(delivery, "moss.demo") == [("EUR", 1500.5, None, None, "cash")]
    assert {issue for _, issue, _ in issues(delivery)} == {"price_zero", "conflicting_prices"}


TWINS = """
[[source]]
files = "suffix_twins.csv"
number = "suffix"
null_words = ["N/A", "N/A'", "nan", "-", "#VALOR!", "NaN%"]
constants = { platform = "instagram", observed_at = "2026-08-01T00:00:00Z" }

[[source.load]]
dataset = "accounts"
columns.account_id = { position = 2, key = "handle" }
columns.followers_count = { position = 3 }
columns.niche = { from = "category_1", also = ["category_2"], words = { "Sports with a ball" = "Sports" } }
columns.country = "country"
"""
FIGURE = """
[[source.load]]
dataset = "published_metrics"
columns.account_id = {{ position = 2, key = "handle" }}
columns.metric = {{ value = "{}" }}
columns.value = {{ position = {}, number = "{}" }}
columns.source = {{ value = "{}" }}
"""
FIGURES = [
    ("followers_count", 3, "suffix", "list"),
    ("followers_count", 4, "plain", "twin"),
    ("engagement_count_mean", 5, "suffix", "list"),
    ("engagement_count_mean", 6, "plain", "twin"),
    ("engagement_rate_by_followers", 7, "percent", "list"),
]


def test_ranking_list_with_suffixes_and_their_numeric_twins(delivery: Delivery) -> None:
    declared = TWINS + "".join(FIGURE.format(*figure) for figure in FIGURES)
    deliver(delivery, "ranking_lists", "suffix_twins.csv", declared=declared)
    assert delivery.rejects() == []
    told = "account_id, followers_count, niche, niche_raw, country"
    assert tuples(delivery, f"SELECT {told} FROM accounts ORDER BY ALL") == [
        ("kestrel.demo", 890, "sports", "Sports; Family", None),
        ("marlow.demo", 476_000_000, "music", "Music", "Spain"),
        ("reed_demo", 1_200_000, "unknown", "https://lists.example/top-1000", None),
        ("willow_demo", 29_000_000_000, "unknown", None, None),
    ]
    assert issues(delivery) == [
        ("marlow.demo", "conflicting_observations", "475800000 / 476000000"),
        ("reed_demo", "niche_not_read", "no topic is known by https://lists.example/top-1000"),
    ]
    figures = "SELECT account_id, value FROM published_metrics WHERE source = 'list' AND metric = '{}' ORDER BY ALL"
    assert tuples(delivery, figures.format("engagement_rate_by_followers")) == [
        ("kestrel.demo", None),
        ("marlow.demo", 0.0139),
        ("marlow.demo", 0.014),
        ("reed_demo", 0.005),
        ("willow_demo", None),
    ]
    assert tuples(delivery, figures.format("engagement_count_mean")) == [
        ("kestrel.demo", 12),
        ("marlow.demo", 6_400_000),
        ("marlow.demo", 6_500_000),
        ("reed_demo", None),
        ("willow_demo", None),
    ]
    by_source = "SELECT metric, account_id, value FROM published_metrics WHERE source = '{}' ORDER BY ALL"
    listed, twins = (set(tuples(delivery, by_source.format(source))) for source in ("list", "twin"))
    assert twins - listed == {("engagement_count_mean", "reed_demo", 0)}, "the twin of a blank"


LISTS = """
[[source]]
files = "junk_first_line.csv"
encoding = "cp1252"
skip_lines = 1
constants = { platform = "instagram" }

[[source.load]]
dataset = "accounts"
columns.account_id = { from = "Username", key = "handle" }
columns.display_name = "Name"
columns.followers_count = { from = "Follower Count", number = "suffix" }

[[source]]
files = "rule_line.tsv"
delimiter = "\\t"
constants = { platform = "instagram" }

[[source.load]]
dataset = "accounts"
columns.account_id = { from = "Handle", key = "handle" }
columns.niche = { from = "Niche", labels = ["food", "travel"] }
columns.followers_count = "#Followers"
columns.follows_count = "#Following"
columns.media_count = "#Posts"
"""


def test_ranking_list_with_junk_in_its_first_line(delivery: Delivery) -> None:
    deliver(delivery, "ranking_lists", "junk_first_line.csv", declared=LISTS)
    assert tuples(delivery, "SELECT account_id, display_name, followers_count FROM accounts ORDER BY ALL") == [
        ("kiss_demo", "??????? ??????", 3_100_000),
        ("nike_demo", "Niké Demo", 266_300),
        ("the_demos", "The Demo\u2019s ??", 10_400_000),
    ]
    assert issues(delivery) == [
        ("kiss_demo", "name_damaged", "letters are lost in ??????? ??????"),
        ("the_demos", "name_damaged", "letters are lost in The Demo\u2019s ??"),
    ]
    assert delivery.rejects() == []


def test_ranking_list_in_an_undeclared_encoding_is_not_read(delivery: Delivery) -> None:
    deliver(delivery, "ranking_lists", "junk_first_line.csv", declared=LISTS.replace('encoding = "cp1252"\n', ""))
    assert delivery.refusals() == {"junk_first_line.csv": "encoding"}


def test_ranking_list_with_a_line_drawn_below_its_header(delivery: Delivery) -> None:
    deliver(delivery, "ranking_lists", "rule_line.tsv", declared=LISTS)
    told = "account_id, niche, followers_count, follows_count, media_count"
    assert tuples(delivery, f"SELECT {told} FROM accounts ORDER BY ALL") == [
        ("kestrel.demo", "unknown", 20_400, 88, 410),
        ("marlow.demo", "food", 2040, 310, 57),
    ]
    assert [(row["line"], row["rule"]) for row in delivery.rejects()] == [(2, "a line drawn between records")]
    assert issues(delivery) == [("kestrel.demo", "niche_not_read", "no topic is known by tarvel")]


def test_the_misspelt_niche_can_be_mapped(delivery: Delivery) -> None:
    mapped = LISTS.replace('"Niche", labels', '"Niche", words = { tarvel = "travel" }, labels')
    deliver(delivery, "ranking_lists", "rule_line.tsv", declared=mapped)
    assert ("kestrel.demo", "travel") in tuples(delivery, "SELECT account_id, niche FROM accounts")
    assert issues(delivery) == []


PAGE_POSTS = """
[[source]]
files = "semicolon.csv"
delimiter = ";"
constants = { platform = "facebook", account_id = "demo_page" }

[[source.load]]
dataset = "posts"
columns.post_id = { key = "row_hash" }
columns.media_type = "Type"
columns.is_sponsored = "Paid"
columns.comment_count = "comment"
columns.like_count = "like"
columns.share_count = "share"
columns.followers_count = "Page total likes"

[[source.load]]
dataset = "published_metrics"
columns.post_id = { key = "row_hash" }
columns.metric = { value = "interaction_count" }
columns.value = "Total Interactions"
"""


def test_posts_between_semicolons(delivery: Delivery) -> None:
    deliver(delivery, "ranking_lists", "semicolon.csv", declared=PAGE_POSTS)
    told = (
        "is_sponsored, comment_count, like_count, share_count, value, published_at, round(value / followers_count, 6)"
    )
    joined = f"SELECT {told} FROM posts JOIN published_metrics USING (platform, account_id, post_id) ORDER BY value"
    assert tuples(delivery, joined) == [
        (None, 0, None, None, 0, None, 0),
        (False, 4, 79, 17, 100, None, 0.000717),
        (True, 5, 130, 29, 164, None, 0.001176),
    ]
    counted = "coalesce(comment_count, 0) + coalesce(like_count, 0) + coalesce(share_count, 0)"
    assert delivery.rows(
        f"SELECT count(*) AS disagreeing FROM posts JOIN published_metrics USING (post_id) WHERE {counted} != value"
    ) == [{"disagreeing": 0}]
    assert delivery.rejects() == []


EDGES = """
[[source]]
files = "edges.tsv"
delimiter = "\\t"
header = false
members = "pseudonyms"
constants = { platform = "facebook" }

[[source.load]]
dataset = "follows"
undirected = UNDIRECTED
columns.follower_id = { position = 1 }
columns.account_id = { position = 2 }

[[source]]
files = "nodes.csv"
header = false
constants = { platform = "facebook" }

[[source.load]]
dataset = "accounts"
columns.account_id = { position = 1 }
columns.niche = { position = 2 }
"""
DEGREES = """SELECT account_id, coalesce(followers_known_count, 0) FROM accounts LEFT JOIN audience USING (platform, account_id)
             WHERE coalesce(time_window, 'all_time') = 'all_time' ORDER BY ALL"""

NODE_9 = [("9", "account_not_described", "in lists of followers alone: nothing else is known of it")]


def distinct_edges(delivery: Delivery) -> int:
    lake = Lake.open(delivery.home / "lake")
    paths = [lake.root / segment.path for segment in lake.segments("follows")]
    return pl.concat(pl.read_parquet(path) for path in paths).unique(["account_key", "member_key"]).height


def test_edge_list_with_a_direction(delivery: Delivery) -> None:
    deliver(delivery, "edge_list", "edges.tsv", "nodes.csv", declared=EDGES.replace("UNDIRECTED", "false"))
    read = {row["file"]: row["rows_read"] for row in delivery.ledger()}
    assert (read["edges.tsv"], read["nodes.csv"]) == (6, 5), "the first line is data"
    assert distinct_edges(delivery) == 5
    assert tuples(delivery, DEGREES) == [("1", 1), ("2", 1), ("3", 1), ("4", 0), ("5", 0), ("9", 1)], "no self-loop"
    assert issues(delivery) == NODE_9


def test_edge_list_without_directions(delivery: Delivery) -> None:
    deliver(delivery, "edge_list", "edges.tsv", "nodes.csv", declared=EDGES.replace("UNDIRECTED", "true"))
    assert tuples(delivery, DEGREES) == [("1", 2), ("2", 1), ("3", 1), ("4", 1), ("5", 0), ("9", 1)]
    assert distinct_edges(delivery) == 7, "1-2, 1-3 and 4-9 both ways, and 3-3"
    assert tuples(delivery, "SELECT account_id, niche FROM accounts ORDER BY ALL") == [
        ("1", "tvshow"),
        ("2", "company"),
        ("3", "company"),
        ("4", "politician"),
        ("5", "government"),
        ("9", "unknown"),
    ]
    assert issues(delivery) == NODE_9
