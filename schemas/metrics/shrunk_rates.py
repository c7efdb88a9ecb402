"""Metrics of rates drawn towards what accounts of the same size and niche have, and of how far to trust them."""

from schemas.metrics.metric import Metric

TEST = "tests/unit/transforms/test_shrinkage.py"
WORKED = f"{TEST}::test_the_worked_example"
MODEL = "docs/statistics.md; variances moderated as in Smyth 2004, between accounts as in Paule and Mandel 1982"
LETTERS = "y = ln((k + 1/2) / f) of the n posts with a known rate, k = like_count + comment_count, f = the post's followers_count"
NULL = (
    "shrunk_reason is that of engagement_rate_by_followers (no_posts, undated_posts, hidden_likes, no_comments, "
    "no_followers), no_prior (fewer than 20 accounts of the platform and window) or scatter_unknown (each of them with one "
    "post)"
)
SAME = "where engagement_rate_shrunk is, with the same shrunk_reason"

SHRUNK = (
    Metric(
        name="engagement_rate_shrunk",
        label="Engagement rate to expect on average",
        formula=f"c * exp(mu), mu = p + shrunk_weight * (mean of y - p); {LETTERS}; p = the log rate expected at the size and "
        "niche, c = mean of exp((y - mean of y) * sqrt(n / (n - 1))) over the posts of accounts with two or more; ten "
        "significant digits",
        unit="ratio",
        null_rule=NULL,
        source=f"{MODEL}; c is the smearing of Duan 1983",
        columns=("account_engagement.engagement_rate_shrunk",),
        example=WORKED,
    ),
    Metric(
        name="engagement_rate_shrunk_low",
        label="Engagement rate to expect on average, from (95 % interval)",
        formula="c * exp(mu - t * sd), sd = sqrt(shrunk_weight * post_sd_log^2 / n), t = 0.975 quantile of Student's with as many "
        "degrees of freedom as the common variance is worth, and n - 1",
        unit="ratio",
        null_rule=SAME,
        source=MODEL,
        columns=("account_engagement.engagement_rate_shrunk_low",),
        example=WORKED,
    ),
    Metric(
        name="engagement_rate_shrunk_high",
        label="Engagement rate to expect on average, to (95 % interval)",
        formula="c * exp(mu + t * sd), letters as for engagement_rate_shrunk_low; no more than 10^13",
        unit="ratio",
        null_rule=SAME,
        source=MODEL,
        columns=("account_engagement.engagement_rate_shrunk_high",),
        example=WORKED,
    ),
    Metric(
        name="engagement_rate_next_low",
        label="Engagement rate of one next post, from (95 % interval)",
        formula="exp(mu - t * sqrt(sd^2 + post_sd_log^2)), letters as for engagement_rate_shrunk_low; 0 where that is half an "
        "interaction or less",
        unit="ratio",
        null_rule=SAME,
        source=MODEL,
        columns=("account_engagement.engagement_rate_next_low",),
        example=WORKED,
    ),
    Metric(
        name="engagement_rate_next_high",
        label="Engagement rate of one next post, to (95 % interval)",
        formula="exp(mu + t * sqrt(sd^2 + post_sd_log^2)), letters as for engagement_rate_shrunk_low; no more than 10^13",
        unit="ratio",
        null_rule=SAME,
        source=MODEL,
        columns=("account_engagement.engagement_rate_next_high",),
        example=WORKED,
    ),
    Metric(
        name="shrunk_weight",
        label="How much its own posts count",
        formula="V / (V + post_sd_log^2 / n), V = variance of accounts around the rate expected, that of the expectation "
        "included; 1 where posts do not scatter",
        unit="ratio",
        null_rule=SAME,
        source=MODEL,
        columns=("account_engagement.shrunk_weight",),
        example=WORKED,
    ),
    Metric(
        name="post_sd_log",
        label="Scatter of its posts (standard deviation of log rates)",
        formula="sqrt((d0 * s0^2 + (n - 1) * s^2) / (d0 + n - 1)), s^2 = variance (n - 1) of its y, s0^2 = the common variance of "
        "the platform and window and d0 the degrees of freedom it is worth",
        unit="ratio",
        null_rule=SAME,
        source="Smyth, Linear Models and Empirical Bayes Methods, 2004",
        columns=("account_engagement.post_sd_log",),
        example=WORKED,
    ),
    Metric(
        name="engagement_rate_prior",
        label="Engagement rate of similar accounts",
        formula="c * exp(p), p = niche effect + b1 * u + b2 * u^2, u = mean ln f of its posts, scaled; without posts ln "
        "followers_count; beyond the sizes that were fitted, as at their end",
        unit="ratio",
        null_rule="where shrunk_reason is no_prior or scatter_unknown, where it would be with a rate, and without any "
        "followers above 0",
        source=MODEL,
        columns=("account_engagement.engagement_rate_prior",),
        example=f"{TEST}::test_the_prior_is_that_of_the_size_and_niche",
    ),
)
