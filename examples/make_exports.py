"""The example exports, made by chance from a fixed seed: the same bytes every time.

Accounts and figures are invented, but for the two accounts of the article. Rates fall with size along the bands that
Markerly published, times a factor per niche and platform, times noise; that they come out so again proves nothing.

    python -m examples.make_exports [FOLDER]
"""

import csv
import gzip
import io
import json
import math
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import xlsxwriter

from examples.make_lists import captions, daily_history, list_files, records

SEED = 2026
HERE = Path(__file__).parent
SEEN_AT = datetime(2026, 8, 24, 6)
FIRST_POST = datetime(2026, 5, 5)
BERLIN = ZoneInfo("Europe/Berlin")
UTC_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

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


Row = dict[str, str | int | bool | None]
# Every so many accounts of a network are of a person that an agency knows.
PEOPLE_STEP = 9


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
                            0 if rng.random() < 0.03 else rng.randint(6, 18),
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
    return rows


def post_id(rng: random.Random, platform: str) -> str:
    if platform == "youtube":
        return "".join(rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=11))
    return f"{rng.randrange(3 * 10**18, 4 * 10**18)}"


def short_number(count: int) -> str:
    """`1.2M`, as rankings print it."""
    for size, suffix in ((1_000_000, "M"), (1_000, "K")):
        if count >= size:
            return f"{count / size:.1f}{suffix}"
    return str(count)


def csv_text(rows: Sequence[Mapping[str, object]], *, delimiter: str = ",", header: bool = True) -> str:
    """Rows as CSV; flags in lower case, null as an empty cell."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    if header:
        writer.writeheader()
    for row in rows:
        writer.writerow({name: str(cell).lower() if isinstance(cell, bool) else cell for name, cell in row.items()})
    return out.getvalue()


def ndjson_text(rows: Sequence[Row]) -> str:
    """One object a line; what is null is absent, as the platforms' interfaces do it."""
    return "".join(json.dumps({name: cell for name, cell in row.items() if cell is not None}) + "\n" for row in rows)


def instagram_files(rng: random.Random, accounts: Sequence[Account]) -> dict[str, bytes]:
    """Canonical accounts, posts and history; a third of the posts as NDJSON, a third as a scrape with -1 for hidden."""
    posts = [(number, row) for number, account in enumerate(accounts) for row in make_posts(rng, account)]
    listed = [
        {
            "platform": "instagram", "account_id": account.account_id, "username": account.handle,
            "display_name": account.name, "niche": account.niche, "followers_count": account.followers,
            "follows_count": rng.randint(80, 1_500), "media_count": rng.randint(30, 2_000),
            "is_verified": account.followers > 500_000, "observed_at": SEEN_AT.strftime(UTC_FORMAT),
        }
        for account in accounts
    ]  # fmt: skip
    scrape = [
        {
            "id": row["post_id"], "ownerId": row["account_id"], "type": row["media_type"],
            "likesCount": -1 if row["like_count"] is None else row["like_count"], "commentsCount": row["comment_count"],
            "timestamp": str(row["published_at"]).replace("T", " ").removesuffix("Z"),
        }
        for number, row in posts if number % 3 == 2
    ]  # fmt: skip
    told = captions([str(row["ownerId"]) for row in scrape])
    scrape = [{**row, "caption": text} for row, text in zip(scrape, told, strict=True)]
    pages = [row for number, row in posts if number % 3 == 1]
    pages[300:300] = pages[295:300]  # pages overlap: five posts come twice
    files = {
        "accounts.csv": csv_text(listed).encode(),
        "posts.csv": csv_text([row for number, row in posts if number % 3 == 0]).encode(),
        "instagram/posts.ndjson": ndjson_text(pages).encode(),
        "instagram/scrape.csv": csv_text(scrape).encode(),
        "broken/posts.csv": broken_posts(accounts[0].account_id).encode(),
    }
    growth = {account.account_id: rng.uniform(0.97, 1.08) for account in accounts[::5]}
    for back, month in enumerate(("08", "07", "06", "05")):
        if back:
            earlier = [
                {
                    "platform": "instagram", "account_id": account.account_id,
                    "observed_at": f"2026-{month}-24T06:00:00Z",
                    "followers_count": round(account.followers / growth[account.account_id] ** back),
                }
                for account in accounts[::5]
            ]  # fmt: skip
            files[f"instagram/history/2026-{month}.csv"] = csv_text(earlier).encode()
            # Somebody else's list of the same moment disagrees about one account.
            again = [earlier[0] | {"followers_count": round(accounts[0].followers * 1.1)}]
    files["instagram/history/2026-05-again.csv"] = csv_text(again).encode()
    return files


