"""The accounts and posts of the examples, drawn by chance.

Rates fall with size along the bands that Markerly published, times a factor per niche and platform, times noise; that
they come out so again proves nothing.
"""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from examples.export_files import SEEN_AT, UTC_FORMAT, Row

FIRST_POST = datetime(2026, 5, 5)
# People tire of an account with so many paid posts: those earn a third. Who would have most posts posts seldom instead.
OFTEN_PAID, JUDGED, MOST_POSTS, SELDOM = 5, 8, 18, 3
# Engagement as a share of followers at a follower count; in between along a straight line of the logarithms.
RATES = ((300, 0.08), (3_000, 0.04), (30_000, 0.024), (300_000, 0.017), (3_000_000, 0.0165), (30_000_000, 0.016))
# How the rate of a niche compares with the mean of all, and how people spell the niche.
NICHES: dict[str, tuple[float, tuple[str, ...]]] = {
    "beauty": (1.15, ("Beauty", "beauty", "makeup", "beaty", "Beauty;Fashion")),
    "education": (0.70, ("Education", "education", "EDUCATION")),
    "fashion": (0.90, ("Fashion", "fasion", "fashion 0.5", "fashion", "Fashion|Beauty")),
    "fitness": (0.95, ("Fitness", "fitness", "fitnes", "Fitness, Food")),
    "food": (1.05, ("Food", "foodie", "food 0.8", "food")),
    "gaming": (0.85, ("Gaming", "gaming", " gaming ")),
    "music": (1.00, ("Music", "music", "MUSIC")),
    "travel": (1.40, ("Travel", "travelling", "traveling", "travel 1.0")),
}
PLATFORMS = {"instagram": 1.0, "tiktok": 1.3, "youtube": 0.7}
TIERS = ((4, 150, 990), (5, 1_000, 99_000), (3, 100_000, 990_000), (2, 1_000_000, 20_000_000))
MEDIA_TYPES = {"instagram": ("image", "carousel", "reel"), "tiktok": ("video",), "youtube": ("video", "short")}
FIRST_WORDS = (
    "amber", "brisk", "cedar", "clover", "copper", "coral", "dusty", "ember", "fern", "frosty", "golden", "hazel",
    "ivory", "juniper", "lunar", "maple", "mossy", "olive", "pebble", "quiet", "rusty", "silver", "sunny", "velvet",
)  # fmt: skip
SECOND_WORDS = (
    "badger", "bramble", "brook", "comet", "cove", "finch", "harbor", "heron", "kettle", "lantern", "marten", "meadow",
    "otter", "pine", "plover", "quill", "raven", "ridge", "robin", "sparrow", "thistle", "tide", "willow", "wren",
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """An account and what is behind its figures."""

    platform: str
    account_id: str
    handle: str
    name: str
    niche: str
    followers: int
    rate: float
    hides_likes: bool
    posts: int


def make_accounts(rng: random.Random) -> list[Account]:
    """Every niche on every platform in every tier of the article, small accounts more often than large ones."""
    handles = [(first, second) for first in FIRST_WORDS for second in SECOND_WORDS]
    rng.shuffle(handles)
    accounts = []
    for platform, platform_factor in PLATFORMS.items():
        for niche_factor, spellings in NICHES.values():
            for count, low, high in TIERS:
                for _ in range(count):
                    first, second = handles.pop()
                    handle = f"{first}.{second}"
                    followers = round(math.exp(rng.uniform(math.log(low), math.log(high))))
                    rate = usual_rate(followers) * niche_factor * platform_factor * noise(rng, 0.3)
                    accounts.append(
                        Account(
                            platform, account_id(rng, platform, handle), handle, f"{first} {second}".title(),
                            rng.choice(spellings), followers, rate, rng.random() < 0.05,
                            0 if rng.random() < 0.03 else rng.randint(6, MOST_POSTS),
                        )
                    )  # fmt: skip
    return accounts


def usual_rate(followers: int) -> float:
    """The rate of the bands at a follower count."""
    points = [(math.log(size), math.log(rate)) for size, rate in RATES]
    x = min(max(math.log(followers), points[0][0]), points[-1][0])
    (x0, y0), (x1, y1) = next(pair for pair in pairwise(points) if x <= pair[1][0])
    return math.exp(y0 + (y1 - y0) * (x - x0) / (x1 - x0))


def noise(rng: random.Random, spread: float) -> float:
    """A factor of mean 1, as often far above as far below in the logarithm."""
    return math.exp(rng.gauss(0, spread) - spread**2 / 2)


def account_id(rng: random.Random, platform: str, handle: str) -> str:
    """Ids as the platforms write them; TikTok exports know the handle alone."""
    if platform == "instagram":
        return f"178414{rng.randrange(10**11):011d}"
    return handle if platform == "tiktok" else f"UC{rng.getrandbits(88):022x}"


def make_posts(rng: random.Random, account: Account) -> list[Row]:
    """Posts of one account between May and August, seen at the end of August, in canonical columns."""
    rows = []
    for _ in range(account.posts):
        published = FIRST_POST + timedelta(seconds=rng.randrange(int((SEEN_AT - FIRST_POST).total_seconds()) - 86_400))
        engagement = round(account.followers * account.rate * noise(rng, 0.4))
        comments = round(engagement * rng.uniform(0.02, 0.07))
        hidden = account.hides_likes or rng.random() < 0.02
        media_type = rng.choice(MEDIA_TYPES[account.platform])
        views = None if media_type in ("image", "carousel") else round(account.followers * noise(rng, 0.5))
        rows.append(
            {
                "platform": account.platform,
                "post_id": post_id(rng, account.platform),
                "account_id": account.account_id,
                "published_at": published.strftime(UTC_FORMAT),
                "media_type": media_type,
                "like_count": None if hidden else engagement - comments,
                "comment_count": comments,
                "view_count": views,
                "is_sponsored": rng.random() < 0.12,
                "observed_at": SEEN_AT.strftime(UTC_FORMAT),
            }
        )
    # Done to what was drawn, so that nothing else is drawn otherwise.
    paid = [row for row in rows if row["is_sponsored"]]
    if len(paid) >= OFTEN_PAID:
        # Enough of them for a verdict, where as many others are left.
        paid += [row for row in rows if not row["is_sponsored"]][: max(0, min(JUDGED, len(rows) - JUDGED) - len(paid))]
        for row in paid:
            row["is_sponsored"] = True
            row |= {name: a_third(row[name]) for name in ("like_count", "comment_count")}
    return rows[:SELDOM] if account.posts == MOST_POSTS else rows


def a_third(count: str | int | bool | None) -> int | None:
    return round(count / 3) if isinstance(count, int) else None


def post_id(rng: random.Random, platform: str) -> str:
    if platform == "youtube":
        return "".join(rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=11))
    return f"{rng.randrange(3 * 10**18, 4 * 10**18)}"
