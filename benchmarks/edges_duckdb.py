"""The same audience by hand-written DuckDB SQL, as ids come or (with `sha256`) as pseudonyms under a key."""

import secrets
import sys
from pathlib import Path

import duckdb

LOAD = {
    "accounts": "platform, account_id, followers_count::BIGINT AS followers_count",
    "posts": "platform, post_id, account_id, like_count::BIGINT AS like_count",
    "follows": "platform, account_id, {follower_id} AS follower_id",
    "likes": "platform, post_id, {liker_id} AS liker_id",
}
COLUMNS = {
    "accounts": ("platform", "account_id", "followers_count"),
    "posts": ("platform", "post_id", "account_id", "like_count", "comment_count"),
    "follows": ("platform", "account_id", "follower_id"),
    "likes": ("platform", "post_id", "liker_id"),
}

AUDIENCE = """
CREATE TABLE audience AS
WITH acts AS MATERIALIZED (
  SELECT p.platform, p.account_id, l.post_id, l.liker_id
  FROM (SELECT DISTINCT platform, post_id, liker_id FROM likes) l JOIN posts p USING (platform, post_id)
), followers AS MATERIALIZED (
  SELECT DISTINCT platform, account_id, follower_id FROM follows
), known AS (
  SELECT platform, account_id, count(*) AS people FROM followers GROUP BY ALL
), engaged AS (
  SELECT platform, account_id, count(*) AS people FROM followers f
  SEMI JOIN acts a ON a.platform = f.platform AND a.account_id = f.account_id AND a.liker_id = f.follower_id
  GROUP BY ALL
), listed AS (
  SELECT platform, account_id, count(*) AS likes FROM acts GROUP BY ALL
), counted AS (
  SELECT platform, account_id, sum(like_count) AS likes FROM posts GROUP BY ALL
)
SELECT platform, account_id, 'all_time' AS time_window, coalesce(k.people, 0) AS followers_known_count,
       coalesce(e.people, 0) AS engaged_follower_count,
       coalesce(e.people, 0) / nullif(k.people, 0) AS follower_engagement_rate,
       coalesce(l.likes, 0) AS listed_like_count, coalesce(l.likes, 0) / nullif(c.likes, 0) AS likes_coverage_ratio
FROM accounts
LEFT JOIN known k USING (platform, account_id)
LEFT JOIN engaged e USING (platform, account_id)
LEFT JOIN listed l USING (platform, account_id)
LEFT JOIN counted c USING (platform, account_id);
"""


def main(folder: Path, target: Path, way: str) -> None:
    connection = duckdb.connect(str(target))
    connection.execute("SET preserve_insertion_order = false")
    key = secrets.token_hex(32)
    members = {name: f"sha256('{key}' || {name})" if way == "sha256" else name for name in ("follower_id", "liker_id")}
    for name, selected in LOAD.items():
        columns = ", ".join(f"'{column}': 'VARCHAR'" for column in COLUMNS[name])
        connection.execute(
            f"CREATE TABLE {name} AS SELECT {selected.format(**members)} "
            f"FROM read_csv(?, header=true, columns={{{columns}}})",
            [str(folder / f"{name}.csv")],
        )
    connection.execute(AUDIENCE)
    connection.execute("CHECKPOINT")
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), (sys.argv[3:] or ["ids"])[0])
