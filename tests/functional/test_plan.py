"""`tierwise plan` as a user runs it, on the worked examples of a set of accounts and on what it must refuse."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.command import in_process as tierwise
from warehouse.published import open_published

# Followers of each account: {1, 2, 3}, {1, 4}, {1, 3, 5}, and d the same as a.
LISTS = {"a": (1, 2, 3), "b": (1, 4), "c": (1, 3, 5), "d": (1, 2, 3)}


def write_exports(folder: Path, lists: Mapping[str, Iterable[int]]) -> Path:
    folder.mkdir()
    names = [*lists, "unlisted"]
    accounts = [f"instagram,{name},{name.upper()}_handle,3" for name in names] + ["tiktok,a,A_handle,3"]
    follows = [f"instagram,{name},member{member}" for name, members in lists.items() for member in members]
    # Listed twice, and the account in its own list: neither is one more follower.
    follows += ["instagram,a,member1", "instagram,a,a", "instagram,b,b_handle", "tiktok,a,member1"]
    (folder / "accounts.csv").write_text("\n".join(["platform,account_id,username,followers_count", *accounts]) + "\n")
    (folder / "follows.csv").write_text("\n".join(["platform,account_id,follower_id", *follows]) + "\n")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    run = tierwise("run", write_exports(folder / "exports", LISTS), "--home", folder / "home")
    assert run.exit_code == 0, run.stderr
    return folder / "home"


def planned(home: Path, *accounts: str) -> dict[str, Any]:
    run = tierwise("plan", *accounts, "--home", home, "--json")
    assert run.exit_code == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_the_worked_example_of_three_accounts(home: Path) -> None:
    found = planned(home, "instagram:a", "instagram:b", "instagram:c")
    assert (found["schema_version"], found["unique_reach_count"], found["followers_known_sum"]) == (1, 5, 8)
    assert {row["account_id"]: row["followers_known_count"] for row in found["accounts"]} == {"a": 3, "b": 2, "c": 3}
    assert [row["exclusive_count"] for row in found["accounts"]] == [1, 1, 1]
    assert [row["contribution_share"] for row in found["accounts"]] == [0.2, 0.2, 0.2]
    assert {row["account_id"]: row["exclusive_share_of_own"] for row in found["accounts"]} == {
        "a": pytest.approx(1 / 3), "b": 0.5, "c": pytest.approx(1 / 3)
    }  # fmt: skip
    assert found["exactly"] == [{"set_count": k, "member_count": count} for k, count in ((1, 3), (2, 1), (3, 1))]


def test_the_worked_example_of_two_large_accounts(tmp_path: Path) -> None:
    """10,000 and 20,000 followers, 1,000 of them the same."""
    exports = write_exports(tmp_path / "exports", {"a": range(10_000), "b": range(9_000, 29_000)})
    assert tierwise("run", exports, "--home", tmp_path / "home").exit_code == 0
    found = planned(tmp_path / "home", "instagram:a", "instagram:b")
    assert found["unique_reach_count"] == 29_000
    shares = ("exclusive_count", "exclusive_share_of_own", "contribution_share")
    assert {row["account_id"]: tuple(row[name] for name in shares) for row in found["accounts"]} == {
        "a": (9_000, 0.9, pytest.approx(0.3103, abs=1e-4)),
        "b": (19_000, 0.95, pytest.approx(0.6552, abs=1e-4)),
    }


def test_an_account_like_another_adds_nothing_and_one_named_twice_is_one(home: Path) -> None:
    both = planned(home, "instagram:a", "instagram:@D_Handle")
    assert (both["unique_reach_count"], [row["exclusive_count"] for row in both["accounts"]]) == (3, [0, 0])
    assert planned(home, "@b_handle", "instagram:b", "@B_HANDLE") == planned(home, "instagram:b")


def test_counts_are_those_of_the_warehouse_and_order_is_nothing(home: Path) -> None:
    found = planned(home, *(f"instagram:{name}" for name in LISTS), "tiktok:a")
    assert found == planned(home, "tiktok:a", *(f"instagram:{name}" for name in reversed(LISTS)))
    assert found["unique_reach_count"] == 6  # nobody can tell that a person of one network is one of the other
    with open_published(home / "warehouse.duckdb") as connection:
        rows = connection.execute(
            "SELECT platform, account_id, followers_known_count FROM audience"
            " WHERE time_window = 'all_time' AND followers_known_count > 0"
        ).fetchall()
    assert {(r["platform"], r["account_id"], r["followers_known_count"]) for r in found["accounts"]} == set(rows)


def test_the_table_shows_shares_and_no_member(home: Path) -> None:
    run = tierwise("plan", "instagram:a", "instagram:b", "instagram:c", "--home", home)
    assert run.exit_code == 0, run.stderr
    assert "5 people reached by 3 accounts whose lists add up to 8" in run.stdout
    assert "0.3333" in run.stdout
    assert "member1" not in run.stdout + run.stderr
    # b lists two of its three followers: the third may be anybody.
    assert "lower bound of the people: together the 3 reach between 5 and 6 people" in " ".join(run.stderr.split())
    whole = tierwise("plan", "instagram:a", "instagram:c", "--home", home)
    assert "lower bound" not in whole.stderr


@pytest.mark.parametrize(
    ("account", "code", "says"),
    [
        ("instagram:nobody", 2, "instagram:nobody: there is no such account"),
        ("@nobody", 2, "@nobody: there is no such account"),
        ("tiktok:b", 2, "tiktok:b: there is no such account"),
        ("kim", 2, "'kim' names no account"),
        ("@", 2, "'@' names no account"),
        (":a", 2, "':a' names no account"),
        ("@a_handle", 2, "say which: instagram:a, tiktok:a"),
    ],
)
def test_what_cannot_be_planned_with_is_named(home: Path, account: str, code: int, says: str) -> None:
    run = tierwise("plan", "instagram:b", account, "--home", home)
    assert (run.exit_code, run.stdout) == (code, "")
    assert says in run.stderr
    assert "fix:" in run.stderr
    assert "Traceback" not in run.stderr


def test_an_account_without_a_list_leaves_the_reach_between_two_bounds(home: Path) -> None:
    """a and c list all their followers, four people; whoever has no list adds between none and all of its three."""
    found = planned(home, "instagram:a", "@unlisted_handle", "instagram:c")
    bounds = ("unique_reach_count", "unique_reach_count_low", "unique_reach_count_high")
    assert [found[name] for name in bounds] == [4, 4, 7]
    assert [(row["account_id"], row["added_reach_low"], row["added_reach_high"]) for row in found["unlisted"]] == [
        ("unlisted", 0, 3)
    ]
    assert {row["account_id"]: (row["is_listed"], row["exclusive_count"]) for row in found["accounts"]} == {
        "a": (True, 1), "c": (True, 1), "unlisted": (False, None)
    }  # fmt: skip
    run = tierwise("plan", "instagram:a", "instagram:c", "instagram:unlisted", "--home", home)
    assert (run.exit_code, run.stderr) == (0, "")
    assert "4 people reached by 2 accounts whose lists add up to 6" in run.stdout
    assert "together the 3 reach between 4 and 7 people" in " ".join(run.stdout.split())


def test_no_list_at_all_and_a_partial_one(home: Path) -> None:
    """b names two of its three followers: the third may be anybody."""
    alone, partial = planned(home, "instagram:unlisted"), planned(home, "instagram:b", "instagram:unlisted")
    bounds = ("unique_reach_count", "unique_reach_count_low", "unique_reach_count_high")
    assert [alone[name] for name in bounds] == [0, 3, 3]
    assert [partial[name] for name in bounds] == [2, 3, 6]
    assert ([row["added_reach_low"] for row in alone["unlisted"]], alone["exactly"]) == ([3], [])


def test_a_partial_list_takes_nothing_from_what_the_platform_counts(tmp_path: Path) -> None:
    """On each platform the largest account counts, where that is more than all lists together name."""
    exports = tmp_path / "exports"
    exports.mkdir()
    sizes = ("big", 700), ("small", 90), ("bare", 400)
    accounts = [f"{platform},{name},{size}" for platform in ("x", "y") for name, size in sizes]
    follows = [f"x,big,m{member},false" for member in range(12)] + [f"y,small,m{member},false" for member in range(95)]
    (exports / "accounts.csv").write_text("\n".join(["platform,account_id,followers_count", *accounts]) + "\n")
    (exports / "follows.csv").write_text(
        "\n".join(["platform,account_id,follower_id,is_complete_list", *follows]) + "\n"
    )
    assert tierwise("run", exports, "--home", tmp_path / "home").exit_code == 0
    for asked, low, high in (
        (["x:big"], 700, 700),
        (["x:small"], 90, 90),
        (["y:small"], 95, 95),
        (["x:big", "x:small"], 700, 790),
        (["x:big", "x:bare", "y:small"], 795, 1195),
        (["y:small", "y:bare"], 400, 495),
    ):
        found = planned(tmp_path / "home", *asked)
        assert (found["unique_reach_count_low"], found["unique_reach_count_high"]) == (low, high), asked
    (bare,) = planned(tmp_path / "home", "y:small", "y:bare")["unlisted"]
    assert (bare["added_reach_low"], bare["added_reach_high"]) == (305, 400)


def test_where_followers_are_not_known_there_is_no_upper_bound(tmp_path: Path) -> None:
    exports = write_exports(tmp_path / "exports", {"a": (1, 2)})
    (exports / "posts.csv").write_text("platform,post_id,account_id\ninstagram,p1,hidden\n")
    assert tierwise("run", exports, "--home", tmp_path / "home").exit_code == 0
    found = planned(tmp_path / "home", "instagram:a", "instagram:hidden")
    assert (found["unique_reach_count_low"], found["unique_reach_count_high"]) == (3, None)
    run = tierwise("plan", "instagram:a", "instagram:hidden", "--home", tmp_path / "home")
    assert "between 3 and an unknown number of people" in " ".join(run.stdout.split())


def test_without_a_warehouse_it_says_what_to_do_first(tmp_path: Path) -> None:
    run = tierwise("plan", "instagram:a", "--home", tmp_path / "home")
    assert run.exit_code == 2
    assert "there is no warehouse yet" in run.stderr
    assert not (tmp_path / "home").exists()
