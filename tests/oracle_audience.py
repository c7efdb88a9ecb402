"""What the marts of audiences must hold, in plain Python with sets and exact fractions.

Rows are dicts of the canonical datasets. People are compared by platform and id as they were delivered.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from scipy.stats import t

from tests.oracle import (
    NICHES,
    UNDATED,
    Key,
    Row,
    by_time,
    current_accounts,
    grouped,
    in_window,
    known_at,
    newest_posts,
)
from tests.oracle_names import name_of, own_names, sightings_of, under_ids

WINDOWS = ("all_time", "last_90_days", "last_12_posts")
COMPLETE = Fraction(95, 100)
Account = tuple[str, str]
Act = tuple[str, str]  # a person and a post


@dataclass(frozen=True)
class Limits:
    """Bounds below which nothing is told, and how many partners of an account are listed."""

    listed_min: int = 100
    partners_max: int = 50
    labelled_min: int = 30


@dataclass
class Graph:
    """What is known at an instant: everything later, and everything an account does to itself, left out."""

    accounts: dict[Account, Row]
    followers: dict[Account, dict[str, datetime | None]]
    posts: dict[Account, list[Row]]
    likes: dict[Account, set[Act]]
    comments: dict[Account, set[Act]]
    # Every comment by post and by what tells it from others, those of the account itself among them.
    written: dict[Account, set[tuple[str, Any]]]

    @property
    def listed(self) -> set[Account]:
        """Accounts of which any list names somebody else."""
        found = {key for lists in (self.followers, self.likes, self.comments) for key, named in lists.items() if named}
        return found & self.accounts.keys()


def default_as_of(rows: dict[str, list[Row]]) -> datetime | None:
    """The newest observation or event."""
    times = ("observed_at", "published_at", "followed_at", "liked_at", "commented_at")
    return max((row[time] for own in rows.values() for row in own for time in times if row.get(time)), default=None)


def graph(rows: dict[str, list[Row]], as_of: datetime | None) -> Graph:
    """What the rows of accounts, posts, follows, likes and comments amount to at an instant."""
    sightings = sightings_of(known_at(rows["accounts"], as_of, "observed_at"))
    rows = under_ids(rows, sightings)
    observed = known_at(rows["accounts"], as_of, "observed_at")
    posts = newest_posts(known_at(rows["posts"], as_of, "observed_at", "published_at"))
    accounts: dict[Account, Row] = {(row["platform"], row["account_id"]): _nothing() for row in rows["follows"]}
    accounts |= {
        (key[0], key[1]): row | {"username": None, "names": set()}
        for key, row in current_accounts(observed, posts).items()
    }
    for (platform, account), seen in grouped(observed, "platform", "account_id").items():
        names = [row["username"] for row in by_time(seen).values() if row["username"]]
        accounts[platform, account]["username"] = names[-1] if names else None
    for key, called in own_names(sightings).items():
        accounts[key]["names"] = called
    owner: dict[tuple[str, str], Account] = {
        (post["platform"], post["post_id"]): (post["platform"], post["account_id"]) for post in posts
    }
    return Graph(
        accounts,
        _followers(known_at(rows["follows"], as_of, "observed_at"), accounts, as_of),
        {(key[0], key[1]): own for key, own in grouped(posts, "platform", "account_id").items()},
        _acts(known_at(rows["likes"], as_of, "liked_at"), "liker_id", owner, accounts),
        _acts(known_at(rows["comments"], as_of, "commented_at"), "commenter_id", owner, accounts),
        _written(known_at(rows["comments"], as_of, "commented_at"), owner),
    )


def _written(comments: list[Row], owner: dict[tuple[str, str], Account]) -> dict[Account, set[tuple[str, Any]]]:
    found: dict[Account, set[tuple[str, Any]]] = defaultdict(set)
    for row in comments:
        if account := owner.get((row["platform"], row["post_id"])):
            name = row.get("comment_id") or (row["commenter_id"], row["commented_at"])
            found[account].add((row["post_id"], name))
    return found


def _nothing() -> Row:
    return {"niche": None, "followers_count": None, "username": None, "names": set()}


def is_self(member: str, account: Account, accounts: dict[Account, Row]) -> bool:
    """Whether a person is the account itself, by its id or by its handle, with or without @, in capitals or without."""
    username = accounts[account]["username"]
    called = {name_of(account[1]), *accounts[account]["names"], *([name_of(username)] if username is not None else [])}
    return member == account[1] or name_of(member) in called


def _followers(
    follows: list[Row], accounts: dict[Account, Row], as_of: datetime | None
) -> dict[Account, dict[str, datetime | None]]:
    """The followers of each account and when each first followed.

    The newest dated complete list takes the place of what was dated earlier; undated and partial lists only add.
    """
    found: dict[Account, dict[str, datetime | None]] = {}
    for (platform, account), own in grouped(follows, "platform", "account_id").items():
        key = (platform, account)
        newest = max(
            (row["observed_at"] for row in own if row["is_complete_list"] and row["observed_at"]), default=UNDATED
        )
        kept = [
            row
            for row in known_at(own, as_of, "followed_at")
            if row["observed_at"] is None or row["observed_at"] >= newest
        ]
        others = [row for row in kept if not is_self(row["follower_id"], key, accounts)]
        found[key] = {
            member: min((row["followed_at"] for row in same if row["followed_at"]), default=None)
            for (member,), same in grouped(others, "follower_id").items()
        }
    return found


def _acts(
    rows: list[Row], member: str, owner: dict[tuple[str, str], Account], accounts: dict[Account, Row]
) -> dict[Account, set[Act]]:
    """Who did it to which post, by the account that the post is of today; unknown posts count nowhere."""
    found: dict[Account, set[Act]] = defaultdict(set)
    for row in rows:
        account = owner.get((row["platform"], row["post_id"]))
        if account and not is_self(row[member], account, accounts):
            found[account].add((row[member], row["post_id"]))
    return found


def audience(known: Graph, as_of: datetime | None, limits: Limits) -> dict[Key, Row]:
    """The mart by its key."""
    niches, overlaps = niche_counts(known), overlaps_left_out(known, limits)
    return {
        (*account, window): _audience_of(known, account, window, as_of)
        | overlaps.get(account, dict.fromkeys(OVERLAPS, 0))
        | _concentration(niches.get(account, Counter()), _labelled(known, account), limits)
        for account in known.listed
        for window in WINDOWS
    }


def _audience_of(known: Graph, account: Account, window: str, as_of: datetime | None) -> Row:
    followers = set(known.followers.get(account, ()))
    posts = in_window(known.posts.get(account, []), window, as_of)
    ids = {post["post_id"] for post in posts}
    likes = {act for act in known.likes.get(account, ()) if act[1] in ids}
    comments = {act for act in known.comments.get(account, ()) if act[1] in ids}
    posts_of_follower: dict[str, set[str]] = defaultdict(set)
    for member, post in likes | comments:
        if member in followers:
            posts_of_follower[member].add(post)
    counts = {post["post_id"]: post["like_count"] for post in posts if post["like_count"] is not None}
    listed_known = sum(post in counts for _, post in likes)
    written = [post for post, _ in known.written.get(account, ()) if post in ids]
    comment_counts = {post["post_id"]: post["comment_count"] for post in posts if post["comment_count"] is not None}
    comments_coverage = ratio(
        sum(post in comment_counts for post in written), sum(comment_counts.values()) if comment_counts else None
    )
    untold = ids - counts.keys() - {post for _, post in likes}
    likers = {member for member, _ in likes}
    followers_count = known.accounts[account]["followers_count"]
    followers_coverage = ratio(len(followers), followers_count)
    likes_coverage = ratio(listed_known, sum(counts.values()) if counts else None)
    if not posts:
        is_dated = all(post["published_at"] for post in known.posts.get(account, []))
        reason = "no_posts" if is_dated else "undated_posts"
    elif not followers:
        reason = "no_followers_listed"
    elif followers_coverage is not None and followers_coverage < COMPLETE:
        reason = "partial_followers"
    elif 2 * len(untold) > len(ids):
        reason = "likes_unknown"
    elif likes_coverage is not None and likes_coverage < COMPLETE:
        reason = "partial_likes"
    elif comments_coverage is not None and comments_coverage < COMPLETE:
        reason = "partial_comments"
    else:
        reason = None
    # A mean over posts, too, has none where likes of more than one post in twenty are not known.
    is_told = reason is None and len(untold) <= (1 - COMPLETE) * len(ids)
    per_post = ratio(sum(map(len, posts_of_follower.values())), len(posts)) if is_told else None
    of_a_post = ratio(sum(map(len, posts_of_follower.values())), len(posts) * len(followers)) if is_told else None
    of_12 = None
    if is_told and len(posts) >= 12:
        missed = [
            Fraction(math.comb(len(posts) - len(engaged), 12), math.comb(len(posts), 12))
            for engaged in posts_of_follower.values()
        ]
        of_12 = sum((1 - chance for chance in missed), Fraction()) / len(followers)
    rate = None if reason else ratio(len(posts_of_follower), len(followers))
    both = bool(followers and likes)
    return {
        "followers_count": followers_count,
        "followers_known_count": len(followers),
        "followers_coverage_ratio": followers_coverage,
        "post_count": len(posts),
        "engaged_follower_count": len(posts_of_follower),
        "follower_engagement_rate": rate,
        "follower_engagement_rate_low": None if reason else wilson(len(posts_of_follower), len(followers), -1),
        "follower_engagement_rate_high": None if reason else wilson(len(posts_of_follower), len(followers), 1),
        "follower_engagement_rate_per_post": of_a_post,
        "follower_engagement_rate_12": of_12,
        "ghost_follower_share": None if rate is None else 1 - rate,
        "engaged_followers_per_post": per_post,
        "listed_comment_count": len(written),
        "comments_coverage_ratio": comments_coverage,
        "repeat_engaged_follower_count": sum(len(engaged) > 1 for engaged in posts_of_follower.values()),
        "listed_like_count": len(likes),
        "likes_coverage_ratio": likes_coverage,
        "follower_like_share": ratio(sum(member in followers for member, _ in likes), len(likes)) if both else None,
        "liker_count": len(likers) if likes else None,
        "non_follower_liker_count": len(likers - followers) if both else None,
        "non_follower_liker_share": ratio(len(likers - followers), len(likers)) if both else None,
        "reason": reason,
        "window_start": as_of - timedelta(days=90) if as_of and window == "last_90_days" else None,
        "window_end": as_of,
    }


def wilson(count: int, total: int, side: int) -> Fraction:
    """A bound of the interval of Wilson, to forty digits."""
    if (count, side) in ((0, -1), (total, 1)):
        return Fraction(count, total)
    share, z = Fraction(count, total), Fraction("1.959963984540054")
    inside = share * (1 - share) / total + z**2 / (4 * total**2)
    with localcontext(prec=40):
        root = Fraction((Decimal(inside.numerator) / Decimal(inside.denominator)).sqrt())
    return (share + z**2 / (2 * total) + side * z * root) / (1 + z**2 / total)


def ratio(part: int, whole: int | None) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def niche_of(known: Graph, account: Account) -> str | None:
    niche = NICHES[known.accounts[account]["niche"]]
    return None if niche == "unknown" else niche


def _follows_of_people(known: Graph) -> dict[tuple[str, str], set[Account]]:
    """Whom each person follows."""
    found: dict[tuple[str, str], set[Account]] = defaultdict(set)
    for account, followers in known.followers.items():
        for member in followers:
            found[account[0], member].add(account)
    return found


def niche_counts(known: Graph) -> dict[Account, Counter[str]]:
    """How often the followers of each account follow another one of each known niche."""
    followed = _follows_of_people(known)
    return {
        account: Counter(
            niche
            for member in followers
            for other in followed[account[0], member] - {account}
            if (niche := niche_of(known, other))
        )
        for account, followers in known.followers.items()
    }


def _labelled(known: Graph, account: Account) -> int:
    followed = _follows_of_people(known)
    return sum(
        any(niche_of(known, other) for other in followed[account[0], member] - {account})
        for member in known.followers.get(account, ())
    )


def _concentration(counts: Counter[str], labelled: int, limits: Limits) -> Row:
    shares = [Fraction(count, counts.total()) for count in counts.values()]
    enough = labelled >= limits.labelled_min and bool(shares)
    entropy = math.fsum(-float(share) * math.log(share) for share in shares)
    return {
        "labelled_follower_count": labelled,
        "audience_hhi": sum(share**2 for share in shares) if enough else None,
        "audience_entropy_nats": entropy if enough else None,
        "audience_effective_niches": math.exp(entropy) if enough else None,
    }


def audience_niches(known: Graph) -> dict[Key, Row]:
    """The mart by its key."""
    by_account = niche_counts(known)
    everywhere: Counter[str] = Counter()
    for counts in by_account.values():
        everywhere.update(counts)
    found: dict[Key, Row] = {}
    for account, counts in by_account.items():
        for niche, count in counts.items():
            share = Fraction(count, counts.total())
            base = Fraction(everywhere[niche], everywhere.total())
            found[*account, niche] = {
                "follow_count": count,
                "audience_share": share,
                "base_share": base,
                "affinity": share / base,
            }
    return found


OVERLAPS = ("overlap_count", "overlap_left_out_few_listed_count", "overlap_left_out_smaller_count")


def overlaps_left_out(known: Graph, limits: Limits) -> dict[Account, Row]:
    """For each account that lists followers, how many accounts it shares some with, by what became of them."""
    lists = {account: set(own) for account, own in known.followers.items() if own}
    found: dict[Account, Row] = {}
    for account, own in lists.items():
        others = [
            theirs for other, theirs in lists.items() if other != account and other[0] == account[0] and own & theirs
        ]
        told = sum(min(len(own), len(theirs)) >= limits.listed_min for theirs in others)
        counts = (min(told, limits.partners_max), len(others) - told, max(told - limits.partners_max, 0))
        found[account] = dict(zip(OVERLAPS, counts, strict=True))
    return found


def audience_overlap(known: Graph, limits: Limits) -> dict[Key, Row]:
    """The mart by its key, counted from everybody: per account the largest overlaps, ties by name."""
    eligible = {key: set(own) for key, own in known.followers.items() if len(own) >= limits.listed_min}
    found: dict[Key, Row] = {}
    for account, own in eligible.items():
        shared = {
            other: len(own & theirs)
            for other, theirs in eligible.items()
            if other != account and other[0] == account[0] and own & theirs
        }
        for other in sorted(shared, key=lambda other: (-shared[other], other))[: limits.partners_max]:
            theirs = eligible[other]
            found[*account, other[1]] = {
                "followers_known_count": len(own),
                "other_followers_known_count": len(theirs),
                "shared_follower_count": shared[other],
                "overlap_jaccard": ratio(shared[other], len(own | theirs)),
                "overlap_containment": ratio(shared[other], min(len(own), len(theirs))),
                "sampling_rate": 1,
                "shared_follower_count_error": 0,
            }
    return found


@dataclass(frozen=True)
class AtRisk:
    """A follower, the tenth it joined in, how many posts came after, and with how many of these it engaged."""

    tenth: int
    is_engaged: bool
    later: int
    acts: int


def at_risk(known: Graph, account: Account) -> list[AtRisk]:
    """The followers of known times of an account, where no two joined at the same time."""
    acts = known.likes.get(account, set()) | known.comments.get(account, set())
    published = {post["post_id"]: post["published_at"] for post in known.posts.get(account, ())}
    joined = {member: at for member, at in known.followers.get(account, {}).items() if at}
    found = []
    for tenth, members in _tenths(sorted(joined, key=lambda member: joined[member])).items():
        for member in members:
            later = {post for post, at in published.items() if at and at > joined[member]}
            own = {post for person, post in acts if person == member}
            found.append(AtRisk(tenth, bool(own), len(later), len(own & later)))
    return found


def audience_dilution(known: Graph, rated: dict[Key, Row]) -> dict[Key, Row]:
    """The mart by its key; `rated` is `audience`."""
    found: dict[Key, Row] = {}
    for account in known.followers:
        is_rated = (*account, "all_time") in rated and rated[*account, "all_time"][
            "follower_engagement_rate"
        ] is not None
        for tenth, own in grouped_by_tenth(at_risk(known, account)).items():
            later, acts = sum(each.later for each in own), sum(each.acts for each in own)
            rate = ratio(acts, later) if is_rated else None
            low = high = None
            away = sum((each.acts - rate * each.later) ** 2 for each in own) if rate is not None else 0
            if rate is not None and len(own) > 1 and away:
                error = math.sqrt(Fraction(len(own), len(own) - 1) * away) / later
                half = float(t.ppf(0.975, len(own) - 1)) * error
                low, high = max(float(rate) - half, 0.0), min(float(rate) + half, 1.0)
            engaged = sum(each.is_engaged for each in own)
            found[*account, tenth] = {
                "followers_known_count": len(own),
                "engaged_follower_count": engaged,
                "follower_engagement_rate": ratio(engaged, len(own)) if is_rated else None,
                "at_risk_count": later,
                "engaged_at_risk_count": acts,
                "engagement_rate_at_risk": rate,
                "engagement_rate_at_risk_low": low,
                "engagement_rate_at_risk_high": high,
            }
    return found


def grouped_by_tenth(followers: list[AtRisk]) -> dict[int, list[AtRisk]]:
    found: dict[int, list[AtRisk]] = defaultdict(list)
    for follower in followers:
        found[follower.tenth].append(follower)
    return found


def audience_dilution_trend(known: Graph, rated: dict[Key, Row]) -> dict[Key, Row]:
    """The mart by its key; `rated` is `audience`."""
    found: dict[Key, Row] = {}
    for account in known.followers:
        tenths = {d: own for d, own in grouped_by_tenth(at_risk(known, account)).items() if any(f.later for f in own)}
        own = [follower for followers in tenths.values() for follower in followers]
        if not own or account not in known.accounts:
            continue
        strict = rated[*account, "all_time"]["reason"]
        later, acts = sum(f.later for f in own), sum(f.acts for f in own)
        rate = Fraction(acts, later)
        middle = Fraction(sum(f.later * f.tenth for f in own), later)
        spread = sum(f.later * (f.tenth - middle) ** 2 for f in own)
        slope = sum((f.tenth - middle) * f.acts for f in own) / spread if spread else Fraction(0)
        pull = sum((f.tenth - middle) ** 2 * (f.acts - (rate + slope * (f.tenth - middle)) * f.later) ** 2 for f in own)
        reason = strict or (
            "few_tenths" if len(tenths) < 3 else "no_engagement" if not acts else "no_spread" if not pull else None
        )
        row: Row = {
            "followers_known_count": len(own), "engagement_rate_at_risk": None if strict else rate, "trend": None,
            "trend_low": None, "trend_high": None, "trend_p": None, "trend_reason": reason,
        }  # fmt: skip
        if reason is None:
            error = math.sqrt(Fraction(len(own), len(own) - 2) * pull) / float(spread * rate)
            trend, half = float(slope / rate), float(t.ppf(0.975, len(own) - 2)) * error
            p = 2 * float(t.sf(abs(trend) / error, len(own) - 2))
            row |= {"trend": trend, "trend_low": trend - half, "trend_high": trend + half, "trend_p": p}
        found[*account, "all_time"] = row
    return found


def _tenths(ordered: Iterable[Any]) -> dict[int, list[Any]]:
    members = list(ordered)
    found: dict[int, list[Any]] = defaultdict(list)
    for place, member in enumerate(members):
        found[place * 10 // len(members) + 1].append(member)
    return found
