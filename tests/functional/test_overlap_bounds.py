"""The bounds of overlaps, as a user sets and finds them."""

import random
from pathlib import Path

import pytest

from flows.run import run
from flows.settings import Settings
from warehouse.published import open_published

LISTS = 60
LEFT_OUT = "overlap_left_out_few_listed_count, overlap_left_out_smaller_count"


def write_lists(folder: Path) -> dict[str, set[int]]:
    chance = random.Random(11)
    lists = {f"a{number:02d}": set(chance.sample(range(400), chance.randrange(2, 90))) for number in range(LISTS)}
    rows = [f"instagram,{account},{member}" for account, members in lists.items() for member in sorted(members)]
    folder.mkdir()
    (folder / "follows.csv").write_text("\n".join(["platform,account_id,follower_id", *rows]) + "\n")
    return lists


def test_whatever_is_left_out_is_counted_where_it_belongs(tmp_path: Path) -> None:
    """Overlaps listed and left out are all there are; the next run with other bounds publishes anew."""
    lists = write_lists(tmp_path / "exports")
    hashes = []
    for listed_min, partners_max in ((40, 7), (1, 7), (40, 100)):
        settings = Settings(
            home=tmp_path / "home", overlap_listed_min=listed_min, overlap_partners_max=partners_max, draw_report=False
        )
        hashes.append(run(tmp_path / "exports", settings).content_hash)
        with open_published(settings.warehouse) as connection:
            told = connection.sql(
                f"SELECT account_id, overlap_count, {LEFT_OUT} FROM audience WHERE time_window = 'all_time'"
            ).fetchall()
            rows = connection.sql("SELECT account_id, count(*) FROM audience_overlap GROUP BY ALL").fetchall()
            listed: dict[str, int] = dict(rows)
            (log,) = connection.sql(
                """SELECT overlap_listed_min, overlap_partners_max, overlap_account_left_out_count
                   FROM run_log ORDER BY run_sequence DESC LIMIT 1"""
            ).fetchall()
        short = sum(len(own) < listed_min for own in lists.values())
        assert log == (listed_min, partners_max, short)
        assert len(told) == LISTS
        for account, count, few, smaller in told:
            own = lists[account]
            partners = [theirs for name, theirs in lists.items() if name != account and own & theirs]
            long_enough = sum(min(len(own), len(theirs)) >= listed_min for theirs in partners)
            assert count == listed.get(account, 0) == min(long_enough, partners_max)
            assert (few, smaller) == (len(partners) - long_enough, long_enough - count)
    assert len(set(hashes)) == len(hashes)


def test_they_are_environment_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWISE_OVERLAP_LISTED_MIN", "12")
    monkeypatch.setenv("TIERWISE_OVERLAP_PARTNERS_MAX", "9")
    bounds = Settings(home=tmp_path).overlap_bounds
    assert (bounds.listed_min, bounds.partners_max) == (12, 9)
    assert (
        Settings.model_fields["overlap_listed_min"].default,
        Settings.model_fields["overlap_partners_max"].default,
    ) == (100, 50)
