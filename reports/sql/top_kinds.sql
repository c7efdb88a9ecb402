-- Kinds of post are free text, and each has its currencies: those with the most prices of each platform.
CREATE OR REPLACE TEMP TABLE top_kinds AS
SELECT platform, media_type, currency FROM price_summary
WHERE compensation = 'cash' AND currency IS NOT NULL AND account_count > 0 AND platform IN (SELECT platform FROM top_niches)
GROUP BY platform, media_type, currency
QUALIFY row_number() OVER (PARTITION BY platform ORDER BY sum(account_count) DESC, currency, media_type) <= $kinds_shown
