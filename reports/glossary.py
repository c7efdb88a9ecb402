"""How the numbers of each section are worked out, in the words of the registry of metrics."""

from schemas.metrics import Metric, metric_of

NUMBERS: dict[str, tuple[tuple[str, str], ...]] = {
    "heat": (
        ("niche_tier_engagement", "engagement_rate_by_followers_mean"),
        ("niche_tier_engagement", "engagement_rate_by_followers_median"),
        ("niche_tier_engagement", "account_count"),
        ("niche_tier_engagement", "post_known_count"),
    ),
    "line": (
        ("engagement_regression", "slope"),
        ("engagement_regression", "slope_low"),
        ("engagement_regression", "r_squared"),
        ("engagement_regression", "slope_q10"),
        ("engagement_regression", "predicted_like_rate_10k"),
    ),
    "bands": (("account_engagement", "like_rate_by_followers"),),
    "followers": (
        ("niche_engagement", "followers_count_mean"),
        ("niche_engagement", "followers_count_median"),
    ),
    "sponsored": (("posts", "engagement_rate_by_followers"),),
    "ratios": (
        ("account_engagement", "paid_to_organic_ratio"),
        ("account_engagement", "paid_to_organic_ratio_low"),
        ("paid_to_organic_pooled", "paid_to_organic_ratio"),
    ),
    "prices": (
        ("price_summary", "price_median"),
        ("price_summary", "share_under_500"),
        ("price_summary", "cost_per_engagement_median"),
    ),
    "plans": (
        ("plans", "value"),
        ("plans", "bound"),
        ("plans", "gap"),
        ("plans", "expected"),
        ("plans", "expected_low"),
        ("plans", "unique_reach_count_low"),
        ("plan_accounts", "added"),
        ("plan_accounts", "added_high"),
    ),
    "frontier": (("plans", "rate_mean"), ("plan_frontier", "value"), ("plan_frontier", "bound")),
    "megas": (
        ("mega_alternatives", "value"),
        ("mega_alternatives", "set_price"),
        ("mega_alternatives", "set_value"),
        ("mega_alternatives", "price_ratio"),
        ("mega_alternatives", "gap"),
    ),
    "strict": (
        ("audience", "follower_engagement_rate_per_post"),
        ("audience", "follower_engagement_rate_12"),
        ("audience", "follower_engagement_rate"),
        ("audience", "audience_hhi"),
        ("audience", "audience_effective_niches"),
    ),
    "shortlist": (
        ("account_engagement", "engagement_rate_shrunk"),
        ("account_engagement", "engagement_rate_shrunk_low"),
        ("account_engagement", "engagement_rate_next_low"),
        ("account_engagement", "peer_percentile"),
        ("account_engagement", "engagement_lift"),
        ("rates", "cost_per_engagement"),
    ),
}


def metrics_of() -> dict[str, list[Metric]]:
    """The metrics of each section; a number that the registry does not know is left out, which a test forbids."""
    found = {section: [metric_of(*number) for number in numbers] for section, numbers in NUMBERS.items()}
    return {section: list(dict.fromkeys(filter(None, metrics))) for section, metrics in found.items()}
