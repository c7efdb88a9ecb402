"""Columns of addresses, as a draft takes them: for those of posts, of profiles, or of neither."""

import polars as pl
import pytest

from ingest.suggest.cells import are_of_posts, are_of_profiles

OF_POSTS = [
    "https://www.instagram.com/p/CODE/", "instagram.com/reel/CODE?x=1", "https://www.tiktok.com/@kim/video/7", "https://x.com/kim/status/1",
    "https://www.youtube.com/watch?v=1", "youtube.com/shorts/1", "https://youtu.be/1", "https://www.facebook.com/kim/posts/1",
    "https://www.linkedin.com/feed/update/urn:li:activity:1/", "https://vm.tiktok.com/ZM1/", "https://blog.example/2026/tea",
]  # fmt: skip
OF_PROFILES = [
    "https://www.instagram.com/kim/", "https://www.tiktok.com/@kim", "youtube.com/@kim", "https://www.facebook.com/profile.php?id=1",
    "https://x.com/kim", "https://www.snapchat.com/add/kim", "https://www.linkedin.com/in/kim/", "https://www.twitch.tv/kim",
    "https://www.instagram.com/pat/", "https://www.youtube.com/user/kim",
]  # fmt: skip


@pytest.mark.parametrize("link", OF_POSTS)
def test_addresses_of_posts(link: str) -> None:
    assert are_of_posts(pl.Series([link]))


@pytest.mark.parametrize("link", OF_PROFILES)
def test_addresses_of_profiles(link: str) -> None:
    assert not are_of_posts(pl.Series([link]))
    assert are_of_profiles(pl.Series([link]))


def test_most_decide_and_codes_are_of_posts() -> None:
    assert are_of_posts(pl.Series([*OF_POSTS, *OF_PROFILES]))
    assert not are_of_posts(pl.Series([*OF_POSTS[:3], *OF_PROFILES]))
    assert are_of_posts(pl.Series(["Cab9", "Cab8"]))
    assert are_of_posts(pl.Series([], dtype=pl.String))
