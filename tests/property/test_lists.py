"""Lists about accounts against plain Python: topics, creators, hashtags and brands; and that they change no total."""

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.run import run
from flows.settings import Settings
from schemas.columns import polars_schema
from schemas.tables import DATASETS, MARTS
from tests.property.deliveries import SEEDED
from transforms import account_niches, brand_mentions, creators, niche_suggestions, same_handles
from transforms.brands import Brands
from transforms.query_keys import hashed
from warehouse.published import open_published

ACCOUNTS = ["a", "b", "c", "d"]
TIMES = [None, datetime(2026, 3, 1), datetime(2026, 5, 1)]
UNDATED = datetime(1, 1, 1)
TEXTS = {
    "food": ["food"],
    "Food; travelling": ["food", "travel"],
    "travel|food,tea": ["travel", "food", "tea"],
    ";tea": ["tea"],
    "n/a": [],
    "unknown; tea": ["tea"],
}
Rows = list[dict[str, Any]]


def dataset(name: str, rows: Rows) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema=polars_schema(DATASETS[name]), orient="row")


def accounts_of(rows: Rows) -> pl.DataFrame:
    """Rows of the mart `accounts` with what is given."""
    blank = dict.fromkeys(polars_schema(MARTS["accounts"]).names())
    known = [blank | {"niche": "unknown", "niche_basis": "none"} | row for row in rows]
    return pl.DataFrame(known, schema=polars_schema(MARTS["accounts"]), orient="row")


niche_rows = st.lists(
    st.fixed_dictionaries(
        {
            "platform": st.just("instagram"),
            "account_id": st.sampled_from(ACCOUNTS),
            "username": st.none(),
            "niche": st.sampled_from(sorted(TEXTS)),
            "observed_at": st.sampled_from(TIMES),
        }
    ),
    max_size=12,
)


@SEEDED
@given(niche_rows, st.randoms())
def test_the_newest_list_that_names_a_topic_decides(rows: Rows, chance: Any) -> None:
    listed = account_niches.rows_to_listed(dataset("niches", rows))
    deciding = account_niches.decided(listed)
    table = accounts_of([{"platform": "instagram", "account_id": name} for name in ACCOUNTS])
    found = account_niches.with_listed(table, deciding)
    mart = account_niches.to_account_niches(table, listed, deciding).collect()

    by_account: dict[str, Rows] = defaultdict(list)
    for row in rows:
        by_account[row["account_id"]].append(row)
    conflicts = set()
    for name, niche, basis in found.select("account_id", "niche", "niche_basis").iter_rows():
        telling = [row for row in by_account[name] if TEXTS[row["niche"]]]
        newest = max((row["observed_at"] or UNDATED for row in telling), default=None)
        last = [row["niche"] for row in telling if (row["observed_at"] or UNDATED) == newest]
        assert (niche, basis) == ((TEXTS[max(last)][0], "listed") if last else ("unknown", "none"))
        if len({TEXTS[text][0] for text in last}) > 1:
            conflicts.add(name)
        main = mart.filter((pl.col("account_id") == name) & pl.col("is_main"))
        assert main.get_column("niche").to_list() == ([niche] if last else [])
    assert set(account_niches.decided_to_conflicts(deciding).collect().get_column("account_id")) == conflicts
    # Every topic of every row is there, and nothing else.
    wanted = {
        (row["account_id"], topic, row["observed_at"]) for row in rows for topic in TEXTS[row["niche"]] or ["unknown"]
    }
    assert set(mart.select("account_id", "niche", "observed_at").iter_rows()) == wanted
    assert mart.height == len(wanted)
    again = account_niches.decided(account_niches.rows_to_listed(dataset("niches", chance.sample(rows, len(rows)))))
    assert again.sort("account_id").equals(deciding.sort("account_id"))


creator_rows = st.lists(
    st.fixed_dictionaries(
        {
            "creator": st.sampled_from(["Oat Leaf", " oat  leaf", "Rye", "Elm"]),
            "platform": st.sampled_from(["instagram", "tiktok"]),
            "account_id": st.sampled_from(ACCOUNTS),
            "username": st.none(),
        }
    ),
    max_size=10,
)
followers = st.fixed_dictionaries(
    {(platform, name): st.none() | st.integers(0, 900) for platform in ("instagram", "tiktok") for name in ACCOUNTS[:3]}
)


