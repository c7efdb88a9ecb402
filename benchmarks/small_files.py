"""Forty thousand posts, one GraphQL file of 17 kB each, beside nothing but decoding and hashing the same bytes.

    python benchmarks/small_files.py [--files 40000] [--folder kept]
    python benchmarks/small_files.py --csv [--files 5000] [--folder kept]

With `--csv` the files are tables of 20 posts, and only our own runs are measured.

`decode` reads and decodes each file by msgspec, `hash` reads and hashes it; both in one thread. `again` is a second run
that has nothing to do, `verify` one that hashes all files anew.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.contest import apart, measure

POST_BYTES = 17_000
EACH = "import pathlib, sys, {0}\nfor path in pathlib.Path(sys.argv[1]).rglob('*.json'): {0}.{1}(path.read_bytes())"
DECODE, HASH = EACH.format("msgspec", "json.decode"), EACH.format("hashlib", "sha256")


def generate(folder: Path, files: int) -> None:
    """Posts of a thousand accounts with twelve listed comments each, in folders by account; seeded."""
    import random

    chance = random.Random(17)  # noqa: S311  # made-up counts
    for number in range(files):
        owner = chance.randrange(1000)
        comments = [
            {
                "node": {
                    "id": str(17_000_000_000_000_000 + number * 100 + place),
                    "text": "so nice " * chance.randrange(4, 40),
                    "created_at": 1_760_000_000 + chance.randrange(10**6),
                    "did_report_as_spam": False,
                    "owner": {
                        "id": str(5_000_000 + chance.randrange(200_000)),
                        "is_verified": False,
                        "profile_pic_url": "https://example.invalid/" + "x" * 180,
                        "username": f"member{chance.randrange(200_000)}",
                    },
                    "edge_liked_by": {"count": chance.randrange(9)},
                    "edge_threaded_comments": {"count": 0, "page_info": {"has_next_page": False}, "edges": []},
                }
            }
            for place in range(12)
        ]
        post = {
            "__typename": "GraphImage",
            "id": str(2_000_000_000_000_000_000 + number),
            "shortcode": f"P{number:09d}",
            "taken_at_timestamp": 1_750_000_000 + number,
            "owner": {"id": str(9_000_000 + owner), "username": f"account{owner}"},
            "edge_media_preview_like": {"count": chance.randrange(5000), "edges": []},
            "edge_media_to_parent_comment": {"count": 12 + chance.randrange(50), "edges": comments},
            "edge_media_to_caption": {"edges": [{"node": {"text": "words and words " * chance.randrange(5, 60)}}]},
            "display_resources": [
                {"src": "https://example.invalid/" + "y" * 300, "config_width": width, "config_height": width}
                for width in (640, 750, 1080)
            ],
            "is_video": False,
        }
        text = json.dumps(post)
        post["tracking_token"] = "z" * max(0, POST_BYTES - len(text))
        path = folder / f"account{owner}" / f"{number}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(post), encoding="utf-8")


def generate_csv(folder: Path, files: int) -> None:
    """Tables of twenty posts of five hundred accounts, in folders by account; seeded."""
    import random

    chance = random.Random(3)  # noqa: S311  # made-up counts
    header = "platform,post_id,account_id,published_at,media_type,like_count,comment_count,caption\n"
    for number in range(files):
        owner = number % 500
        lines = [
            f"instagram,C{number:05d}_{row:02d},a{owner},2026-0{1 + row % 6}-{1 + (number + row) % 28:02d}T1{row % 10}:00:00Z,"
            f"{chance.choice(['image', 'reel'])},{chance.randrange(9000)},{chance.randrange(300)},"
            f"nice words {chance.randrange(99)}\n"
            for row in range(20)
        ]
        path = folder / f"account{owner}" / f"posts_{number}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(header + "".join(lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", action="store_true", help="tables of twenty rows instead of nested JSON")
    parser.add_argument("--files", type=int, help="40,000 of JSON and 5,000 of CSV if not said")
    parser.add_argument("--folder", type=Path, help="keep the generated files here between runs")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.folder or Path(scratch) / "exports"
        if not folder.exists():
            folder.mkdir(parents=True)
            wanted = chosen.files or (5_000 if chosen.csv else 40_000)
            print(f"generating {wanted:,} files", flush=True)
            apart(generate_csv if chosen.csv else generate, folder, wanted)
        home = Path(scratch) / "home"
        run = [sys.executable, "-m", "flows.cli", "run", str(folder), "--home", str(home), "--json"]
        contenders = {
            "decode": [sys.executable, "-c", DECODE, str(folder)],
            "hash": [sys.executable, "-c", HASH, str(folder)],
            "ours": run,
            "again": run,
            "verify": [*run, "--verify"],
        }
        if chosen.csv:
            del contenders["decode"], contenders["hash"]
        files = sum(path.is_file() for path in folder.rglob("*"))
        print("| contender | wall s | CPU s | peak MB | files/s |\n|---|---:|---:|---:|---:|")
        for name, command in contenders.items():
            figures = measure(command)
            rate = files / figures["wall"]
            print(
                f"| {name} | {figures['wall']:.1f} | {figures['cpu']:.1f} | {figures['peak_mb']:,.0f} | {rate:,.0f} |",
                flush=True,
            )
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
