"""Which names of columns say that they hold numbers."""

import pytest

from ingest.cast.column_names import named_as_numbers

NUMBERS = (
    "Views avg.", "Likes", "follower_count", "viewCount", "#Followers", "60_day_eng_rate", "Engagement (%)", "Avg. comments",
    "Visualizações", "Número de posts", "Followers at Posting", "total_likes", "mediaCount",
)  # fmt: skip
OTHERS = (
    "comments", "media", "like", "Audience country(mostly)", "followers_url", "Likes hidden", "View range", "total_currency",
    "country", "account", "latestComments/0/text", "likedByViewer", "is_comment_enabled", "#", "Data comment", "artists_we_like",
)  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_names_of_numbers(name: str) -> None:
    assert named_as_numbers([name]) == [name]


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_other_things(name: str) -> None:
    assert named_as_numbers([name]) == []


def test_comments_are_counted_beside_other_counts() -> None:
    assert named_as_numbers(["handle", "Comments", "Likes"]) == ["Comments", "Likes"]
    assert named_as_numbers(["handle", "Comments", "price"]) == []
