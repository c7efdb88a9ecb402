"""Every number of the warehouse in one place: what it is called, how it is worked out and when it is null."""

from schemas.metrics.account_engagement import ACCOUNT_ENGAGEMENT
from schemas.metrics.account_snapshots import SNAPSHOTS
from schemas.metrics.audience import AUDIENCE
from schemas.metrics.audience_dilution import DILUTIONS
from schemas.metrics.audience_niches import INTERESTS
from schemas.metrics.brand_mentions import BRANDS
from schemas.metrics.engagement_regression import REGRESSION
from schemas.metrics.exposure import EXPOSURE
from schemas.metrics.lists import LISTS
from schemas.metrics.mega_alternatives import MEGA_METRICS
from schemas.metrics.metric import Metric
from schemas.metrics.name_resolutions import NAMES
from schemas.metrics.niche_tier_engagement import CELLS
from schemas.metrics.plans import PLAN_METRICS
from schemas.metrics.prices import PRICES
from schemas.metrics.shrunk_rates import SHRUNK_RATES
from schemas.metrics.sponsorship import SPONSORSHIP
from schemas.metrics.views import VIEWS

__all__ = ["METRICS", "Metric", "metric_of"]

METRICS: tuple[Metric, ...] = (
    *ACCOUNT_ENGAGEMENT, *EXPOSURE, *SHRUNK_RATES, *SPONSORSHIP, *CELLS, *REGRESSION, *SNAPSHOTS, *AUDIENCE, *DILUTIONS, *INTERESTS, *BRANDS, *LISTS, *PRICES,
    *PLAN_METRICS, *MEGA_METRICS, *VIEWS, *NAMES,
)  # fmt: skip

_BY_COLUMN = {column: metric for metric in METRICS for column in metric.columns}


def metric_of(table: str, column: str) -> Metric | None:
    """The metric that fills a column of a mart or view; none for what is no metric, such as an id or a date."""
    return _BY_COLUMN.get(f"{table}.{column}")
