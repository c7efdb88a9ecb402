"""What comes from what: exports make datasets, datasets marts, marts views. Read out of the code, or proved against it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb

from ingest.formats.registry import FORMATS
from ingest.vendor_tables.registry import known_tables
from schemas.tables import DATASETS
from warehouse.publish import view_files
from warehouse.sql_files import sql_of

COUNTED = ("accounts", "posts", "post_metrics", "follows")
# Lists of topics decide which niche an account counts in.
IN_NICHES = (*COUNTED, "niches")
# What an account known by lists of followers alone is not in.
OF_POSTS = ("accounts", "posts", "post_metrics", "niches")
PEOPLE = (*COUNTED, "likes", "comments")
# Which datasets can change a mart, `as_of` being given. A test empties each in turn and sees which marts change.
FEEDS: Mapping[str, tuple[str, ...]] = {
    "accounts": ("accounts", "posts", "follows", "niches", "creators"),
    "account_snapshots": ("accounts",),
    "account_names": ("accounts", "niches", "creators"),
    "name_resolutions": ("accounts", "posts", "follows", "rates", "published_metrics", "niches", "creators", "brands"),
    "account_niches": ("accounts", "niches"),
    "niche_suggestions": ("accounts", "posts", "niches"),
    "creators": ("accounts", "creators"),
    "creator_platforms": ("accounts", "posts", "post_metrics", "creators"),
    "creator_quotes": ("accounts", "rates", "creators"),
    "posts": ("accounts", "posts", "post_metrics"),
    "account_engagement": IN_NICHES,
    "niche_tier_engagement": IN_NICHES,
    "tier_engagement": COUNTED,
    "niche_engagement": IN_NICHES,
    "engagement_regression": IN_NICHES,
    "engagement_regression_tiers": ("accounts", "posts", "post_metrics"),
    "shrunk_rates": OF_POSTS,
    "rate_calibration": OF_POSTS,
    "paid_to_organic_pooled": ("accounts", "posts", "post_metrics"),
    "tier_contrasts": OF_POSTS,
    "audience": (*PEOPLE, "niches"),
    "audience_niches": ("accounts", "follows", "niches"),
    "audience_overlap": ("accounts", "follows"),
    "audience_dilution": PEOPLE,
    "audience_dilution_trend": PEOPLE,
    "brand_mentions": ("accounts", "posts", "brands"),
    "rates": (*PEOPLE, "rates"),
    "price_summary": (*PEOPLE, "rates"),
    "plans": (*PEOPLE, "niches", "rates"),
    "plan_accounts": (*PEOPLE, "niches", "rates"),
    "plan_frontier": (*PEOPLE, "niches", "rates"),
    "plan_left_out": (*PEOPLE, "rates"),
    "mega_alternatives": (*IN_NICHES, "rates"),
    "published_metrics": ("accounts", "published_metrics"),
    "benchmarks": (),
    "tier_schemes": (),
    "tiers": (),
    "data_quality": (
        "accounts",
        "posts",
        "post_metrics",
        "follows",
        "rates",
        "published_metrics",
        "niches",
        "creators",
        "brands",
    ),
}


def sources_of(dataset: str) -> tuple[list[str], list[str]]:
    """The nested formats and the well-known tables that rows of a dataset may come from, besides canonical files."""
    nested = sorted(form.name for form in FORMATS if dataset in form.columns)
    tables = sorted({table.name for table in known_tables() if any(load.dataset == dataset for load in table.load)})
    return nested, tables


def tables_of_views(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The tables that each view of a warehouse reads, as DuckDB itself finds them."""
    return {name.partition("_")[2]: tables_of(connection, query) for name, query in sorted(view_files().items())}


def tables_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    """The tables and views that a query names, by DuckDB's parser."""
    tree = json.loads(connection.execute(sql_of("flows", "parsed"), [query]).fetchall()[0][0])
    if tree["error"]:
        raise ValueError(f"{tree['error_message']}: {query}")
    nodes = list(_nodes(tree))
    named_within = {entry["key"] for node in nodes for entry in node.get("cte_map", {}).get("map", ())}
    return sorted({node["table_name"] for node in nodes if node.get("type") == "BASE_TABLE"} - named_within)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a JSON document."""
    if isinstance(tree, dict):
        yield tree
    if isinstance(tree, dict | list):
        for below in tree.values() if isinstance(tree, dict) else tree:
            yield from _nodes(below)


def table_of_sources() -> str:
    """Which exports become which dataset."""
    lines = ["| dataset | formats read as they come | tables known by their header |", "|---|---|---|"]
    for dataset in DATASETS:
        nested, tables = (", ".join(names) or "none" for names in sources_of(dataset))
        lines.append(f"| `{dataset}` | {nested} | {tables} |")
    return "\n".join(lines)


def table_of_feeds() -> str:
    """Marts by datasets."""
    lines = [f"| mart | {' | '.join(DATASETS)} |", f"|---|{':-:|' * len(DATASETS)}"]
    for mart, feeds in FEEDS.items():
        lines.append(f"| `{mart}` | {' | '.join('x' if dataset in feeds else '' for dataset in DATASETS)} |")
    return "\n".join(lines)


def picture(views: Mapping[str, Iterable[str]]) -> str:
    """Datasets, marts and views as a Mermaid diagram; marts of the same datasets are one box."""
    boxes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for mart, feeds in FEEDS.items():
        boxes[feeds].append(mart)
    box_of = {mart: f"marts{number}" for number, marts in enumerate(boxes.values()) for mart in marts}
    lines = ["flowchart LR", "    exports[/exports/]"]
    lines += [f"    exports --> ds_{dataset}[({dataset})]" for dataset in DATASETS]
    lines += [f'    {box_of[marts[0]]}["{"<br>".join(marts)}"]' for marts in boxes.values()]
    lines += [f"    ds_{dataset} --> {box_of[marts[0]]}" for feeds, marts in boxes.items() for dataset in feeds]
    for view, tables in views.items():
        lines.append(f"    view_{view}([{view}])")
        lines += [f"    {box} --> view_{view}" for box in sorted({box_of[name] for name in tables if name in box_of})]
    return "\n".join(lines)
