"""The same tables in pandas, read with its fastest CSV engine and stored in DuckDB: what a notebook would hold."""

import sys
from pathlib import Path

import duckdb
import pandas as pd
from pyarrow import csv

SCHEMES = {
    "article": ([0, 1e3, 1e5, 1e6], ["nano", "micro", "macro", "mega"]),
    "mediakix": ([1e3, 1e4, 5e4, 5e5, 1e6], ["nano", "micro", "mid", "macro", "mega"]),
    "hypeauditor_2018": ([1e3, 5e3, 2e4, 1e5, 1e6], ["nano", "micro", "mid", "macro", "mega"]),
    "later_fohr": ([0, 1e4, 1e5, 5e5, 1e6], ["nano", "micro", "mid", "macro", "mega"]),
    "markerly_bands": (
        [0, 1e3, 1e4, 1e5, 1e6, 1e7],
        ["under_1k", "1k_10k", "10k_100k", "100k_1m", "1m_10m", "over_10m"],
    ),
}
ACCOUNT = ["platform", "account_id"]
RATE = "engagement_rate_by_followers"


def aggregate(engagement: pd.DataFrame, cell: list[str]) -> pd.DataFrame:
    return engagement.groupby(cell, dropna=False, observed=True).agg(
        account_count=(RATE, "count"),
        account_listed_count=("account_id", "size"),
        post_count=("post_count", "sum"),
        followers_count_sum=("followers_count", "sum"),
        followers_count_mean=("followers_count", "mean"),
        followers_count_median=("followers_count", "median"),
        like_rate_by_followers_mean=("like_rate_by_followers", "mean"),
        engagement_rate_by_followers_mean=(RATE, "mean"),
        engagement_rate_by_followers_median=(RATE, "median"),
        engagement_rate_by_followers_p25=(RATE, lambda rate: rate.quantile(0.25)),
        engagement_rate_by_followers_p75=(RATE, lambda rate: rate.quantile(0.75)),
    ).reset_index()  # fmt: skip


def main(folder: Path, target: Path) -> None:
    # Ids are text: pandas' own reader would make numbers of them, or lose hidden likes on the way to text.
    text = csv.ConvertOptions(column_types={"account_id": "string", "post_id": "string"})
    accounts = csv.read_csv(folder / "accounts.csv", convert_options=text).to_pandas()
    posts = csv.read_csv(folder / "posts.csv", convert_options=text).to_pandas()
    accounts["niche"] = accounts["niche"].str.lower()
    posts = posts.merge(accounts[[*ACCOUNT, "followers_count"]], on=ACCOUNT, how="left")
    posts["engagement_count"] = posts["like_count"] + posts["comment_count"]
    posts["like_rate_by_followers"] = posts["like_count"] / posts["followers_count"]
    posts[RATE] = posts["engagement_count"] / posts["followers_count"]
    posts["published_at"] = pd.to_datetime(posts["published_at"], utc=True)
    as_of = pd.to_datetime(posts["observed_at"], utc=True).max()
    posts = posts.sort_values(["published_at", "post_id"], ascending=False)
    windows = {
        "all_time": posts,
        "last_90_days": posts[posts["published_at"] > as_of - pd.Timedelta(days=90)],
        "last_12_posts": posts[posts.groupby(ACCOUNT).cumcount() < 12],
    }
    parts = []
    for name, inside in windows.items():
        grouped = inside.groupby(ACCOUNT)
        per_account = grouped.agg(
            post_count=("post_id", "size"),
            known=("like_count", "count"),
            like_rate_by_followers=("like_rate_by_followers", "mean"),
            engagement_rate_by_followers=(RATE, "mean"),
            engagement_rate_by_followers_median=(RATE, "median"),
        ).reset_index()
        every = accounts[[*ACCOUNT, "niche", "followers_count"]].merge(per_account, on=ACCOUNT, how="left")
        every["post_count"] = every["post_count"].fillna(0)
        hidden = every["known"] < 0.5 * every["post_count"]
        every.loc[hidden, ["like_rate_by_followers", RATE, f"{RATE}_median"]] = float("nan")
        every["time_window"] = name
        parts.append(every)
    engagement = pd.concat(parts)
    niche_tier, tier = [], []
    for scheme, (bounds, names) in SCHEMES.items():
        engagement["tier"] = pd.cut(
            engagement["followers_count"], [*bounds, float("inf")], right=False, labels=names
        ).astype("string")
        niche_tier.append(aggregate(engagement, ["platform", "niche", "tier", "time_window"]).assign(scheme=scheme))
        tier.append(aggregate(engagement, ["platform", "tier", "time_window"]).assign(scheme=scheme))
    tables = {
        "accounts": accounts,
        "posts": posts,
        "account_engagement": engagement,
        "niche_tier_engagement": pd.concat(niche_tier),
        "tier_engagement": pd.concat(tier),
        "niche_engagement": aggregate(engagement, ["platform", "niche", "time_window"]),
    }
    connection = duckdb.connect(str(target))
    connection.execute("SET preserve_insertion_order = false")
    for name, frame in tables.items():
        connection.register("frame", frame)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
        connection.unregister("frame")
    connection.execute("CHECKPOINT")
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
