"""Facebook Page insights: figures of a page by day, and their breakdowns."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, items


def _recognises(record: dict[str, Any]) -> bool:
    """Metrics of posts, and of accounts of Instagram and Threads, have the same keys: only a Page's are named after it."""
    return any(
        {"name", "period", "values", "id"} <= set(metric) and str(metric.get("name")).startswith("page_")
        for metric in items(record, "data")
    )


def _rows(record: dict[str, Any], _context: FileContext) -> Iterator[Row]:
    for metric in items(record, "data"):
        for point in items(metric, "values"):
            value = point.get("value")
            # A breakdown is several figures; a point without a value is none.
            figures = value if isinstance(value, dict) else {} if value is None else {"": value}
            for part, figure in figures.items():
                yield Row(
                    "published_metrics",
                    {
                        "account_id": str(at(metric, "id") or "").split("/insights")[0],
                        "metric": ".".join(filter(None, (str(metric.get("name")), str(part)))),
                        "value": figure,
                        "unit": "count",
                        "source": "facebook_page_insights",
                        # Midnight of the Pacific day that it closes.
                        "observed_at": point.get("end_time"),
                    },
                )


FORMAT = Format(
    "facebook_page_insights",
    "facebook",
    _recognises,
    _rows,
    {"published_metrics": ("account_id", "metric", "value", "unit", "source", "observed_at")},
    {"observed_at": "%Y-%m-%dT%H:%M:%S%z"},
)
