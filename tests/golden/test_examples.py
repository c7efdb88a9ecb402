"""The example exports: made again they are the same, and they show what their README says."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from examples.make_exports import write_exports
from tests.example_home import Examples
from warehouse.published import open_published

EXPORTS = Path(__file__).parents[2] / "examples" / "exports"
BY_HAND = {"sources.toml"}
SCHEME = "scheme = 'article' AND time_window = 'all_time'"


def files_below(folder: Path) -> dict[str, bytes]:
    """Bytes by path. What is packed is compared unpacked: its packed bytes differ between builds of zlib."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: unpacked(name, content) for name, content in found.items()}


def unpacked(name: str, content: bytes) -> bytes:
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return b"".join(part.encode() + parts.read(part) for part in parts.namelist())
    return gzip.decompress(content) if name.endswith(".gz") else content


@pytest.fixture(scope="module")
def warehouse(examples: Examples) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(examples.warehouse) as connection:
        yield connection


def test_the_exports_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    write_exports(tmp_path)
    committed = files_below(EXPORTS)
    assert committed.keys() >= BY_HAND
    assert files_below(tmp_path) == {name: text for name, text in committed.items() if name not in BY_HAND}


def test_the_exports_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXPORTS.rglob("*") if path.is_file()) < 1_500_000


def test_the_readme_tells_of_every_file() -> None:
    text = (EXPORTS.parent / "README.md").read_text(encoding="utf-8")
    told = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    for name in files_below(EXPORTS):
        assert [path for path in told if name == path or (path.endswith("/") and name.startswith(path))], name
    for path in told:
        assert (EXPORTS / path).exists(), path


def test_only_the_broken_file_has_rejects(warehouse: duckdb.DuckDBPyConnection) -> None:
    refused = warehouse.sql("SELECT DISTINCT file FROM load_ledger WHERE rows_rejected > 0 OR verdict <> 'loaded'")
    assert refused.fetchall() == [("broken/posts.csv",)]


def test_the_broken_file_shows_each_common_fault(warehouse: duckdb.DuckDBPyConnection) -> None:
    rejects = warehouse.sql("SELECT line, column_name, value, kept FROM rejected_rows ORDER BY line").fetchall()
    assert rejects == [
        (3, "like_count", "1.7", True),
        (4, "like_count", "NaN", True),
        (5, "like_count", "1.2M", True),
        (6, "like_count", "-4", True),
        (7, "post_id", "1.78E+16", False),
        (8, "published_at", "2026-08-20 10:00:00", True),
        (9, "account_id", None, False),
        (10, None, "instagram,4000000000000000001,17841473533871484,2026-08-20T10:00:00Z,41", False),
    ]
    counted = warehouse.sql("SELECT rows_loaded, cells_rejected FROM load_ledger WHERE file = 'broken/posts.csv'")
    assert counted.fetchall() == [(6, 5)]


def test_every_niche_has_accounts_of_every_tier_on_every_platform(warehouse: duckdb.DuckDBPyConnection) -> None:
    cells = warehouse.sql(
        f"SELECT niche, tier, platform FROM niche_tier_engagement WHERE {SCHEME} AND account_count > 0"
    )
    assert len(set(cells.fetchall())) == 8 * 4 * 3
    assert warehouse.sql("SELECT count(*) >= 300 FROM accounts").fetchall() == [(True,)]
    assert warehouse.sql("SELECT count(*) >= 3000 FROM posts").fetchall() == [(True,)]


def test_engagement_falls_with_size(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Macro and mega lie as close together as in the bands they are made from, so they are not ordered."""
    rates = warehouse.sql(
        f"SELECT platform, tier, engagement_rate_by_followers_mean FROM tier_engagement WHERE {SCHEME}"
    )
    rate = {(platform, tier): mean for platform, tier, mean in rates.fetchall()}
    for platform in ("instagram", "tiktok", "youtube"):
        assert rate[platform, "nano"] > rate[platform, "micro"] > rate[platform, "macro"]
        assert rate[platform, "micro"] > rate[platform, "mega"]


def test_each_kind_of_gap_occurs(warehouse: duckdb.DuckDBPyConnection) -> None:
    reasons = warehouse.sql("SELECT DISTINCT reason FROM account_engagement WHERE reason IS NOT NULL").fetchall()
    assert {"no_posts", "hidden_likes", "no_comments"} <= {reason for (reason,) in reasons}
    assert warehouse.sql("SELECT DISTINCT issue FROM data_quality ORDER BY 1").fetchall() == [
        ("conflicting_observations",),
        ("growth_spike",),
        ("tier_uncertain",),
    ]
    repeats = warehouse.sql("SELECT file, rows_duplicate FROM load_ledger WHERE rows_duplicate > 0").fetchall()
    assert repeats == [("instagram/posts.ndjson", 5)]


def test_the_german_list_reads_as_declared(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Eight in the morning in Berlin is six in UTC, cp1252 keeps its letters, 1.2M has no digit below 100,000."""
    found = warehouse.sql("SELECT * FROM accounts WHERE platform = 'tiktok'").pl()
    assert found.height == 8 * 14
    assert found["observed_at"].dt.to_string().unique().to_list() == ["2026-08-24 06:00:00.000000"]
    assert set(found["country"]) == {"Deutschland", "Österreich"}
    assert found["display_name"].str.ends_with(" für Euch").all()
    assert set(found.filter(tier="mega")["followers_count"] % 100_000) == {0}


def test_the_channel_list_and_the_ranking_tell_of_the_same_channels(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The ranking of June is two percent below the list of August, but for what its short numbers round off."""
    growth = warehouse.sql(
        """
        SELECT a.followers_count / s.followers_count
        FROM accounts AS a JOIN account_snapshots AS s USING (platform, account_id)
        WHERE platform = 'youtube' AND s.observed_at = TIMESTAMP '2026-06-30'
        """
    ).fetchall()
    assert len(growth) == 20
    assert all(0.95 < factor < 1.1 for (factor,) in growth)


def test_handles_are_bare(warehouse: duckdb.DuckDBPyConnection) -> None:
    handles = [name for (name,) in warehouse.sql("SELECT username FROM accounts WHERE username IS NOT NULL").fetchall()]
    assert len(set(handles)) == len(handles) == 3 * 8 * 14
    assert not [name for name in handles if "@" in name or "/" in name]


def test_price_ranges_and_claims_read_as_declared(warehouse: duckdb.DuckDBPyConnection) -> None:
    ranges = warehouse.sql("SELECT * FROM rates WHERE platform = 'tiktok' AND price_min IS NOT NULL").pl()
    assert ranges.height > 20
    assert (ranges["price_min"] < ranges["price_max"]).all()
    claims = warehouse.sql("SELECT value FROM published_metrics WHERE unit = 'ratio' AND value IS NOT NULL").pl()
    assert claims["value"].is_between(0.001, 0.5).all()
    assert claims.height > 40
