"""Likes: who liked which post, as delivered."""

from schemas.columns import Instant, Table, column


class Likes(Table):
    """One row per like of a post."""

    platform: str = column("Network the post is on, lower case", "label", key=True)
    post_id: str = column("The post that is liked", "id", key=True)
    liker_id: str = column("The account that likes; personal data, never leaves the lake", "id", key=True)
    liked_at: Instant = column("When it was liked", "instant", nullable=True)
