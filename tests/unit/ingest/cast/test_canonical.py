"""What a header is taken for where no declaration says so: datasets in a fixed order, and creators by network."""

from collections.abc import Mapping

import polars as pl
import pytest

from ingest.cast.canonical import canonical_dataset, canonical_load, creators_by_platform
from ingest.cast.mapping import plan_of
from ingest.cast.rows import Batch, read_batch
from ingest.vendor_tables.registry import known_tables
from schemas.sources import RECORD, Source
from schemas.vendor_tables import KnownTable


@pytest.mark.parametrize(
    ("header", "dataset"),
    [
        # The account by a handle, where there is no id.
        ("platform username followers_count", "accounts"),
        ("platform username niche followers_count", "accounts"),
        ("platform post_id username like_count", "posts"),
        ("platform username price currency", "rates"),
        ("platform username price_min price_max", "rates"),
        ("platform username metric value", "published_metrics"),
        # In lists of members it may be either side.
        ("platform username follower_id", None),
        ("platform account_id niche", "niches"),
        ("platform username niche observed_at", "niches"),
        ("platform account_id username display_name niche", "niches"),
        ("creator platform account_id", "creators"),
        ("creator platform username", "creators"),
        ("brand platform username", "brands"),
        ("brand alias", "brands"),
        ("brand", None),
        ("creator platform", None),
        # What another dataset has the columns of is no list.
        ("platform account_id niche price", "rates"),
        ("platform account_id niche observed_at price", "rates"),
        ("creator platform account_id followers_count", "accounts"),
        ("platform account_id niche follower_id", "follows"),
        # A tie is asked about, as it always was.
        ("creator platform username niche", None),
        ("platform account_id post_id username followers_count", None),
        ("platform account_id post_id username display_name followers_count", "accounts"),
    ],
)
def test_the_dataset_of_a_header(header: str, dataset: str | None) -> None:
    assert canonical_dataset(header.split()) == dataset
    assert canonical_dataset(list(reversed(header.split()))) == dataset


@pytest.mark.parametrize("table", known_tables(), ids=lambda table: f"{table.title} {table.header[0]}")
def test_a_known_table_stays_one_with_a_platform_beside_it(table: KnownTable) -> None:
    assert canonical_dataset([*table.header, "platform"], is_table=True) is None


@pytest.mark.parametrize(
    ("header", "platforms"),
    [
        ("creator,instagram,tiktok,youtube", ["instagram", "tiktok", "youtube"]),
        ("Creator,IG,TikTok,YouTube,Twitter", ["instagram", "tiktok", "youtube", "x"]),
        ("creator,twitch", ["twitch"]),
        ("creator", []),
        ("name,instagram,tiktok", []),
        ("instagram,creator", []),
        ("creator,instagram,followers", []),
        ("creator,instagram,ig", []),
        ("creator,instagram,myspace", []),
        ("", []),
    ],
)
def test_a_column_for_each_network(header: str, platforms: list[str]) -> None:
    loads = creators_by_platform(header.split(","))
    assert [load.columns["platform"].value for load in loads] == platforms


def read(dataset: str, *rows: Mapping[str, str | None]) -> Batch:
    header = list(rows[0])
    raw = pl.DataFrame(list(rows), schema=dict.fromkeys(header, pl.String)).with_row_index(RECORD, 1)
    return read_batch(raw, plan_of(canonical_load(dataset, header), Source(files="a.csv"), header, raw))


@pytest.mark.parametrize(
    ("username", "account"),
    [
        ("@Oat.Leaf", "oat.leaf"),
        ("https://www.instagram.com/Oat.Leaf/?hl=en", "oat.leaf"),
        ("oat.leaf\u200b", "oat.leaf"),
        ("12345678", "@12345678"),
        ("Oat Leaf", None),
        ("", None),
        (None, None),
    ],
)
def test_an_account_named_by_its_handle(username: str | None, account: str | None) -> None:
    batch = read("rates", {"platform": "instagram", "username": username, "price": "3"})
    assert batch.rows.get_column("account_id").to_list() == ([account] if account else [])
    assert batch.rejects.height == (account is None)


def test_what_is_no_handle_is_shown_with_what_is_one() -> None:
    (reject,) = read("niches", {"platform": "instagram", "username": "Oat Leaf", "niche": "tea"}).rejects.to_dicts()
    assert (reject["column_name"], reject["value"]) == ("username", "Oat Leaf")
    assert reject["rule"] == "account_id: not a handle"


def test_a_blank_id_is_filled_from_the_handle_and_any_other_stays_as_it_stands() -> None:
    rows = [
        {"platform": "tiktok", "account_id": account, "username": name, "followers_count": "3"}
        for account, name in (("MS4wLjAB", "@One"), ("", "@Two"), (None, "three"), (" ", "4444"), ("@Five", "six"))
    ]
    batch = read("accounts", *rows)
    assert batch.rows.get_column("account_id").to_list() == ["MS4wLjAB", "two", "three", "@4444", "@Five"]
    assert batch.rows.get_column("username").to_list() == ["@One", "@Two", "three", "4444", "six"]


def test_lists_take_ids_as_they_stand_and_addresses_and_handles_bare() -> None:
    cells = ("UC0123456789abcdefghijkl", "MS4wLjAB", "@Oat.Leaf", "youtube.com/@Oat", "1784")
    batch = read("creators", *({"creator": "Oat", "platform": "youtube", "account_id": cell} for cell in cells))
    assert batch.rows.get_column("account_id").to_list() == [
        "UC0123456789abcdefghijkl", "MS4wLjAB", "oat.leaf", "oat", "1784",
    ]  # fmt: skip
