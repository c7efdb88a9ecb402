"""Brands that posts mention or are sponsored by."""

import polars as pl

from schemas.columns import Instant, Table, column


class BrandMentions(Table):
    """One row per account and brand that posts of it mention with @ or tag as sponsor, over all time.

    Kept are brands that two accounts name, that a post is sponsored by, that a list of brands declares, or that are accounts
    of the warehouse. A declared brand has one row, whatever posts call it; posts of its own accounts are left out.
    """

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account that mentions", "id", key=True)
    brand: str = column(
        "The brand's declared name; of others the handle mentioned or sponsor tagged, lower case; never the account's own",
        "text",
        key=True,
    )
    post_count: pl.Int64 = column("Posts of the account that mention the brand", "count")
    organic_post_count: pl.Int64 = column("Of them, posts known to be made for neither money nor goods", "count")
    gifted_post_count: pl.Int64 = column("Of them, posts known to be made for goods and no money", "count")
    sponsored_post_count: pl.Int64 = column("Of them, posts known to be paid for, by whomever", "count")
    unknown_post_count: pl.Int64 = column("Of them, posts of which nothing tells", "count")
    first_posted_at: Instant = column("When the first of them was published, as far as dated", "instant", nullable=True)
    last_posted_at: Instant = column("When the last of them was published", "instant", nullable=True)
    post_share: pl.Float64 = column("Posts that mention this brand over all posts of the account", "ratio")
    brand_mention_saturation: pl.Float64 = column(
        "Posts that mention any brand over all posts of the account, the same on all its rows", "ratio"
    )
    account_post_count: pl.Int64 = column("All posts of the account", "count")
    account_readable_post_count: pl.Int64 = column(
        "Of them, posts with a caption or sponsor tags: the others cannot be seen to mention anyone", "count"
    )
