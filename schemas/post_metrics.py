"""Figures of posts as exports deliver them that do not say whose post it is."""

import polars as pl

from schemas.columns import Instant, Table, column


class PostMetrics(Table):
    """One row per post and observation: its figures, where neither its account nor its kind is told.

    Which of the columns `reel_...`, `story_...` and so on holds follows from the kind of the post; the others are filler.
    """

    platform: str = column("Network the post is on, lower case", "label", key=True)
    post_id: str = column("The platform's id of the post", "id", key=True)
    like_count: pl.Int64 = column("Likes, of any kind of post", "count", nullable=True)
    comment_count: pl.Int64 = column("Comments, of any kind of post", "count", nullable=True)
    view_count: pl.Int64 = column("Views or plays, of any kind of post", "count", nullable=True)
    share_count: pl.Int64 = column("Shares, of any kind of post", "count", nullable=True)
    save_count: pl.Int64 = column("Saves, of any kind of post", "count", nullable=True)
    reach_count: pl.Int64 = column("Accounts that saw it, of any kind of post", "count", nullable=True)
    photo_video_view_count: pl.Int64 = column("Views of an image or a video", "count", nullable=True)
    photo_video_share_count: pl.Int64 = column("Shares of an image or a video", "count", nullable=True)
    photo_video_save_count: pl.Int64 = column("Saves of an image or a video", "count", nullable=True)
    photo_video_reach_count: pl.Int64 = column("Accounts that saw an image or a video", "count", nullable=True)
    carousel_view_count: pl.Int64 = column("Views of a carousel", "count", nullable=True)
    carousel_share_count: pl.Int64 = column("Shares of a carousel", "count", nullable=True)
    carousel_save_count: pl.Int64 = column("Saves of a carousel", "count", nullable=True)
    carousel_reach_count: pl.Int64 = column("Accounts that saw a carousel", "count", nullable=True)
    reel_like_count: pl.Int64 = column("Likes of a reel", "count", nullable=True)
    reel_comment_count: pl.Int64 = column("Comments on a reel", "count", nullable=True)
    reel_view_count: pl.Int64 = column("Views or plays of a reel", "count", nullable=True)
    reel_share_count: pl.Int64 = column("Shares of a reel", "count", nullable=True)
    reel_save_count: pl.Int64 = column("Saves of a reel", "count", nullable=True)
    reel_reach_count: pl.Int64 = column("Accounts that saw a reel", "count", nullable=True)
    story_view_count: pl.Int64 = column("Views of a story", "count", nullable=True)
    story_share_count: pl.Int64 = column("Shares of a story", "count", nullable=True)
    story_reach_count: pl.Int64 = column("Accounts that saw a story", "count", nullable=True)
    observed_at: Instant = column(
        "When this was seen; null is an undated observation", "instant", nullable=True, key=True
    )
