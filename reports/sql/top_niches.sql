-- The largest niches of the largest platforms; the others are in the warehouse.
-- A table of the connection: other queries of the report join to it.
CREATE OR REPLACE TEMP TABLE top_niches AS
SELECT platform, niche FROM accounts
WHERE platform IN (SELECT platform FROM accounts GROUP BY platform ORDER BY count(*) DESC, platform LIMIT $platforms_shown)
GROUP BY platform, niche
QUALIFY row_number() OVER (PARTITION BY platform ORDER BY count(*) DESC, niche) <= $niches_shown
