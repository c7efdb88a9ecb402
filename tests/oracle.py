"""What the marts must hold, in plain Python with exact fractions: slow, and short enough to be seen to be right.

Rows are dicts of a canonical dataset. Nothing of the product is used, its tables of tiers and niches included.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from scipy.stats import t

Row = dict[str, Any]
Key = tuple[Any, ...]

# Bounds as published; the name is that of the band that begins there.
SCHEMES: dict[str, dict[int, str]] = {
    "article": {0: "nano", 1_000: "micro", 100_000: "macro", 1_000_000: "mega"},
    "mediakix": {1_000: "nano", 10_000: "micro", 50_000: "mid", 500_000: "macro", 1_000_000: "mega"},
    "hypeauditor_2018": {1_000: "nano", 5_000: "micro", 20_000: "mid", 100_000: "macro", 1_000_000: "mega"},
    "later_fohr": {0: "nano", 10_000: "micro", 100_000: "mid", 500_000: "macro", 1_000_000: "mega"},
    "markerly_bands": {
        0: "under_1k", 1_000: "1k_10k", 10_000: "10k_100k", 100_000: "100k_1m", 1_000_000: "1m_10m",
        10_000_000: "over_10m",
    },
}  # fmt: skip
# Spellings the tests deliver, and the niche each one means.
NICHES = {
    None: "unknown", "n/a": "unknown", "Fashion": "fashion", "fasion": "fashion", "fashion 0.5": "fashion",
    "Food;Travel": "food", "foodie": "food", "travel": "travel",
}  # fmt: skip
UNDATED = datetime(1, 1, 1)
RATED = ("like_count", "comment_count")
OTHERS = ("view_count", "share_count", "save_count", "reach_count")
# Deliveries of a few accounts: too few to fit a prior to.
NO_PRIOR: Row = dict.fromkeys(
    ["engagement_rate_shrunk", "engagement_rate_shrunk_low", "engagement_rate_shrunk_high", "engagement_rate_next_low",
     "engagement_rate_next_high", "shrunk_weight", "post_sd_log", "engagement_rate_prior", "is_prior_niche_pooled"]
)  # fmt: skip


def default_as_of(accounts: list[Row], posts: list[Row], metrics: list[Row]) -> datetime | None:
    """The newest observation or publication."""
    times = [row["observed_at"] for row in [*accounts, *posts, *metrics]] + [row["published_at"] for row in posts]
    return max((time for time in times if time), default=None)


def known_at(rows: list[Row], as_of: datetime | None, *times: str) -> list[Row]:
    """Rows none of whose times is later than as_of."""
    return [row for row in rows if as_of is None or all(row[name] is None or row[name] <= as_of for name in times)]


def by_time(rows: Iterable[Row]) -> dict[datetime, Row]:
    """One row per instant, the undated first: where rows disagree the larger count, the greater text."""
    settled: dict[datetime, Row] = {}
    for at in sorted({row["observed_at"] or UNDATED for row in rows}):
        same = [row for row in rows if (row["observed_at"] or UNDATED) == at]
        settled[at] = {name: greatest(row[name] for row in same) for name in same[0]}
    return settled


def greatest(values: Iterable[Any]) -> Any:
    return max((value for value in values if value is not None), default=None)


def grouped(rows: Iterable[Row], *names: str) -> dict[Key, list[Row]]:
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def current_accounts(accounts: list[Row], posts: list[Row]) -> dict[Key, Row]:
    """Each account's newest known niche and followers; those that only posts tell of as well."""
    current: dict[Key, Row] = {
        (post["platform"], post["account_id"]): {"niche": None, "followers_count": None} for post in posts
    }
    for key, rows in grouped(accounts, "platform", "account_id").items():
        newest_first = list(reversed(by_time(rows).values()))
        current[key] = {
            name: next((row[name] for row in newest_first if row[name] is not None), None)
            for name in ("niche", "followers_count")
        }
    return current


def newest_posts(posts: list[Row], metrics: Sequence[Row] = ()) -> list[Row]:
    """Each post as newest seen, with figures that came without it; likes that stand for hidden ones made null."""
    newest = [list(by_time(rows).values())[-1] for rows in grouped(posts, "platform", "post_id").values()]
    alone = grouped(metrics, "platform", "post_id")
    newest = [with_metrics(post, alone[post["platform"], post["post_id"]]) for post in newest]
    for rows in grouped(newest, "platform", "account_id").values():
        threes = [row for row in rows if row["like_count"] == 3]
        if len(rows) >= 10 and 2 * len(threes) > len(rows):
            for row in threes:
                row["like_count"] = None
    return newest