@SEEDED
@given(creator_rows, followers)
def test_followers_of_a_creator_are_those_of_accounts_that_are_no_other_s(
    rows: Rows, known: dict[tuple[str, str], int | None]
) -> None:
    owners = creators.rows_to_owners(dataset("creators", rows))
    table = accounts_of([{"platform": p, "account_id": a, "followers_count": count} for (p, a), count in known.items()])
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        name = " ".join(row["creator"].split())
        named[row["platform"], row["account_id"]].add("Oat Leaf" if name.lower() == "oat leaf" else name)
    people = {person for those in named.values() for person in those}
    shown = {person: _spelt(person, rows) for person in people}
    found = {row["creator"]: row for row in creators.owners_to_creators(owners, table).to_dicts()}
    assert found.keys() == set(shown.values())
    for person in people:
        own = [account for account, those in named.items() if those == {person}]
        counts = [known[account] for account in own if known.get(account) is not None]
        row = found[shown[person]]
        assert row["account_count"] == len(own)
        assert row["disputed_account_count"] == sum(person in those and len(those) > 1 for those in named.values())
        assert row["followers_count_upper_bound"] == (sum(counts) if counts else None)  # type: ignore[arg-type]
        assert row["platforms"] == (", ".join(sorted({platform for platform, _ in own})) or None)
    with_them = creators.with_creators(table, owners)
    assert with_them.get_column("followers_count").sum() == table.get_column("followers_count").sum()
    for platform, account, creator in with_them.select("platform", "account_id", "creator").iter_rows():
        those = named.get((platform, account), set())
        assert creator == (shown[next(iter(those))] if len(those) == 1 else None)
    asked = creators.owners_to_disputes(owners).collect()
    assert asked.height == sum(len(those) > 1 for those in named.values())


def _spelt(person: str, rows: Rows) -> str:
    """The first of the ways in which a name is written."""
    written = (" ".join(row["creator"].split()) for row in rows)
    return min(name for name in written if name.lower() == person.lower())


posts = st.lists(
    st.tuples(
        st.sampled_from(["f1", "f2", "t1", "t2", "u1", "u2"]),
        st.lists(st.sampled_from(["#Cake", "#cake", "#beach", "#tea", "#ad", "cake"]), max_size=3),
    ),
    max_size=30,
)
NICHE_OF = {"f1": "food", "f2": "food", "t1": "travel", "t2": "travel", "u1": "unknown", "u2": "unknown"}


@SEEDED
@given(posts)
def test_suggested_topics_are_those_of_hashtags_that_others_use(posts: list[tuple[str, list[str]]]) -> None:
    table = accounts_of(
        [{"platform": "instagram", "account_id": name, "niche": niche} for name, niche in NICHE_OF.items()]
    )
    frame = pl.DataFrame(
        [("instagram", f"p{n}", account, " ".join(words)) for n, (account, words) in enumerate(posts)],
        schema=["platform", "post_id", "account_id", "caption"], orient="row",
    ).cast(pl.String)  # fmt: skip
    measured = frame.lazy().select("post_id", hashed(["platform", "account_id"]))
    found = niche_suggestions.texts_to_suggestions(frame.lazy(), measured, table)

    tags = [({w.lower() for w in words if w.startswith("#")} - {"#ad"}, account) for account, words in posts]
    users: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for own, account in tags:
        for tag in own:
            users[tag][NICHE_OF[account]].add(account)
    speaks: dict[str, str] = {}
    for tag, by_niche in users.items():
        labelled = {niche: those for niche, those in by_niche.items() if niche != "unknown"}
        total = sum(map(len, labelled.values()))
        for niche, those in labelled.items():
            if len(those) >= 2 and 3 * len(those) >= 2 * total:
                speaks[tag] = niche
    wanted = {}
    for name in ("u1", "u2"):
        own_posts = [own for own, account in tags if account == name and own]
        counts = {n: sum(any(speaks.get(t) == n for t in own) for own in own_posts) for n in ("food", "travel")}
        for niche, count in counts.items():
            if count:
                is_first = all(count > other for n, other in counts.items() if n != niche)
                suggested = is_first and count >= 3 and count / len(own_posts) >= 0.5
                wanted[name, niche] = (count, len(own_posts), count / len(own_posts), suggested)
    columns = ["explained_post_count", "hashtag_post_count", "explained_share", "is_suggested"]
    assert {(row["account_id"], row["niche"]): tuple(row[c] for c in columns) for row in found.to_dicts()} == wanted
    told = {tag for text in found.get_column("hashtags") for tag in text.split()}
    assert told <= speaks.keys()


BRANDS = [("Tea House", "tea.shop"), ("Tea House", "tea_shop"), ("Cup", "cups"), ("Mug", "cups")]


