"""A delivery a day: the last costs about what the first did, in time and in files."""

import statistics
import time
from itertools import pairwise
from pathlib import Path

from flows.run import run
from flows.settings import Settings
from tests.sample import how_many

DAYS = how_many(8, long=150)
ACCOUNTS, POSTS, FANS = 50, 100, 200


def deliver(exports: Path, day: int) -> None:
    """What a day brings: followers counted anew, new posts, the likes of them, and one account's list."""
    on = f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}T06:00:00Z"
    texts = {
        "accounts": "platform,account_id,followers_count,observed_at\n"
        + "".join(f"instagram,a{number},{1000 + number + day},{on}\n" for number in range(ACCOUNTS)),
        "posts": "platform,post_id,account_id,like_count,comment_count,published_at\n"
        + "".join(f"instagram,p{day}-{number},a{number % ACCOUNTS},{number},1,{on}\n" for number in range(POSTS)),
        "likes": "platform,post_id,liker_id\n"
        + "".join(f"instagram,p{day}-{number % POSTS},f{number}\n" for number in range(FANS)),
        "follows": "platform,account_id,follower_id\n"
        + "".join(f"instagram,a{day % ACCOUNTS},f{number + day}\n" for number in range(FANS)),
    }
    for name, text in texts.items():
        (exports / f"{name}-{day:03d}.csv").write_text(text, encoding="utf-8")


def test_the_last_costs_what_the_first_did(tmp_path: Path) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    exports.mkdir()
    seconds, files = [], []
    for day in range(DAYS):
        deliver(exports, day)
        began = time.process_time()
        summary = run(exports, Settings(home=home))
        seconds.append(time.process_time() - began)
        files.append(sum(path.is_file() for path in home.rglob("*")))
        assert (summary.published, summary.files_read, summary.rows_loaded) == (True, 4, ACCOUNTS + POSTS + 2 * FANS)
    # The very first makes what the others find, and imports.
    early, late = statistics.median(seconds[1:6]), statistics.median(seconds[-5:])
    print(
        f"{DAYS} deliveries: {early:.2f} s of CPU each at first, {late:.2f} s at last; {files[0]} files, then {files[-1]}"
    )
    assert late < 3 * early + DAYS * 0.01
    brought = [after - before for before, after in pairwise(files[1:])]
    assert max(brought) <= 2 * statistics.median(brought) + 20
    assert max(brought[-5:]) <= max(brought[:5])
