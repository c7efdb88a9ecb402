"""The example exports, made by chance from a fixed seed: the same bytes every time.

Accounts and figures are invented, but for the two accounts of the article.

    python -m examples.make_exports [FOLDER]
"""

import gzip
import json
import random
import sys
from pathlib import Path

from examples.export_files import csv_text
from examples.make_accounts import PLATFORMS, make_accounts
from examples.make_agencies import agency_files, lists_about_accounts
from examples.make_lists import campaign_files, daily_history, list_files, records
from examples.make_networks import instagram_files, tiktok_files, youtube_files

SEED = 2026
HERE = Path(__file__).parent


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


def exports() -> dict[str, bytes]:
    """Every file but sources.toml, by its path inside the exports folder. One generator, one order: the same bytes."""
    rng = random.Random(SEED)  # noqa: S311  # chance that can be repeated is the point
    accounts = make_accounts(rng)
    of = {platform: [account for account in accounts if account.platform == platform] for platform in PLATFORMS}
    instagram = instagram_files(rng, of["instagram"])
    listed, posted = records(instagram["accounts.csv"]), records(instagram["posts.csv"])
    micro = [account for account in listed if 20_000 <= int(account["followers_count"]) < 100_000]
    paged = {str(post["post_id"]): post for post in map(json.loads, instagram["instagram/posts.ndjson"].splitlines())}
    audiences = list_files(listed, posted)
    told = {row["account_id"] for row in audiences["audiences/followers.csv"]}
    campaign = campaign_files(listed, told, list(paged.values()))
    lists = {**audiences, **campaign, "instagram/history/daily.csv": daily_history(micro[:3])}
    return {
        **article_files(),
        **instagram,
        **{name: as_file(name, csv_text(rows)) for name, rows in lists.items()},
        **tiktok_files(rng, of["tiktok"]),
        **youtube_files(rng, of["youtube"]),
        **agency_files(rng, accounts),
        **lists_about_accounts(of),
    }


def as_file(name: str, text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode()


def write_exports(folder: Path) -> None:
    """Write every file below the folder."""
    for name, content in exports().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    write_exports(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "exports")
