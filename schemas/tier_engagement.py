"""Engagement per tier, over all niches."""

from schemas.columns import column
from schemas.niche_tier_engagement import EngagementAggregate


class TierEngagement(EngagementAggregate):
    """One row per platform, scheme, tier and time window, over all niches."""

    scheme: str = column("Tier scheme", "label", key=True)
    tier: str = column(
        "Tier under the scheme; null without followers or below the scheme", "label", nullable=True, key=True
    )
