"""Metrics of how likes grow with followers."""

from schemas.metrics.metric import NEVER, Metric

SIX = "tests/golden/engagement_regression/six_accounts"
PLANTED = "tests/unit/transforms/test_engagement_regression.py::test_planted_accounts_give_their_line_and_its_rates"
LINES = "tests/unit/transforms/stats/test_line_fit.py::test_the_lines_of_three_points_at_each_size"
HC3 = "least squares with HC3 errors of MacKinnon and White 1985"
NO_FIT = "reason is few_accounts (fewer than 5 to fit) or no_spread (all, or all but one, of one size)"
NO_TEST = "as slope; and where reason is exact_fit (every account is on the line)"
NO_BANDS = "band_reason is few_accounts (fewer than 20) or no_spread"
TIERS = "tests/golden/engagement_regression_tiers/six_accounts"
SIZES = {"1k": "1,000", "10k": "10,000", "100k": "100,000", "1m": "1,000,000"}
SHARES = {"q10": ("0.1", "Low"), "q50": ("0.5", "Usual"), "q90": ("0.9", "High")}


REGRESSION = (
    Metric(
        name="fitted_account_count",
        label="Accounts fitted",
        formula="n, the number of accounts of the cell with like_count_mean and followers_count above 0",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("engagement_regression.account_count",),
        example=SIX,
    ),
    Metric(
        name="account_left_out_count",
        label="Accounts left out of the fit",
        formula="number of the other accounts of the cell",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("engagement_regression.account_left_out_count",),
        example=SIX,
    ),
    Metric(
        name="followers_count_min",
        label="Fewest followers of a fitted account",
        formula="least followers_count of the fitted accounts",
        unit="count",
        null_rule="reason is few_accounts",
        source="own definition",
        columns=("engagement_regression.followers_count_min",),
        example=SIX,
    ),
    Metric(
        name="followers_count_max",
        label="Most followers of a fitted account",
        formula="greatest followers_count of the fitted accounts",
        unit="count",
        null_rule="reason is few_accounts",
        source="own definition",
        columns=("engagement_regression.followers_count_max",),
        example=SIX,
    ),
    Metric(
        name="log_followers_mean",
        label="Mean logarithm of followers",
        formula="mean of ln(followers_count) over the fitted accounts",
        unit="number",
        null_rule="reason is few_accounts",
        source="own definition",
        columns=("engagement_regression.log_followers_mean",),
        example=SIX,
    ),
    Metric(
        name="log_followers_variance",
        label="Variance of the logarithm of followers",
        formula="mean over the fitted accounts of (ln(followers_count) - log_followers_mean)^2",
        unit="number",
        null_rule="reason is few_accounts",
        source="own definition",
        columns=("engagement_regression.log_followers_variance",),
        example=SIX,
    ),
    Metric(
        name="slope",
        label="Growth of likes with followers",
        formula="b of ln(like_count_mean) = a + b * ln(followers_count) by least squares over the fitted accounts",
        unit="number",
        null_rule=NO_FIT,
        source=HC3,
        columns=("engagement_regression.slope",),
        example=SIX,
    ),
    Metric(
        name="intercept",
        label="Where the line begins",
        formula="a of the same fit",
        unit="number",
        null_rule="as slope",
        source=HC3,
        columns=("engagement_regression.intercept",),
        example=SIX,
    ),
    Metric(
        name="slope_standard_error",
        label="Standard error of the growth",
        formula="sqrt(sum(x^2 * (e / (1 - h))^2)) / sum(x^2), x the distance of ln(followers_count) from its mean, e the "
        "residual and h the leverage of each account",
        unit="number",
        null_rule="as slope",
        source=HC3,
        columns=("engagement_regression.slope_standard_error",),
        example=SIX,
    ),
    Metric(
        name="slope_low",
        label="Growth of likes with followers, from (95 % interval)",
        formula="slope - t(0.975, n - 2) * slope_standard_error",
        unit="number",
        null_rule="as slope",
        source=HC3,
        columns=("engagement_regression.slope_low",),
        example=SIX,
    ),
    Metric(
        name="slope_high",
        label="Growth of likes with followers, to (95 % interval)",
        formula="slope + t(0.975, n - 2) * slope_standard_error",
        unit="number",
        null_rule="as slope",
        source=HC3,
        columns=("engagement_regression.slope_high",),
        example=SIX,
    ),
    Metric(
        name="r_squared",
        label="Share of the variance explained",
        formula="1 - sum of squared residuals / sum of squared distances of ln(like_count_mean) from its mean",
        unit="ratio",
        null_rule="as slope; and where all fitted accounts have the same likes",
        source="least squares",
        columns=("engagement_regression.r_squared",),
        example=SIX,
    ),
    Metric(
        name="slope_below_one_t",
        label="Test of growth below proportion, t",
        formula="(slope - 1) / slope_standard_error",
        unit="number",
        null_rule=NO_TEST,
        source=HC3,
        columns=("engagement_regression.slope_below_one_t",),
        example=SIX,
    ),
    Metric(
        name="slope_below_one_p",
        label="Test of growth below proportion, p",
        formula="chance that Student's t with n - 2 degrees of freedom is below slope_below_one_t",
        unit="ratio",
        null_rule=NO_TEST,
        source=HC3,
        columns=("engagement_regression.slope_below_one_p",),
        example=SIX,
    ),
    *(
        Metric(
            name=f"predicted_like_rate_{name}",
            label=f"Like rate expected at {followers} followers",
            formula=f"exp(intercept + (slope - 1) * ln({followers.replace(',', '')}))",
            unit="ratio",
            null_rule="as slope; and where the line leads out of all that can be",
            source="own definition",
            columns=(f"engagement_regression.predicted_like_rate_{name}",),
            example=PLANTED,
        )
        for name, followers in SIZES.items()
    ),
    *(
        Metric(
            name=f"slope_{name}",
            label=f"{words} likes, growth with followers",
            formula=f"slope of the line that minimises the sum of {share} * max(e, 0) + (1 - {share}) * max(-e, 0), e the "
            "residuals of ln(like_count_mean)",
            unit="number",
            null_rule=NO_BANDS,
            source="Koenker and Bassett, Regression Quantiles, Econometrica 1978",
            columns=(f"engagement_regression.slope_{name}",),
            example=LINES,
        )
        for name, (share, words) in SHARES.items()
    ),
    *(
        Metric(
            name=f"intercept_{name}",
            label=f"{words} likes, where the line begins",
            formula=f"intercept of the line of slope_{name}",
            unit="number",
            null_rule=f"as slope_{name}",
            source="Koenker and Bassett, Regression Quantiles, Econometrica 1978",
            columns=(f"engagement_regression.intercept_{name}",),
            example=LINES,
        )
        for name, (_, words) in SHARES.items()
    ),
    Metric(
        name="band_account_count",
        label="Accounts the three lines are drawn through",
        formula="n, or 5,000 where n is greater: the accounts of the smallest hashes of account_id",
        unit="count",
        null_rule=NO_BANDS,
        source="own definition",
        columns=("engagement_regression.band_account_count",),
        example="tests/unit/transforms/test_engagement_regression.py::test_lines_begin_with_twenty_accounts",
    ),
    Metric(
        name="smearing_factor",
        label="Mean over median of what the line leads to expect",
        formula="mean over the fitted accounts of exp(log likes - intercept - slope * log followers)",
        unit="ratio",
        null_rule=NO_FIT,
        source="Duan, Smearing Estimate, JASA 1983",
        columns=("engagement_regression.smearing_factor",),
        example=SIX,
    ),
    Metric(
        name="account_count_of_residuals",
        label="Accounts fitted, of the tier",
        formula="number of accounts of the tier that the line over all niches is fitted to",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("engagement_regression_tiers.account_count",),
        example=TIERS,
    ),
    Metric(
        name="residual_mean",
        label="Distance from the line (logarithm)",
        formula="mean over the accounts of the tier of log likes - intercept - slope * log followers",
        unit="number",
        null_rule=NEVER,
        source="own definition",
        columns=("engagement_regression_tiers.residual_mean",),
        example=TIERS,
    ),
    Metric(
        name="residual_low",
        label="Distance from the line, from (95 % interval)",
        formula="residual_mean - t(0.975, n - 1) * s / sqrt(n), s = standard deviation of the residuals with n - 1",
        unit="number",
        null_rule="of one account",
        source="Student 1908",
        columns=("engagement_regression_tiers.residual_low",),
        example=TIERS,
    ),
    Metric(
        name="residual_high",
        label="Distance from the line, to (95 % interval)",
        formula="residual_mean + t(0.975, n - 1) * s / sqrt(n), letters as for residual_low",
        unit="number",
        null_rule="where residual_low is",
        source="Student 1908",
        columns=("engagement_regression_tiers.residual_high",),
        example=TIERS,
    ),
    Metric(
        name="smooth_residual_mean",
        label="Distance from the curve (logarithm)",
        formula="mean over the accounts of the tier of log likes - s(log followers), s the spline of "
        "expected_like_rate_by_followers_smooth",
        unit="number",
        null_rule="where there is no curve",
        source="own definition",
        columns=("engagement_regression_tiers.smooth_residual_mean",),
        example="tests/unit/transforms/test_lift.py::test_where_the_line_misfits_a_curve_takes_its_place",
    ),
)
