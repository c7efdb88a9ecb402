"""Figures of one post as Meta's APIs give them to its owner: a list of metrics, nested in the post or a page by itself."""

from typing import Any

from ingest.formats.base import at, items

# Metrics of a post of Instagram or Threads. Those of an account come by day, those of a Page begin with `page_`.
OF_POSTS = frozenset({
    "reach", "views", "likes", "comments", "shares", "saved", "replies", "reposts", "quotes", "impressions", "plays",
    "video_views", "engagement", "total_interactions", "follows", "profile_visits", "profile_activity", "navigation",
    "ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "ig_reels_aggregated_all_plays_count", "clips_replays_count",
})  # fmt: skip


def figures(post: dict[str, Any]) -> dict[str, Any]:
    """The figures that are nested in a post, by metric: the newest of each. One that is not told is not there."""
    found = {}
    for metric in items(post, "insights", "data"):
        points = items(metric, "values")
        value = points[-1].get("value") if points else at(metric, "total_value", "value")
        if isinstance(metric.get("name"), str) and value is not None:
            found[metric["name"]] = value
    return found


def are_of_a_post(metrics: list[dict[str, Any]]) -> bool:
    """Whether these are metrics of one post, which is told in their ids at best, and its account nowhere."""
    return bool(metrics) and all(
        str(metric.get("name")) in OF_POSTS
        and metric.get("period") == "lifetime"
        and ("values" in metric or "total_value" in metric)
        for metric in metrics
    )