@SEEDED
@given(st.lists(st.lists(st.sampled_from(["tea.shop", "tea_shop", "cups", "mug", "else"]), max_size=3), max_size=8))
def test_a_brand_is_counted_once_in_a_post_whatever_it_is_called(posts: list[list[str]]) -> None:
    table = accounts_of([{"platform": "instagram", "account_id": "a"}])
    rows = [{"brand": brand, "alias": f"@{alias}"} for brand, alias in BRANDS]
    blank = dict.fromkeys(polars_schema(DATASETS["brands"]).names())
    brands = Brands.of(dataset("brands", [blank | row for row in rows]), table)
    frame = pl.DataFrame(
        [("instagram", f"p{n}", " ".join(f"@{name}" for name in names), None) for n, names in enumerate(posts)],
        schema=dict.fromkeys(["platform", "post_id", "caption", "sponsors"], pl.String), orient="row",
    )  # fmt: skip
    keyed = frame.with_columns(pl.lit("a").alias("account_id"))
    measured = keyed.select(
        "post_id",
        hashed(["platform", "account_id"]),
        pl.lit(None, pl.Datetime("us")).alias("published_at"),
        pl.lit(value=False).alias("is_sponsored"),
        pl.lit(value=False).alias("is_gifted"),
    )
    engagement = pl.DataFrame(
        {"platform": ["instagram"], "account_id": ["a"], "time_window": ["all_time"], "post_count": [len(posts)]}
    )
    found = brand_mentions.texts_to_brand_mentions(frame.lazy(), measured.lazy, table, engagement.lazy(), brands)
    called = {"tea.shop": "Tea House", "tea_shop": "Tea House", "mug": "Mug"}
    counts: dict[str, int] = defaultdict(int)
    for names in posts:
        # `cups` is a name of two brands and stands for itself; one account alone names it, and `else`.
        for brand in {called[name] for name in names if name in called}:
            counts[brand] += 1
    assert dict(found.select("brand", "post_count").iter_rows()) == dict(counts)


def test_equal_handles_are_told_up_to_a_number_and_the_rest_are_counted() -> None:
    told = same_handles.HANDLES_TOLD
    rows = [
        {"platform": platform, "account_id": f"{platform}{n}", "username": f"Name{n}", "followers_count": n}
        for platform in ("instagram", "tiktok")
        for n in range(told + 7)
    ]
    found = same_handles.accounts_to_same_handles(accounts_of(rows)).collect()
    assert found.height == told + 1
    (rest,) = found.filter(pl.col("account_id").is_null()).get_column("detail")
    assert rest == "7 more handles are on several networks"
    least = found.drop_nulls("account_id").get_column("account_id").str.extract(r"(\d+)").cast(pl.Int64).min()
    assert least == 7, "those with most followers"


ACCOUNTS_CSV = """platform,account_id,username,niche,followers_count,observed_at
instagram,i1,oat,food,1200,2026-08-01T00:00:00Z
instagram,i2,rye,,900,2026-08-01T00:00:00Z
tiktok,t1,oat,tea,5000,2026-08-01T00:00:00Z
"""
LISTS = {
    "niches.csv": "platform,account_id,niche,observed_at\ninstagram,i2,travel,2026-03-01\ninstagram,no,tea,2027-01-01\n",
    "creators.csv": "creator,instagram,tiktok,youtube\nOat,i1,t1,\nRye,i2,,nowhere\n",
    "brands.csv": "brand,alias\nTea House,tea.shop\n",
}


def totals(home: Path) -> list[tuple[Any, ...]]:
    with open_published(home / "warehouse.duckdb") as connection:
        return connection.sql(
            "SELECT platform, time_window, sum(account_listed_count), sum(followers_count_sum) "
            "FROM niche_engagement GROUP BY ALL UNION ALL SELECT platform, '', count(*), sum(followers_count) "
            "FROM accounts GROUP BY ALL ORDER BY ALL"
        ).fetchall()


@pytest.mark.parametrize("first", [*LISTS, "accounts.csv"])
def test_lists_change_no_total_and_may_come_before_what_they_are_about(first: str, tmp_path: Path) -> None:
    files = {"accounts.csv": ACCOUNTS_CSV, **LISTS}
    exports, settings = tmp_path / "exports", Settings(home=tmp_path / "late", draw_report=False)
    exports.mkdir()
    (exports / first).write_text(files[first], encoding="utf-8")
    run(exports, settings)
    for name, text in files.items():
        (exports / name).write_text(text, encoding="utf-8")
    late = run(exports, settings)
    at_once = run(exports, Settings(home=tmp_path / "once", draw_report=False))
    assert late.content_hash == at_once.content_hash
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "accounts.csv").write_text(ACCOUNTS_CSV, encoding="utf-8")
    run(alone, Settings(home=tmp_path / "without", draw_report=False))
    assert totals(tmp_path / "once") == totals(tmp_path / "without")