def with_metrics(post: Row, metrics: list[Row]) -> Row:
    """A post, each count as it was newest told; of two that were told at one time the one without the post."""
    if not metrics:
        return post
    told = by_time(metrics)
    found, times = dict(post), {}
    for name in (*RATED, *OTHERS):
        own = None if post[name] is None else post["observed_at"] or UNDATED
        alone = max((at for at, row in told.items() if row[name] is not None), default=None)
        if alone is not None and (own is None or alone >= own):
            found[name] = told[alone][name]
        times[name] = max((at for at in (own, alone) if at), default=None)
    of_rates, others = (greatest(times[name] for name in names) for names in (RATED, OTHERS))
    at = of_rates or others or UNDATED
    return found | {"observed_at": post["observed_at"] if at == UNDATED else at}


def followers_of(post: Row, accounts: dict[Key, list[Row]]) -> int | None:
    """As delivered with the post; else observed at or before it; else the earliest after; else undated.

    Of a post without any time the newest.
    """
    if post["followers_count"] is not None:
        return int(post["followers_count"])
    seen = by_time(accounts[post["platform"], post["account_id"]])
    history = {at: row["followers_count"] for at, row in seen.items() if row["followers_count"] is not None}
    undated = history.pop(UNDATED, None)
    at = post["observed_at"] or post["published_at"]
    before = [count for seen_at, count in history.items() if at and seen_at <= at]
    after = list(history.values())[:1] if at else list(history.values())[-1:]
    known: list[int | None] = before[-1:] or after or [undated]
    return known[0]


def with_rates(post: Row, followers: int | None) -> Row:
    likes, comments = post["like_count"], post["comment_count"]
    engagement = None if likes is None or comments is None else likes + comments
    return post | {
        "engagement": engagement,
        "like_rate": None if likes is None or not followers else Fraction(likes, followers),
        "comment_rate": None if comments is None or not followers else Fraction(comments, followers),
        "rate": None if engagement is None or not followers else Fraction(engagement, followers),
    }


def in_window(posts: list[Row], window: str, as_of: datetime | None) -> list[Row]:
    dated = [post for post in posts if post["published_at"]]
    if window == "last_90_days":
        return [post for post in dated if as_of and as_of - timedelta(days=90) < post["published_at"] <= as_of]
    if window == "last_12_posts":
        return sorted(dated, key=lambda post: (post["published_at"], post["post_id"]))[-12:]
    return posts


def mean(values: list[Fraction]) -> Fraction | None:
    return sum(values, Fraction()) / len(values) if values else None


