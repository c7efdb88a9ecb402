"""The files of each network, in the forms that its exports come in."""

import gzip
import io
import random
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl

from examples.export_files import SEEN_AT, UTC_FORMAT, csv_text, ndjson_text, short_number
from examples.make_accounts import Account, make_posts, noise
from examples.make_lists import captions

BERLIN = ZoneInfo("Europe/Berlin")


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
