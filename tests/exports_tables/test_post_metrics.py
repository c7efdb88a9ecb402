"""Figures that are delivered apart from their posts: whose they become, and when they do not."""

import pytest

from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
POSTS = "platform,post_id,account_id,media_type,like_count,comment_count,share_count,observed_at\n"
DECLARED = """
[[source]]
files = "figures.csv"

[[source.load]]
dataset = "post_metrics"
"""
COLUMNS = (
    "platform", "post_id", "like_count", "comment_count", "reach_count", "photo_video_reach_count",
    "carousel_reach_count", "reel_reach_count", "story_reach_count", "reel_like_count", "observed_at",
)  # fmt: skip


def figures(delivery: Delivery, *rows: str) -> None:
    """Figures below the names of the dataset's own columns."""
    delivery.put("figures.csv", "\n".join([",".join(COLUMNS), *rows, ""]))
    delivery.put("sources.toml", DECLARED + "".join(f'columns.{name} = "{name}"\n' for name in COLUMNS))


def post(delivery: Delivery) -> dict[str, object]:
    (row,) = delivery.rows(
        "SELECT like_count, comment_count, share_count, reach_count, strftime(observed_at, '%m-%d') AS day FROM posts"
    )
    return row


@pytest.mark.parametrize(
    ("kind", "likes", "reach"),
    [
        ("image", None, 1),
        ("video", None, 1),
        ("carousel", None, 2),
        ("reel", 9, 3),
        ("story", None, 4),
        ("", None, None),
    ],
)
def test_only_figures_of_the_posts_own_kind_are_its_own(
    delivery: Delivery, kind: str, likes: int | None, reach: int | None
) -> None:
    delivery.put("posts.csv", POSTS + f"instagram,1,a,{kind},,,,2026-01-05T00:00:00Z\n")
    figures(delivery, "instagram,1,,,,1,2,3,4,9,2026-01-04T00:00:00Z")
    delivery.run()
    assert post(delivery) == {
        "like_count": likes, "comment_count": None, "share_count": None, "reach_count": reach,
        "day": "01-04" if reach else "01-05",
    }  # fmt: skip


def test_figures_of_any_kind_go_before_those_of_a_kind(delivery: Delivery) -> None:
    delivery.put("posts.csv", POSTS + "instagram,1,a,reel,,,,2026-01-05T00:00:00Z\n")
    figures(delivery, "instagram,1,0,1,7,1,2,3,4,9,2026-01-04T00:00:00Z")
    delivery.run()
    assert (post(delivery)["like_count"], post(delivery)["reach_count"]) == (0, 7)


@pytest.mark.parametrize(("seen", "likes", "day"), [("2026-01-04", 10, "01-05"), ("2026-01-06", 20, "01-06")])
def test_a_post_keeps_its_own_figures_unless_others_are_newer(
    delivery: Delivery, seen: str, likes: int, day: str
) -> None:
    delivery.put("posts.csv", POSTS + "instagram,1,a,image,10,1,5,2026-01-05T00:00:00Z\n")
    figures(delivery, f"instagram,1,20,,,,,,,,{seen}T00:00:00Z", "instagram,1,99,9,,,,,,,2026-01-01T00:00:00Z")
    delivery.run()
    row = post(delivery)
    assert row == {"like_count": likes, "comment_count": 1, "share_count": 5, "reach_count": None, "day": day}


HEADER = "platform,post_id,like_count,comment_count,view_count,reel_view_count,reach_count,share_count,observed_at"


