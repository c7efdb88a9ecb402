"""Topics given to accounts in plain lists, and the tables made of them."""

import polars as pl

from schemas.columns import Instant, Table, column

# Where the topic of an account comes from: a list of topics, what exports say of the account, the hashtags of its posts.
LISTED, DELIVERED, SUGGESTED, NONE = "listed", "delivered", "suggested", "none"
# A hashtag that fewer labelled accounts use may be a private matter, and leaves the lake nowhere.
LABELLED_MIN = 2
# Of the accounts with a topic that use a hashtag, so many in so many must agree for it to speak for the topic.
AGREEING_MIN = (2, 3)
# A topic is suggested where so many posts, and this share of those with hashtags, speak for it.
EXPLAINED_MIN = 3
SHARE_MIN = 0.5


class NicheRows(Table):
    """One row per account, text of topics and time: what a list of topics says of an account."""

    platform: str = column("Network the account is on, lower case", "label", key=True)
    account_id: str = column("The platform's own id of the account, or its handle", "id", key=True)
    username: str = column("Handle as delivered", "text", nullable=True)
    niche: str = column("Topic, or several with ; between them and the main one first", "text", key=True)
    observed_at: Instant = column(
        "When this was said; null is undated, and older than all that is dated", "instant", nullable=True, key=True
    )


class AccountNiches(Table):
    """One row per account, topic, basis and time: every topic that a list or an export gives to an account.

    Lists count with all that they ever said, exports with the newest topic that they deliver. Accounts that nothing but a
    list tells of are here, and not in `accounts`.
    """

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    niche: str = column("Normalised topic; unknown where a list says that none is known", "label", key=True)
    basis: str = column(
        "listed: in a list of topics; delivered: beside the account in an export", "label", key=True,
        isin=(LISTED, DELIVERED),
    )  # fmt: skip
    observed_at: Instant = column("When this was said; null is undated", "instant", nullable=True, key=True)
    rank: pl.Int64 = column("Place of the topic among those that were said together, from 1", "count")
    is_main: pl.Boolean = column("It is the niche of the account: the first of the list that decides", "flag")


class NicheSuggestions(Table):
    """One row per account without a niche and topic that hashtags of its posts speak for.

    A hashtag speaks for a topic where at least two accounts of the platform that have the topic use it, and they are two
    thirds or more of all accounts with a topic that do. Captions themselves are not told, nor any other hashtag.
    """

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    niche: str = column("The topic that its hashtags speak for", "label", key=True)
    explained_share: pl.Float64 = column(
        "Posts with a hashtag that speaks for the topic over posts with hashtags", "ratio"
    )
    explained_post_count: pl.Int64 = column("Posts with a hashtag that speaks for the topic", "count")
    hashtag_post_count: pl.Int64 = column(
        "Posts of the account with any hashtag, those that disclose a paid post aside", "count"
    )
    hashtags: str = column("The hashtags that speak for it, those of most posts first, at most ten", "text")
    is_suggested: pl.Boolean = column(
        f"The one topic that most posts speak for: {EXPLAINED_MIN} or more, and half of those with hashtags. Used as the niche"
        " of the account only where TIERWISE_USE_SUGGESTED_NICHES is set",
        "flag",
    )
