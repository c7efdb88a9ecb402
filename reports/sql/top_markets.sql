-- Prices of a platform may be in many currencies: those in which most accounts can be booked.
CREATE OR REPLACE TEMP TABLE top_markets AS
SELECT platform, currency FROM plans
WHERE platform IN (SELECT platform FROM top_niches)
GROUP BY platform, currency
QUALIFY row_number() OVER (PARTITION BY platform ORDER BY max(candidate_count) DESC, currency) <= $markets_shown
