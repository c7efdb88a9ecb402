"""The page put together: one file, no network, no script but the two it names by hash."""

import base64
import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import jinja2

from reports.charts import charts_of
from reports.glossary import metrics_of
from reports.labels import cards_of, choices_of, coming_of, sections_of, tables_of
from reports.plans import plans_of
from reports.queries import NICHES_SHOWN, facts_of
from reports.script_bundle import script_bundle
from reports.shortlist import COLUMNS, EACH, Row, shortlist_of
from warehouse.atomic_write import write_text_durably
from warehouse.published import open_published

TITLES = {
    "platform": "platform", "niche": "topic", "tier": "tier", "account": "account", "followers": "followers",
    "rate": "expected rate", "rate_low": "at least", "rate_high": "at most", "posts": "posts", "lift": "lift",
    "peer_percentile": "% of peers below", "price": "price", "currency": "in", "why": "why this person",
    "cost_per_engagement": "cost per engagement", "against": "what speaks against it",
}  # fmt: skip
PLAN_TITLES = {
    "account": "account", "niche": "topic", "tier": "size", "followers": "followers", "media_type": "kind", "price": "price",
    "rate": "rate", "expected": "likes and comments", "expected_low": "95 % from", "expected_high": "to", "added": "adds",
    "added_high": "at most",
}  # fmt: skip
SHOWN = [
    "account", "niche", "tier", "followers", "rate", "rate_low", "rate_high", "posts", "peer_percentile", "lift", "price",
    "currency", "cost_per_engagement",
]  # fmt: skip


@dataclass(frozen=True)
class Script:
    """A script of the page, and the hash by which the policy lets it run."""

    text: str
    hash: str


def script(text: str) -> Script:
    """A script that stands inside the page; it must not end the element it stands in."""
    if "</script" in text.lower():
        raise ValueError("a script inside of a page must not hold </script")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return Script(text, f"sha256-{digest}")


def write_report(warehouse: Path, target: Path) -> None:
    """Write the report of a published warehouse to a file."""
    with open_published(warehouse) as connection:
        facts = facts_of(connection)
        rows = shortlist_of(connection)
    templates = files("reports") / "templates"
    page = _template().render(
        bundle=script(script_bundle()),
        boot=script("".join((templates / name).read_text(encoding="utf-8") for name in ("plan.js", "boot.js"))),
        coverage=facts.coverage,
        platforms=facts.platforms,
        reasons=facts.reasons,
        cards=cards_of(facts.coverage),
        coming=coming_of(facts),
        choices=choices_of(facts),
        sections=sections_of(facts),
        charts=charts_of(facts),
        tables=tables_of(facts, rows),
        metrics=metrics_of(),
        niches_shown=NICHES_SHOWN,
        shortlist=_compact(rows),
        plans=plans_of(facts),
        plan_titles=PLAN_TITLES,
        titles=TITLES,
        each_cell=EACH,
        version=version("tierwise"),
    )
    write_text_durably(target, page)


def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    text = (files("reports") / "templates" / "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(text)


def _compact(rows: list[Row]) -> dict[str, object]:
    """Rows without the names of their columns, numbers to six digits; what `why` says of one next post is in it alone."""
    columns = [name for name in COLUMNS if name in {*SHOWN, "platform", "why", "against"}]
    return {"columns": columns, "shown": SHOWN, "rows": [[_short(row[name]) for name in columns] for row in rows]}


def _short(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value
