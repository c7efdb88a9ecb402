"""Follower, like and comment lists of a few small accounts of the examples, captions, and a day by day history.

Everything here is drawn from chance of its own, so that the other files stay the same whatever is added.
"""

import csv
import random
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from examples.export_files import SEEN_AT, UTC_FORMAT

Record = Mapping[str, str]
# As it is delivered: a count is absent where it is hidden.
Post = Mapping[str, Any]
Rows = list[dict[str, object]]

SEED = 2027
FIRST_FOLLOW = datetime(2024, 1, 1)
ACCOUNTS, PEOPLE, STRANGERS = 6, 1_500, 400
MORE_ACCOUNTS, MORE_PEOPLE, MEGAS = 8, 3_500, 5
KEYS = ("platform", "account_id")
DAYS, SPIKE_DAY = 30, 12
SCENES = ("First light", "Slow morning", "Back again", "Two years of this", "What a week", "Small things", "Notes")
BRANDS = ("teapot.studio", "northpeak", "goodsoap")


def list_files(accounts: Sequence[Record], posts: Sequence[Record]) -> dict[str, Rows]:
    """Lists of small accounts that have posts here: as many people as the platform counts.

    The good row of the broken file has no list: so some likes of its account are missing, and its strict rate is null.
    """
    known = {post["account_id"] for post in posts}
    small = [each for each in accounts if 200 <= int(each["followers_count"]) < 1_000 and each["account_id"] in known]
    rng = random.Random(SEED)  # noqa: S311  # chance that can be repeated is the point
    return _lists(rng, "audiences", small[:ACCOUNTS], posts, PEOPLE)


def campaign_files(accounts: Sequence[Record], listed: Collection[object], posts: Sequence[Post]) -> dict[str, Rows]:
    """What somebody gathered for a campaign: lists of some more accounts, in part of the same people as those of the accounts
    that are `listed` already, and quotes in cash of all of them and for stories of the largest. Of the quotes one is old, one has no date, one begins somewhere and two are in other currencies.
    """
    rng = random.Random(SEED + 1)  # noqa: S311
    own = {post["account_id"] for post in posts}
    with_posts = [each for each in accounts if each["account_id"] in own and each["account_id"] not in listed]
    chosen = [each for each in with_posts if 200 <= int(each["followers_count"]) < 3_000][:MORE_ACCOUNTS]
    lists = _lists(rng, "campaign", chosen, posts, MORE_PEOPLE)
    bare = [{name: row[name] for name in (*KEYS, "follower_id")} for row in lists["campaign/followers.csv"]]
    megas = [each for each in accounts if int(each["followers_count"]) >= 1_000_000]
    priced = [each for each in accounts if each["account_id"] in listed] + chosen
    return {
        "campaign/followers.csv.gz": bare,
        "campaign/likes.csv.gz": lists["campaign/likes.csv"],
        "campaign/comments.csv": lists["campaign/comments.csv"],
        "campaign/quotes.csv": [
            *(_quote(rng, place, each) for place, each in enumerate(priced)),
            *(_story(each, 100 * round(int(each["followers_count"]) / 40_000)) for each in megas[:MEGAS]),
        ],
    }


def _quote(rng: random.Random, place: int, account: Record) -> dict[str, object]:
    price = 5 * round(max(4, int(account["followers_count"]) / 100 * rng.uniform(0.6, 1.6)))
    odd: dict[int, dict[str, object]] = {
        2: {"quoted_on": None},
        4: {"quoted_on": "2024-11-03"},
        6: {"currency": "EUR"},
        7: {"currency": "GBP"},
        9: {"price": None, "price_min": price},
    }
    return _story(account, price) | odd.get(place, {})


def _story(account: Record, price: int) -> dict[str, object]:
    return {name: account[name] for name in KEYS} | {
        "media_type": "story", "price": price, "price_min": None, "currency": "USD", "compensation": "cash",
        "quoted_on": "2026-08-10",
    }  # fmt: skip


