"""Metrics of rates drawn towards what accounts of the same size and niche have, and of how far to trust them."""

from schemas.metrics.metric import NEVER, Metric

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

OTHER = "tests/golden/shrunk_rates/likes_alone"
CALIBRATION = "tests/golden/rate_calibration/one_post_held_back"
OTHER_NULL = (
    "shrunk_reason is no_prior (fewer than 20 accounts of the platform and window have the rate) or scatter_unknown (each of "
    "them with one post)"
)
OTHER_SAME = "where rate_shrunk is, with the same shrunk_reason"
OF_RATE = "of the column of account_engagement in `rate`, k and f being what that divides by what"
HELD = "y of the post with the smallest hash of its id, of each account with two known posts or more, foretold from its others"


def _other(name: str, label: str, like: str) -> Metric:
    """An estimate of another rate: that of the engagement rate by followers, with other counts."""
    rule = OTHER_NULL if name == "rate_shrunk" else OTHER_SAME
    formula = f"as {like}, {OF_RATE}"
    return Metric(f"{name}_of_rate", label, formula, "ratio", rule, MODEL, (f"shrunk_rates.{name}",), OTHER)


def _error(name: str, label: str, of: str) -> Metric:
    formula = f"square root of the mean of (y - {of})^2, {HELD}"
    column = (f"rate_calibration.{name}",)
    return Metric(name, label, formula, "ratio", NEVER, "own definition", column, CALIBRATION)


SHRUNK = (
    Metric(
        name="engagement_rate_shrunk",
        label="Engagement rate to expect on average",
        formula=f"c * exp(mu), mu = p + shrunk_weight * (mean of y - p); {LETTERS}; p = the log rate expected at the size and "
        "niche, c = the mean of exp((y - mean of y) * sqrt(n / (n - 1))) over the posts of accounts with two or more, to the power of "
        "post_sd_log^2 over the common variance where that is below 1; ten significant digits",
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

SHRUNK_RATES = (
    Metric(
        name="post_known_count_of_rate",
        label="Posts with a known rate",
        formula=f"number of posts of the window whose log rate is known, {OF_RATE}",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("shrunk_rates.post_known_count",),
        example=OTHER,
    ),
    _other("rate_shrunk", "Rate to expect on average", "engagement_rate_shrunk"),
    _other("rate_shrunk_low", "Rate to expect on average, from (95 % interval)", "engagement_rate_shrunk_low"),
    _other("rate_shrunk_high", "Rate to expect on average, to (95 % interval)", "engagement_rate_shrunk_high"),
    _other("rate_next_low", "Rate of one next post, from (95 % interval)", "engagement_rate_next_low"),
    _other("rate_next_high", "Rate of one next post, to (95 % interval)", "engagement_rate_next_high"),
    _other("rate_prior", "Rate of similar accounts", "engagement_rate_prior"),
    _other("shrunk_weight", "How much its own posts count", "shrunk_weight"),
    _other("post_sd_log", "Scatter of its posts (standard deviation of log rates)", "post_sd_log"),
    Metric(
        name="account_count_of_calibration",
        label="Accounts with a post held back",
        formula=f"number of y: {HELD}; of at most 40,000 accounts of a platform",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("rate_calibration.account_count",),
        example=CALIBRATION,
    ),
    Metric(
        name="next_held_count",
        label="Accounts whose held-back post lies in the interval",
        formula="number of them with engagement_rate_next_low <= exp(y) <= engagement_rate_next_high, as foretold",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("rate_calibration.next_held_count",),
        example=CALIBRATION,
    ),
    Metric(
        name="next_held_ratio",
        label="Share of held-back posts that lie in the interval",
        formula="next_held_count / account_count; 0.95 is as it should be",
        unit="ratio",
        null_rule=NEVER,
        source="own definition",
        columns=("rate_calibration.next_held_ratio",),
        example=CALIBRATION,
    ),
    _error("raw_error_log", "Error of the account's own rate (log)", "mean of y of the others"),
    _error("expected_error_log", "Error of the rate of similar accounts (log)", "p"),
    _error("shrunk_error_log", "Error of the shrunk rate (log)", "mu"),
)