def tiktok_files(rng: random.Random, accounts: Sequence[Account]) -> dict[str, bytes]:
    """A German creator list in cp1252, canonical posts in a gzip file, a price list with ranges."""
    seen = SEEN_AT.replace(tzinfo=ZoneInfo("UTC")).astimezone(BERLIN).strftime("%d.%m.%Y %H:%M")
    creators = [
        {
            "Konto": f"@{account.handle}", "Name": f"{account.name} für Euch", "Rubrik": account.niche,
            "Anhänger": short_number(account.followers),
            "Land": "Österreich" if rng.random() < 0.2 else "Deutschland", "Stand": seen,
        }
        for account in accounts
    ]  # fmt: skip
    prices: list[dict[str, object]] = []
    for account in accounts[::3]:
        low = max(10, round(account.followers * 0.01 * noise(rng, 0.3), -1))
        asked = rng.random() < 0.1
        prices.append(
            {
                "creator": f"@{account.handle}", "format": "video",
                "from": "on request" if asked else f"${low:,.0f}",
                "to": "on request" if asked else f"${low * 1.5:,.0f}",
                "quoted": f"{rng.randint(1, 31):02d}/07/2026",
            }
        )  # fmt: skip
    videos = csv_text([row for account in accounts for row in make_posts(rng, account)])
    return {
        "tiktok/creators.csv": csv_text(creators, delimiter=";").encode("cp1252"),
        "tiktok/videos.csv.gz": gzip.compress(videos.encode(), mtime=0),
        "agencies/price_list.csv": csv_text(prices).encode(),
    }


def youtube_files(rng: random.Random, accounts: Sequence[Account]) -> dict[str, bytes]:
    """A channel list with quoted thousands, a ranking without header, canonical videos in a Parquet file."""
    channels = [
        {
            "Channel ID": account.account_id, "Title": account.name, "Topic": account.niche,
            "Handle": f"https://www.youtube.com/@{account.handle}",
            # YouTube tells three digits of a subscriber count.
            "Subscribers": f"{round(account.followers, 3 - len(str(account.followers))):,}",
            "Videos": "n/a" if rng.random() < 0.1 else f"{rng.randint(20, 3_000):,}",
        }
        for account in accounts
    ]  # fmt: skip
    largest = sorted(accounts, key=lambda account: -account.followers)[:20]
    ranking = [
        {"rank": rank, "channel": account.account_id, "subscribers": short_number(round(account.followers * 0.98))}
        for rank, account in enumerate(largest, start=1)
    ]
    videos = pl.DataFrame([row for account in accounts for row in make_posts(rng, account)], infer_schema_length=None)
    times = pl.col("published_at", "observed_at").str.to_datetime(UTC_FORMAT, time_unit="us")
    videos = videos.with_columns(times.dt.replace_time_zone("UTC"))
    parquet = io.BytesIO()
    # Without compression, so that the bytes do not hang on the version of a codec.
    videos.write_parquet(parquet, compression="uncompressed")
    return {
        "youtube/channels.csv": csv_text(channels).encode(),
        "youtube/ranking.csv": csv_text(ranking, header=False).encode(),
        "youtube/videos.parquet": parquet.getvalue(),
    }


def agency_files(rng: random.Random, accounts: Sequence[Account]) -> dict[str, bytes]:
    """A workbook of price quotes, and an agency's own figures in percent; some of them flatter."""
    quotes: list[Row] = []
    for account in accounts[::2]:
        product = account.followers < 1_000
        currency = "EUR" if rng.random() < 0.15 else "USD"
        for day in ("2026-05-15", "2026-08-01"):
            price = 0 if product else int(max(20, round(account.followers * 0.01 * noise(rng, 0.3), -1)))
            quotes.append(
                {
                    "platform": account.platform, "account_id": account.account_id,
                    "media_type": "reel" if account.platform == "instagram" else "video", "price": price,
                    "currency": currency, "compensation": "product" if product else "cash", "quoted_on": day,
                }
            )  # fmt: skip
    report = [
        {
            "account": f"@{account.handle}", "followers": f"{account.followers:,}",
            "engagement": "n/a" if account.hides_likes else f"{account.rate * rng.choice((95, 100, 105, 160)):.2f}%",
            "report date": "23/08/2026",
        }
        for account in accounts if account.platform == "instagram" and account.posts
    ][:60]  # fmt: skip
    return {
        "agencies/rates.xlsx": quotes_as_workbook(quotes),
        "agencies/engagement_report.csv": csv_text(report).encode(),
    }