def quantile(values: list[Fraction], share: Fraction) -> Fraction | None:
    """Between the two neighbours of the place `share` of the way from the smallest to the greatest."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def account_engagement(
    accounts: list[Row], posts: list[Row], as_of: datetime | None, metrics: Sequence[Row] = ()
) -> dict[Key, Row]:
    """The mart by its key, its window bounds left out."""
    as_of = as_of or default_as_of(accounts, posts, [*metrics])
    accounts = known_at(accounts, as_of, "observed_at")
    alone = known_at([*metrics], as_of, "observed_at")
    newest = newest_posts(known_at(posts, as_of, "observed_at", "published_at"), alone)
    observed = grouped(accounts, "platform", "account_id")
    rated = [with_rates(post, followers_of(post, defaultdict(list, observed))) for post in newest]
    posts_of = defaultdict(list, grouped(rated, "platform", "account_id"))
    return with_peers(
        {
            (*key, window): engagement_of(
                account, in_window(posts_of[key], window, as_of), all(post["published_at"] for post in posts_of[key])
            )
            for key, account in current_accounts(accounts, newest).items()
            for window in ("all_time", "last_90_days", "last_12_posts")
        }
    )


def with_peers(engagement: dict[Key, Row]) -> dict[Key, Row]:
    """Every account beside those of its platform, niche, default tier and window that have a rate."""
    name = "engagement_rate_by_followers"
    rates: dict[Key, list[Fraction]] = defaultdict(list)
    cells: dict[Key, Key] = {}
    for key, row in engagement.items():
        cells[key] = (key[0], row["niche"], tier_of(row["followers_count"], "article"), key[2])
        if row[name] is not None:
            rates[cells[key]].append(row[name])
    of_niche: dict[Key, list[Fraction]] = defaultdict(list)
    for key, row in engagement.items():
        if row[name] is not None and row["followers_count"] is not None:
            of_niche[key[0], row["niche"], key[2]].append(row[name])
    return {
        key: row
        | place_of(row, row[name], cells[key][2], rates[cells[key]])
        | {"peer_percentile_nearest": place_among_nearest(row, of_niche[key[0], row["niche"], key[2]])}
        for key, row in engagement.items()
    }


def place_among_nearest(row: Row, rates: list[Fraction]) -> Fraction | None:
    """Among all of its niche, which are fewer here than are compared where there are more."""
    rate = row["engagement_rate_by_followers"]
    if rate is None or row["followers_count"] is None or len(rates) < 20:
        return None
    assert len(rates) <= 101
    lower, equal = sum(peer < rate for peer in rates), sum(peer == rate for peer in rates)
    return Fraction(2 * lower + equal, 2 * len(rates))


def place_of(row: Row, rate: Fraction, tier: str | None, peers: list[Fraction]) -> Row:
    reason = row["reason"] or ("no_tier" if tier is None else "few_peers" if len(peers) < 20 else None)
    below = sum(peer < rate for peer in peers) if reason is None else 0
    equal = sum(peer == rate for peer in peers) if reason is None else 0
    return {
        "peer_count": None if tier is None else len(peers),
        "peer_percentile": (below + Fraction(equal, 2)) / len(peers) if reason is None else None,
        "peer_reason": reason,
    }


EXPOSURES = {"reach": ("reach_count", "reach_post_count"), "views": ("view_count", "view_post_count")}


def exposure_of(posts: list[Row], name: str, empty: str) -> Row:
    """The rate of what was done over those who saw it, as sum over sum and as the median over posts.

    Shares and saves were done where every post that counts has them.
    """
    seen, post_count = EXPOSURES[name]
    parts = ["like_count", "comment_count"]
    known = [post for post in posts if post[seen] and all(post[part] is not None for part in parts)]
    parts += [part for part in ("share_count", "save_count") if all(post[part] is not None for post in known)]
    done = [sum(post[part] for part in parts) for post in known]
    rates = [Fraction(count, post[seen]) for count, post in zip(done, known, strict=True)]
    if not posts:
        reason: str | None = empty
    elif not any(post[seen] for post in posts):
        reason = f"no_{name}"
    else:
        reason = None if known else "no_interactions"
    return {
        post_count: len(known),
        f"engagement_rate_by_{name}": Fraction(sum(done), sum(post[seen] for post in known)) if known else None,
        f"engagement_rate_by_{name}_median": quantile(rates, Fraction(1, 2)),
        f"{name}_basis": "_".join(part.removesuffix("_count") + "s" for part in parts) if known else None,
        f"{name}_reason": reason,
    }


def interval(values: list[Fraction]) -> tuple[float | None, float | None]:
    """The 95 % t interval of a mean, cut off at zero."""
    count, centre = len(values), mean(values)
    if count < 2 or centre is None:
        return None, None
    variance = sum((value - centre) ** 2 for value in values) / (count - 1)
    half = float(t.ppf(0.975, count - 1)) * math.sqrt(variance / count)
    return max(float(centre) - half, 0.0), float(centre) + half


def engagement_of(account: Row, posts: list[Row], is_dated: bool) -> Row:
    """The figures of an account's posts in a window; `is_dated` says whether all its posts have a date."""
    empty = "no_posts" if is_dated else "undated_posts"
    likes_known = [post for post in posts if post["like_count"] is not None]
    like_rates = [post["like_rate"] for post in posts if post["like_rate"] is not None]
    comment_rates = [post["comment_rate"] for post in posts if post["comment_rate"] is not None]
    rates = [post["rate"] for post in posts if post["rate"] is not None]
    engagements = [Fraction(post["engagement"]) for post in posts if post["engagement"] is not None]
    coverage = Fraction(len(likes_known), len(posts)) if posts else None
    if coverage is None:
        reason = empty
    elif coverage < Fraction(1, 2):
        reason = "hidden_likes"
    elif all(post["engagement"] is None for post in posts):
        reason = "no_comments"
    elif not rates:
        reason = "no_followers"
    else:
        reason = None
    is_hidden = coverage is None or reason == "hidden_likes"
    low, high = (None, None) if reason else interval(rates)
    return {
        "niche": NICHES[account["niche"]],
        "followers_count": account["followers_count"],
        "post_count": len(posts),
        "post_known_count": len(rates),
        "likes_coverage_ratio": coverage,
        "like_count_mean": None if is_hidden else mean([Fraction(post["like_count"]) for post in likes_known]),
        "like_rate_by_followers": None if is_hidden else mean(like_rates),
        "like_rate_by_followers_median": None if is_hidden else quantile(like_rates, Fraction(1, 2)),
        "comment_rate_by_followers": mean(comment_rates),
        "engagement_rate_by_followers": None if reason else mean(rates),
        "engagement_rate_by_followers_median": None if reason else quantile(rates, Fraction(1, 2)),
        "engagement_count_mean": None if is_hidden else mean(engagements),
        "engagement_rate_by_followers_low": low,
        "engagement_rate_by_followers_high": high,
        "reason": reason,
        **NO_PRIOR,
        "shrunk_reason": reason or "no_prior",
        **exposure_of(posts, "reach", empty),
        **exposure_of(posts, "views", empty),
    }


