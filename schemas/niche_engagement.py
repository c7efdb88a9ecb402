"""Engagement per niche, over all tiers."""

from schemas.columns import column
from schemas.niche_tier_engagement import EngagementAggregate


class NicheEngagement(EngagementAggregate):
    """One row per platform, niche and time window, over all tiers."""

    niche: str = column("Normalised topic", "label", key=True)