def quotes_as_workbook(quotes: Sequence[Row]) -> bytes:
    """A sheet as people make them: a title above the header, ids as text, prices as numbers, days as dates."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": SEEN_AT})  # not the moment of writing: the same bytes every time
    page = book.add_worksheet("Rates")
    page.write_string(0, 0, "What creators ask for", book.add_format({"bold": True}))
    page.write_string(1, 0, "as told in May and in August")
    page.write_row(3, 0, list(quotes[0]))
    day = book.add_format({"num_format": "d mmm yyyy"})
    for number, quote in enumerate(quotes, start=4):
        *cells, quoted_on = quote.values()
        for column, cell in enumerate(cells):
            page.write_number(number, column, cell) if isinstance(cell, int) else page.write_string(
                number, column, str(cell)
            )
        page.write_datetime(number, len(cells), datetime.fromisoformat(str(quoted_on)), day)
    book.close()
    return stream.getvalue()


def article_files() -> dict[str, bytes]:
    """The two accounts of the article. It gives likes and followers alone: no comments, no topics, no dates."""
    accounts = [
        {"platform": "instagram", "account_id": "kim", "display_name": "Kim Kardashian", "followers_count": 99_100_000},
        {"platform": "instagram", "account_id": "liina", "display_name": "Liina Leino", "followers_count": 73_800},
    ]
    posts = [
        {"platform": "instagram", "post_id": "kim-1", "account_id": "kim", "like_count": 968_352},
        {"platform": "instagram", "post_id": "liina-1", "account_id": "liina", "like_count": 5_560},
    ]
    return {"article/accounts.csv": csv_text(accounts).encode(), "article/posts.csv": csv_text(posts).encode()}


def lists_about_accounts(of: dict[str, list[Account]]) -> dict[str, bytes]:
    """Whom an agency knows on several networks, and topics beside the main one of some accounts."""
    people = zip(*(of[platform][::PEOPLE_STEP] for platform in ("instagram", "tiktok", "youtube")), strict=True)
    creators = [
        {
            "creator": one.name,
            "instagram": one.account_id,
            "tiktok": f"@{other.handle}" if place % 3 else None,
            "youtube": f"https://www.youtube.com/channel/{third.account_id}" if place % 2 else None,
        }
        for place, (one, other, third) in enumerate(people)
    ]
    niches = [
        {"platform": each.platform, "account_id": each.account_id, "niche": f"{each.niche.split(';')[0]}; vlogging"}
        for each in of["youtube"][::PEOPLE_STEP]
    ]
    return {"people/creators.csv": csv_text(creators).encode(), "people/niches.csv": csv_text(niches).encode()}


def broken_posts(account: str) -> str:
    """One good record, then one of each fault that is met most often."""
    good = {
        "platform": "instagram", "post_id": "4000000000000000001", "account_id": account,
        "published_at": "2026-08-20T10:00:00Z", "like_count": "41", "comment_count": "2",
        "observed_at": "2026-08-24T06:00:00Z",
    }  # fmt: skip
    faults = (
        {"like_count": "1.7"},  # a mean where a count belongs
        {"like_count": "NaN"},
        {"like_count": "1.2M"},  # short for people, and not declared so
        {"like_count": "-4"},
        {"post_id": "1.78E+16"},  # a spreadsheet has eaten the digits
        {"published_at": "2026-08-20 10:00:00"},  # whose ten o'clock?
        {"account_id": ""},
    )
    bad = [good | {"post_id": f"400000000000000000{number}"} | fault for number, fault in enumerate(faults, start=2)]
    ragged = ",".join(list(good.values())[:5])
    return csv_text([good, *bad]) + ragged + "\n"


def exports() -> dict[str, bytes]:
    """Every file but sources.toml, by its path inside the exports folder. One generator, one order: the same bytes."""
    rng = random.Random(SEED)  # noqa: S311  # chance that can be repeated is the point
    accounts = make_accounts(rng)
    of = {platform: [account for account in accounts if account.platform == platform] for platform in PLATFORMS}
    instagram = instagram_files(rng, of["instagram"])
    listed, posted = records(instagram["accounts.csv"]), records(instagram["posts.csv"])
    micro = [account for account in listed if 20_000 <= int(account["followers_count"]) < 100_000]
    lists = {**list_files(listed, posted), "instagram/history/daily.csv": daily_history(micro[:3])}
    return {
        **article_files(),
        **instagram,
        **{name: csv_text(rows).encode() for name, rows in lists.items()},
        **tiktok_files(rng, of["tiktok"]),
        **youtube_files(rng, of["youtube"]),
        **agency_files(rng, accounts),
        **lists_about_accounts(of),
    }


def write_exports(folder: Path) -> None:
    """Write every file below the folder."""
    for name, content in exports().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    write_exports(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "exports")
