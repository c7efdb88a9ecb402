"""The same audience by the plan one would write in Polars first; with `floor`, only the hashes of the ids.

Nothing but the answer is stored: neither the lists nor what was made of them.
"""

import sys
from pathlib import Path

import duckdb
import polars as pl
import polars_hash as plh

ACCOUNT = ["platform", "account_id"]


def read(folder: Path, name: str) -> pl.LazyFrame:
    return pl.scan_csv(folder / f"{name}.csv", infer_schema=False)


def audience(folder: Path) -> pl.DataFrame:
    posts = read(folder, "posts").with_columns(pl.col("like_count").cast(pl.Int64))
    followers = read(folder, "follows").unique()
    likes = read(folder, "likes").unique()
    acts = likes.join(posts.select(*ACCOUNT, "post_id"), on=["platform", "post_id"], how="inner")
    engaged = followers.join(acts, left_on=[*ACCOUNT, "follower_id"], right_on=[*ACCOUNT, "liker_id"], how="semi")
    plans = [
        followers.group_by(ACCOUNT).agg(pl.len().cast(pl.Int64).alias("followers_known_count")),
        engaged.group_by(ACCOUNT).agg(pl.len().cast(pl.Int64).alias("engaged_follower_count")),
        acts.group_by(ACCOUNT).agg(pl.len().cast(pl.Int64).alias("listed_like_count")),
        posts.group_by(ACCOUNT).agg(pl.col("like_count").sum()),
    ]
    counts = read(folder, "accounts").select(ACCOUNT).collect()
    for frame in pl.collect_all(plans, engine="streaming"):
        counts = counts.join(frame, on=ACCOUNT, how="left")
    known, engaged_count, listed, likes_told = (
        pl.col(name).fill_null(0)
        for name in ("followers_known_count", "engaged_follower_count", "listed_like_count", "like_count")
    )
    return counts.select(
        *ACCOUNT,
        pl.lit("all_time").alias("time_window"),
        known,
        engaged_count,
        listed,
        pl.when(known > 0).then(engaged_count / known).alias("follower_engagement_rate"),
        pl.when(likes_told > 0).then(listed / likes_told).alias("likes_coverage_ratio"),
    )


def floor(folder: Path) -> None:
    """Read both lists and hash their ids; of the hashes only the greatest is kept."""
    for name, ids in (("follows", ("account_id", "follower_id")), ("likes", ("post_id", "liker_id"))):
        hashes = [plh.col(column).nchash.xxh3_64().max() for column in ids]
        read(folder, name).select(hashes).collect(engine="streaming")


def main(folder: Path, target: Path) -> None:
    frame = audience(folder)
    connection = duckdb.connect(str(target))
    connection.register("frame", frame)
    connection.execute("CREATE TABLE audience AS SELECT * FROM frame")
    connection.close()


if __name__ == "__main__":
    if sys.argv[3:] == ["floor"]:
        floor(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
