"""Posts: what an export says of one, and the table of newest observations."""

import polars as pl

from schemas.columns import COUNT_MAX, Instant, Table, column

FOLLOWERS_BASES = ("delivered", "observed_before", "observed_after", "undated_post", "undated")
SPONSORED_BASES = ("declared", "sponsors", "caption")
POST_COMPENSATIONS = ("paid", "gifted", "none", "unknown")


class PostObservations(Table):
    """One row per post and observation: what an export says of a post at one time."""

    platform: str = column("Network the post is on, lower case", "label", key=True)
    post_id: str = column("The platform's id of the post", "id", key=True)
    account_id: str = column("Account that published it", "id")
    published_at: Instant = column("When it was published", "instant", nullable=True)
    media_type: str = column("Kind of post as delivered", "text", nullable=True)
    caption: str = column("Text of the post; stays in the lake", "text", nullable=True)
    like_count: pl.Int64 = column("Likes; null when hidden or not delivered", "count", nullable=True)
    comment_count: pl.Int64 = column("Comments", "count", nullable=True)
    view_count: pl.Int64 = column("Views or plays", "count", nullable=True)
    share_count: pl.Int64 = column("Shares", "count", nullable=True)
    save_count: pl.Int64 = column("Saves", "count", nullable=True)
    reach_count: pl.Int64 = column("Accounts that saw it", "count", nullable=True)
    followers_count: pl.Int64 = column(
        "Followers of the account at posting, if the export says", "count", nullable=True
    )
    is_sponsored: pl.Boolean = column("Declared as paid for", "flag", nullable=True)
    sponsors: str = column("Sponsors tagged on it, comma-separated", "text", nullable=True)
    observed_at: Instant = column(
        "When this was seen; null is an undated observation", "instant", nullable=True, key=True
    )


class Posts(Table):
    """One row per post: its newest observation, with rates by the followers nearest before it."""

    platform: str = column("Network the post is on", "label", key=True)
    post_id: str = column("The platform's id of the post", "id", key=True)
    account_id: str = column("Account that published it", "id")
    published_at: Instant = column("When it was published", "instant", nullable=True)
    media_type: str = column("Kind of post as delivered", "text", nullable=True)
    like_count: pl.Int64 = column("Likes; null when hidden or not known, never zero for that", "count", nullable=True)
    comment_count: pl.Int64 = column("Comments", "count", nullable=True)
    view_count: pl.Int64 = column("Views or plays", "count", nullable=True)
    share_count: pl.Int64 = column("Shares", "count", nullable=True)
    save_count: pl.Int64 = column("Saves", "count", nullable=True)
    reach_count: pl.Int64 = column("Accounts that saw it", "count", nullable=True)
    followers_count: pl.Int64 = column("Followers the rates divide by", "count", nullable=True)
    followers_basis: str = column(
        "Where those followers come from: the post itself; the account's observation before or after it; the newest of a post"
        " without any date (undated_post); an observation without a date (undated)",
        "label", nullable=True, isin=FOLLOWERS_BASES,
    )  # fmt: skip
    engagement_count: pl.Int64 = column(
        "Likes plus comments; null when either is", "count", nullable=True, ge=0, le=2 * COUNT_MAX
    )
    like_rate_by_followers: pl.Float64 = column("Likes over followers", "ratio", nullable=True)
    engagement_rate_by_followers: pl.Float64 = column("Likes plus comments, over followers", "ratio", nullable=True)
    is_sponsored: pl.Boolean = column("Paid for: true, false, or null where nothing tells", "flag", nullable=True)
    is_gifted: pl.Boolean = column(
        "Goods of the brand disclosed in the caption; null without one", "flag", nullable=True
    )
    compensation: str = column(
        "What the post was made for: paid (is_sponsored), gifted (is_gifted and not paid), none, or unknown",
        "label",
        isin=POST_COMPENSATIONS,
    )
    sponsored_basis: str = column(
        "What tells: the declared flag, sponsor tags, or disclosure words in the caption",
        "label",
        nullable=True,
        isin=SPONSORED_BASES,
    )
    sponsored_evidence: str = column(
        "What it says: `declared`, the tagged sponsors, or the disclosure word of the caption", "text", nullable=True
    )
    gifted_evidence: str = column("The word of the caption that discloses the goods", "text", nullable=True)
    observed_at: Instant = column(
        "When this was newest seen; where counts were told at several times, when likes and comments were; null is undated",
        "instant", nullable=True,
    )  # fmt: skip
