"""All tables, in one place: the datasets of the lake and the marts of the warehouse."""

from schemas.account_engagement import AccountEngagement
from schemas.account_names import AccountNames
from schemas.accounts import AccountObservations, Accounts, AccountSnapshots
from schemas.audience import Audience
from schemas.audience_dilution import AudienceDilution
from schemas.audience_dilution_trend import AudienceDilutionTrend
from schemas.audience_niches import AudienceNiches
from schemas.audience_overlap import AudienceOverlap
from schemas.benchmarks import Benchmarks
from schemas.brand_mentions import BrandMentions
from schemas.brands import BrandRows
from schemas.columns import Table
from schemas.comments import Comments
from schemas.creators import CreatorPlatforms, CreatorQuotes, CreatorRows, Creators
from schemas.engagement_regression import EngagementRegression
from schemas.engagement_regression_tiers import EngagementRegressionTiers
from schemas.follows import Follows
from schemas.likes import Likes
from schemas.mega_alternatives import MegaAlternatives
from schemas.name_resolutions import NameResolutions
from schemas.niche_engagement import NicheEngagement
from schemas.niche_tier_engagement import NicheTierEngagement
from schemas.niches import AccountNiches, NicheRows, NicheSuggestions
from schemas.plans import PlanAccounts, PlanFrontier, PlanLeftOut, Plans
from schemas.post_metrics import PostMetrics
from schemas.posts import PostObservations, Posts
from schemas.price_summary import PriceSummary
from schemas.published_metrics import PublishedMetrics
from schemas.rate_calibration import RateCalibration
from schemas.rates import RateQuotes, Rates
from schemas.run_tables import DataQuality, LoadLedger, RejectedRows, RunLog
from schemas.shrunk_rates import ShrunkRates
from schemas.tier_contrasts import TierContrasts
from schemas.tier_engagement import TierEngagement
from schemas.tiers import Tiers, TierSchemes

DATASETS: dict[str, type[Table]] = {
    "accounts": AccountObservations,
    "posts": PostObservations,
    "post_metrics": PostMetrics,
    "follows": Follows,
    "likes": Likes,
    "comments": Comments,
    "rates": RateQuotes,
    "published_metrics": PublishedMetrics,
    "niches": NicheRows,
    "creators": CreatorRows,
    "brands": BrandRows,
}

# What a row must carry to be worth reading; every other column may be absent.
REQUIRED: dict[str, tuple[str, ...]] = {
    "accounts": ("platform", "account_id", "followers_count"),
    "posts": ("platform", "post_id", "account_id"),
    "post_metrics": ("platform", "post_id"),
    "follows": ("platform", "account_id", "follower_id"),
    "likes": ("platform", "post_id", "liker_id"),
    "comments": ("platform", "post_id", "commenter_id"),
    "rates": ("platform", "account_id", "price"),
    "published_metrics": ("platform", "account_id", "metric", "value"),
    "niches": ("platform", "account_id", "niche"),
    "creators": ("creator", "platform", "account_id"),
    "brands": ("brand",),
}

# Tables whose content is a pure function of the lake, the settings and as_of: the content hash covers them.
MARTS: dict[str, type[Table]] = {
    "accounts": Accounts,
    "account_snapshots": AccountSnapshots,
    "account_names": AccountNames,
    "name_resolutions": NameResolutions,
    "account_niches": AccountNiches,
    "niche_suggestions": NicheSuggestions,
    "creators": Creators,
    "creator_platforms": CreatorPlatforms,
    "creator_quotes": CreatorQuotes,
    "posts": Posts,
    "account_engagement": AccountEngagement,
    "shrunk_rates": ShrunkRates,
    "rate_calibration": RateCalibration,
    "niche_tier_engagement": NicheTierEngagement,
    "tier_engagement": TierEngagement,
    "tier_contrasts": TierContrasts,
    "niche_engagement": NicheEngagement,
    "engagement_regression": EngagementRegression,
    "engagement_regression_tiers": EngagementRegressionTiers,
    "audience": Audience,
    "audience_niches": AudienceNiches,
    "audience_overlap": AudienceOverlap,
    "audience_dilution": AudienceDilution,
    "audience_dilution_trend": AudienceDilutionTrend,
    "brand_mentions": BrandMentions,
    "rates": Rates,
    "price_summary": PriceSummary,
    "plans": Plans,
    "plan_accounts": PlanAccounts,
    "plan_frontier": PlanFrontier,
    "plan_left_out": PlanLeftOut,
    "mega_alternatives": MegaAlternatives,
    "published_metrics": PublishedMetrics,
    "benchmarks": Benchmarks,
    "tier_schemes": TierSchemes,
    "tiers": Tiers,
    "data_quality": DataQuality,
}

# Tables that tell of deliveries and runs, which differ between two runs over the same data.
RUN_TABLES: dict[str, type[Table]] = {
    "load_ledger": LoadLedger,
    "rejected_rows": RejectedRows,
    "run_log": RunLog,
}

# Tables that tell of the data and hold no figure: where rows of theirs are faulty, the others are published without them.
EVIDENCE = frozenset({"data_quality", *RUN_TABLES})
