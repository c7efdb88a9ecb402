"""The same audience in pandas, read with its fastest CSV engine; only the answer is stored, in DuckDB."""

import sys
from pathlib import Path

import duckdb
import pandas as pd
from pyarrow import csv

ACCOUNT = ["platform", "account_id"]


def read(folder: Path, name: str) -> pd.DataFrame:
    # Ids are text: pandas' own reader would make numbers of them.
    ids = ("platform", "account_id", "post_id", "follower_id", "liker_id")
    text = csv.ConvertOptions(column_types=dict.fromkeys(ids, "string"))
    return csv.read_csv(folder / f"{name}.csv", convert_options=text).to_pandas()


def main(folder: Path, target: Path) -> None:
    posts = read(folder, "posts")
    followers = read(folder, "follows").drop_duplicates()
    likes = read(folder, "likes").drop_duplicates()
    acts = likes.merge(posts[[*ACCOUNT, "post_id"]], on=["platform", "post_id"])
    people = acts[[*ACCOUNT, "liker_id"]].drop_duplicates().rename(columns={"liker_id": "follower_id"})
    counts = (
        read(folder, "accounts")[ACCOUNT]
        .merge(followers.groupby(ACCOUNT).size().reset_index(name="followers_known_count"), on=ACCOUNT, how="left")
        .merge(
            followers.merge(people, on=[*ACCOUNT, "follower_id"])
            .groupby(ACCOUNT)
            .size()
            .reset_index(name="engaged_follower_count"),
            on=ACCOUNT,
            how="left",
        )
        .merge(acts.groupby(ACCOUNT).size().reset_index(name="listed_like_count"), on=ACCOUNT, how="left")
        .merge(posts.groupby(ACCOUNT)["like_count"].sum().reset_index(), on=ACCOUNT, how="left")
        .fillna(0)
    )
    counts["follower_engagement_rate"] = counts["engaged_follower_count"] / counts["followers_known_count"]
    counts["likes_coverage_ratio"] = counts["listed_like_count"] / counts["like_count"]
    counts["time_window"] = "all_time"
    connection = duckdb.connect(str(target))
    connection.register("frame", counts)
    connection.execute("CREATE TABLE audience AS SELECT * FROM frame")
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