@pytest.mark.parametrize(
    ("alone", "wanted"),
    [
        pytest.param(["1,,,900,,800,4,2026-01-04"], (10, 1, 900, 800, 5, "01-05"), id="older, what the post lacks"),
        pytest.param(
            ["1,,,900,,800,4,2026-01-06"], (10, 1, 900, 800, 4, "01-05"), id="newer, no likes: followers of then"
        ),
        pytest.param(
            ["1,7,,,,,,2026-01-06", "1,,,900,,,,2026-01-07"],
            (7, 1, 900, None, 5, "01-06"),
            id="each told by another row",
        ),
        pytest.param(
            ["1,7,,900,,,,2026-01-06", "1,8,,,,,,2026-01-07", "1,6,2,,,,,2026-01-02"],
            (8, 1, 900, None, 5, "01-07"),
            id="the newest that tells it",
        ),
        pytest.param(
            ["1,7,,,,,,2026-01-06", "1,9,,,,,,2026-01-06"], (9, 1, None, None, 5, "01-06"), id="the larger of one time"
        ),
        pytest.param(["1,7,,,,,,2026-01-05"], (7, 1, None, None, 5, "01-05"), id="as new as the post"),
        pytest.param(["1,7,,30,,,,", "1,,,20,,,,2026-01-01"], (10, 1, 20, None, 5, "01-05"), id="undated is oldest"),
        pytest.param(["1,,,30,20,,,2026-01-01"], (10, 1, 30, None, 5, "01-05"), id="any kind first"),
        pytest.param(
            ["1,,,30,,,,2026-01-01", "1,,,,20,,,2026-01-02"],
            (10, 1, 20, None, 5, "01-05"),
            id="unless its kind is newer",
        ),
        pytest.param(["2,7,7,7,7,7,7,2026-01-09"], (10, 1, None, None, 5, "01-05"), id="of another post"),
    ],
)
@pytest.mark.parametrize("again", [1, 2])
def test_each_count_is_the_newest_that_any_row_tells(
    delivery: Delivery, alone: list[str], wanted: tuple[object, ...], again: int
) -> None:
    delivery.put("posts.csv", POSTS + "instagram,1,a,reel,10,1,5,2026-01-05T00:00:00Z\n")
    delivery.put("sources.toml", DECLARED + "".join(f'columns.{name} = "{name}"\n' for name in HEADER.split(",")))
    rows = [f"instagram,{row}" + ("T00:00:00Z" if row[-1] != "," else "") for row in alone]
    delivery.put("figures.csv", "\n".join([HEADER, *(again * rows), ""]))
    delivery.run()
    query = "SELECT like_count, comment_count, view_count, reach_count, share_count, strftime(observed_at, '%m-%d') FROM posts"
    assert [tuple(row.values()) for row in delivery.rows(query)] == [wanted]


@pytest.mark.parametrize(
    ("seen", "alone", "day"),
    [("2026-01-05T00:00:00Z", "", "01-05"), ("", "2026-01-04T00:00:00Z", "01-04"), ("", "", None)],
)
def test_when_figures_were_told_is_not_known(delivery: Delivery, seen: str, alone: str, day: str | None) -> None:
    delivery.put("posts.csv", POSTS + f"instagram,1,a,image,,,,{seen}\n")
    figures(delivery, f"instagram,1,20,2,,,,,,,{alone}")
    delivery.run()
    assert (post(delivery)["like_count"], post(delivery)["day"]) == (20, day)


def test_figures_of_a_post_that_comes_later_are_no_longer_reported(delivery: Delivery) -> None:
    figures(delivery, "instagram,1,20,2,,,,,,,2026-01-04T00:00:00Z")
    delivery.run()
    assert delivery.rows("SELECT issue FROM data_quality") == [{"issue": "metrics_without_post"}]
    assert delivery.rows("FROM posts") == []
    delivery.put("posts.csv", POSTS + "instagram,1,a,image,,,,2026-01-05T00:00:00Z\n")
    delivery.run()
    assert delivery.rows("FROM data_quality") == []
    assert post(delivery)["like_count"] == 20


def test_posts_without_an_account_are_not_taken_for_figures(delivery: Delivery) -> None:
    delivery.put("posts.csv", "platform,post_id,like_count,comment_count\ninstagram,1,2,3\n")
    delivery.run()
    assert delivery.refusals() == {"posts.csv": "unknown_header"}


def test_rates_by_reach_are_of_figures_that_came_without_their_post_too(delivery: Delivery) -> None:
    delivery.put("posts.csv", POSTS + "instagram,1,a,image,30,6,,2026-01-05T00:00:00Z\n")
    figures(delivery, "instagram,1,30,6,,900,,,,,2026-01-06T00:00:00Z")
    delivery.run()
    query = "SELECT engagement_rate_by_reach, reach_reason FROM account_engagement WHERE time_window = 'all_time'"
    assert delivery.rows(query) == [{"engagement_rate_by_reach": 36 / 900, "reach_reason": None}]
