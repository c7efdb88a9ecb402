-- What all accounts of each creator come to.
SELECT creator, platforms, followers_count_upper_bound AS followers_at_most FROM creators
