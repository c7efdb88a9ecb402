"""The same tables by hand-written DuckDB SQL: what an analyst at ease with SQL would run over the same files."""

import sys
from pathlib import Path

import duckdb

SCHEMES = """
CREATE TABLE tiers(scheme VARCHAR, tier VARCHAR, low BIGINT, below BIGINT);
INSERT INTO tiers VALUES
  ('article','nano',0,1000),('article','micro',1000,100000),('article','macro',100000,1000000),('article','mega',1000000,NULL),
  ('mediakix','nano',1000,10000),('mediakix','micro',10000,50000),('mediakix','mid',50000,500000),('mediakix','macro',500000,1000000),('mediakix','mega',1000000,NULL),
  ('hypeauditor_2018','nano',1000,5000),('hypeauditor_2018','micro',5000,20000),('hypeauditor_2018','mid',20000,100000),('hypeauditor_2018','macro',100000,1000000),('hypeauditor_2018','mega',1000000,NULL),
  ('later_fohr','nano',0,10000),('later_fohr','micro',10000,100000),('later_fohr','mid',100000,500000),('later_fohr','macro',500000,1000000),('later_fohr','mega',1000000,NULL),
  ('markerly_bands','under_1k',0,1000),('markerly_bands','1k_10k',1000,10000),('markerly_bands','10k_100k',10000,100000),('markerly_bands','100k_1m',100000,1000000),('markerly_bands','1m_10m',1000000,10000000),('markerly_bands','over_10m',10000000,NULL);
"""

LOAD = """
CREATE TABLE accounts AS SELECT * REPLACE (lower(niche) AS niche) FROM read_csv(?, header=true, columns={
  'platform':'VARCHAR','account_id':'VARCHAR','username':'VARCHAR','niche':'VARCHAR','followers_count':'BIGINT','observed_at':'TIMESTAMPTZ'});
"""
LOAD_POSTS = """
CREATE TABLE posts AS
SELECT p.*, a.followers_count, p.like_count + p.comment_count AS engagement_count,
       p.like_count / nullif(a.followers_count, 0) AS like_rate_by_followers,
       (p.like_count + p.comment_count) / nullif(a.followers_count, 0) AS engagement_rate_by_followers
FROM read_csv(?, header=true, columns={
  'platform':'VARCHAR','post_id':'VARCHAR','account_id':'VARCHAR','published_at':'TIMESTAMPTZ','media_type':'VARCHAR',
  'like_count':'BIGINT','comment_count':'BIGINT','view_count':'BIGINT','observed_at':'TIMESTAMPTZ'}) p
LEFT JOIN accounts a USING (platform, account_id);
"""

WINDOWS = """
CREATE TABLE account_engagement AS
WITH ranked AS (
  SELECT platform, account_id, published_at, like_count, like_rate_by_followers AS l, engagement_rate_by_followers AS r,
         row_number() OVER (PARTITION BY platform, account_id ORDER BY published_at DESC, post_id DESC) AS place,
         published_at > (SELECT max(observed_at) FROM posts) - INTERVAL 90 DAY AS recent
  FROM posts
), windows AS (
  SELECT platform, account_id, 'all_time' AS time_window, count(*) AS post_count, count(like_count) AS known,
         avg(l) AS l, avg(r) AS r, median(r) AS m FROM ranked GROUP BY ALL
  UNION ALL
  SELECT platform, account_id, 'last_90_days', count(*), count(like_count), avg(l), avg(r), median(r) FROM ranked WHERE recent GROUP BY ALL
  UNION ALL
  SELECT platform, account_id, 'last_12_posts', count(*), count(like_count), avg(l), avg(r), median(r) FROM ranked WHERE place <= 12 GROUP BY ALL
)
SELECT a.platform, a.account_id, w.time_window, a.niche, a.followers_count, coalesce(v.post_count, 0) AS post_count,
       CASE WHEN v.known >= 0.5 * v.post_count THEN v.l END AS like_rate_by_followers,
       CASE WHEN v.known >= 0.5 * v.post_count THEN v.r END AS engagement_rate_by_followers,
       CASE WHEN v.known >= 0.5 * v.post_count THEN v.m END AS engagement_rate_by_followers_median
FROM accounts a CROSS JOIN (VALUES ('all_time'), ('last_90_days'), ('last_12_posts')) w(time_window)
LEFT JOIN windows v ON v.platform = a.platform AND v.account_id = a.account_id AND v.time_window = w.time_window;
"""

AGGREGATE = """
CREATE TABLE {name} AS
SELECT platform, {cell} time_window, count(engagement_rate_by_followers) AS account_count, count(*) AS account_listed_count,
       sum(post_count) AS post_count, sum(followers_count) AS followers_count_sum, avg(followers_count) AS followers_count_mean,
       median(followers_count) AS followers_count_median, avg(like_rate_by_followers) AS like_rate_by_followers_mean,
       avg(engagement_rate_by_followers) AS engagement_rate_by_followers_mean,
       median(engagement_rate_by_followers) AS engagement_rate_by_followers_median,
       quantile_cont(engagement_rate_by_followers, 0.25) AS engagement_rate_by_followers_p25,
       quantile_cont(engagement_rate_by_followers, 0.75) AS engagement_rate_by_followers_p75
FROM account_engagement e {tiers} GROUP BY ALL;
"""
TIERS = "LEFT JOIN tiers t ON e.followers_count >= t.low AND (e.followers_count < t.below OR t.below IS NULL)"


def main(folder: Path, target: Path) -> None:
    connection = duckdb.connect(str(target))
    connection.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
    connection.execute(SCHEMES)
    connection.execute(LOAD, [str(folder / "accounts.csv")])
    connection.execute(LOAD_POSTS, [str(folder / "posts.csv")])
    connection.execute(WINDOWS)
    connection.execute(AGGREGATE.format(name="niche_tier_engagement", cell="niche, scheme, tier,", tiers=TIERS))
    connection.execute(AGGREGATE.format(name="tier_engagement", cell="scheme, tier,", tiers=TIERS))
    connection.execute(AGGREGATE.format(name="niche_engagement", cell="niche,", tiers=""))
    connection.execute("CHECKPOINT")
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