def niche_tier_engagement(engagement: dict[Key, Row]) -> dict[Key, Row]:
    """The mart by its key, from the other one."""
    cells: dict[Key, list[Row]] = defaultdict(list)
    for (platform, _, window), row in engagement.items():
        for scheme in SCHEMES:
            cells[platform, row["niche"], scheme, tier_of(row["followers_count"], scheme), window].append(row)
    return {key: aggregate_of(rows) for key, rows in cells.items()}


def tier_of(followers: int | None, scheme: str) -> str | None:
    reached = [name for bound, name in SCHEMES[scheme].items() if followers is not None and followers >= bound]
    return reached[-1] if reached else None


def aggregate_of(rows: list[Row]) -> Row:
    followers = [Fraction(row["followers_count"]) for row in rows if row["followers_count"] is not None]
    like_rates = [row["like_rate_by_followers"] for row in rows if row["like_rate_by_followers"] is not None]
    rates = [row["engagement_rate_by_followers"] for row in rows if row["engagement_rate_by_followers"] is not None]
    return {
        "account_count": len(rates),
        "account_listed_count": len(rows),
        "post_count": sum(row["post_count"] for row in rows),
        "post_known_count": sum(row["post_known_count"] for row in rows),
        "followers_count_sum": sum(followers) if followers else None,
        "followers_count_mean": mean(followers),
        "followers_count_median": quantile(followers, Fraction(1, 2)),
        "like_rate_by_followers_mean": mean(like_rates),
        "engagement_rate_by_followers_mean": mean(rates),
        "engagement_rate_by_followers_median": quantile(rates, Fraction(1, 2)),
        **intervals_of(rates),
        "engagement_rate_by_followers_p25": quantile(rates, Fraction(1, 4)),
        "engagement_rate_by_followers_p75": quantile(rates, Fraction(3, 4)),
    }


def intervals_of(rates: list[Fraction]) -> Row:
    """Those of the mean over accounts from five on, of the median from six on."""
    names = [f"engagement_rate_by_followers_{of}_{end}" for of in ("mean", "median") for end in ("low", "high")]
    if len(rates) < 5:
        return dict.fromkeys(names) | {"interval_reason": "few_accounts"}
    ordered, outside = sorted(rates), outside_median(len(rates))
    around = [None, None] if outside is None else [ordered[outside], ordered[-1 - outside]]
    return dict(zip(names, [*interval(rates), *around], strict=True)) | {
        "interval_reason": "few_for_median" if outside is None else None
    }


def outside_median(count: int) -> int | None:
    """How many of so many values may lie outside on each side of an interval that holds their median in 95 of 100 cases."""
    chances, outside = Fraction(1, 2**count), 0
    while chances <= Fraction(1, 40):
        outside += 1
        chances += Fraction(math.comb(count, outside), 2**count)
    return outside - 1 if outside else None