def _lists(
    rng: random.Random, folder: str, chosen: Sequence[Record], posts: Sequence[Post], people: int
) -> dict[str, Rows]:
    """Followers of some accounts, and who likes their posts and comments on them."""
    follows, likes, comments = Rows(), Rows(), Rows()
    for place, account in enumerate(chosen):
        followers = _followers(rng, place, int(account["followers_count"]), people)
        follows += [_follow(rng, account, person) for person in followers]
        fans = [*followers[: len(followers) // 3], *rng.sample(range(people, people + STRANGERS), 60)]
        others = [person for person in followers if person not in fans]
        for post in (each for each in posts if each["account_id"] == account["account_id"]):
            active = [*rng.sample(fans, len(fans)), *rng.sample(others, len(others))]
            likes += [_act(post, "liker_id", f"p{person}") for person in active[: int(post.get("like_count") or 0)]]
            talkers = enumerate(active[: int(post.get("comment_count") or 0)])
            comments += [
                {**_act(post, "comment_id", f"{post['post_id'][-6:]}{n}"), "commenter_id": f"p{person}"}
                for n, person in talkers
            ]
    return {f"{folder}/followers.csv": follows, f"{folder}/likes.csv": likes, f"{folder}/comments.csv": comments}


def _followers(rng: random.Random, place: int, count: int, people: int) -> list[int]:
    """People of one crowd, neighbouring accounts having much of their crowd in common; the keenest first."""
    start = place * 150
    return rng.sample([person % people for person in range(start, start + round(count * 1.25))], count)


def _follow(rng: random.Random, account: Record, person: int) -> dict[str, object]:
    days = rng.randrange((SEEN_AT - FIRST_FOLLOW).days)
    return {
        "platform": account["platform"],
        "account_id": account["account_id"],
        "follower_id": f"p{person}",
        "followed_at": (FIRST_FOLLOW + timedelta(days=days)).strftime(UTC_FORMAT),
        "observed_at": SEEN_AT.strftime(UTC_FORMAT),
        "is_complete_list": True,
    }


def _act(post: Post, column: str, value: object) -> dict[str, object]:
    return {"platform": post["platform"], "post_id": post["post_id"], column: value}


def captions(owners: Sequence[str]) -> list[str]:
    """A caption for each post of a list: every fourth account keeps naming a brand, some say that they were paid."""
    rng = random.Random(SEED)  # noqa: S311
    places = {owner: place for place, owner in enumerate(dict.fromkeys(owners))}
    texts = []
    for owner in owners:
        place, scene = places[owner], rng.choice(SCENES)
        brand = BRANDS[place // 4 % len(BRANDS)]
        if place % 4 == 0:
            texts.append(f"{scene}, with @{brand}" if rng.random() < 0.6 else scene)
        elif rng.random() < 0.25:
            texts.append(f"{scene} with @{brand} #ad")
        else:
            texts.append(scene)
    return texts


def daily_history(accounts: Sequence[Record]) -> Rows:
    """Three accounts counted each day of a month; the first gains in one day what it gains in a fortnight."""
    rng = random.Random(SEED)  # noqa: S311
    rows = Rows()
    for place, account in enumerate(accounts):
        followers = int(account["followers_count"])
        usual = max(followers // 400, 3)
        for back in range(1, DAYS + 1):
            followers -= (
                usual + rng.randint(-usual // 3, usual // 3) + (14 * usual if (place, back) == (0, SPIKE_DAY) else 0)
            )
            rows.append(
                {
                    "platform": account["platform"],
                    "account_id": account["account_id"],
                    "observed_at": (SEEN_AT - timedelta(days=back)).strftime(UTC_FORMAT),
                    "followers_count": followers,
                }
            )
    return rows


def records(text: bytes) -> list[Record]:
    """The rows of a CSV file."""
    return list(csv.DictReader(text.decode().splitlines()))
