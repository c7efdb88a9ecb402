"""Which columns of the warehouse join to which table, and the picture of it.

Two tables belong together where one has the whole key of the other. `UNRELATED` are pairs of which that is true by name
alone, `DECLARED` joins that their keys do not tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.columns import columns_of, key_of
from schemas.tables import MARTS, RUN_TABLES
from warehouse.ddl import duckdb_type, quoted

TABLES = MARTS | RUN_TABLES


@dataclass(frozen=True)
class Relation:
    """Rows of `many` belong to a row of `one` each, by these columns. Not `every`: a row may have none there."""

    many: str
    one: str
    on: tuple[tuple[str, str], ...]
    every: bool = True

    @property
    def is_one_to_one(self) -> bool:
        return {column for column, _ in self.on} == set(key_of(TABLES[self.many]))

    def condition(self) -> str:
        """As SQL, over the aliases `many` and `one`."""
        pairs = (f"many.{quoted(column)} = one.{quoted(key)}" for column, key in self.on)
        return " AND ".join(pairs)


OBSERVED = "observed_at is when the row itself was seen"
DEFAULT_TIERS = "residuals are of tiers of the default scheme alone"
OTHER_WAY = "it is the other way round"
OF_OTHERS = "niche is that of the account, and there of others"
AS_DELIVERED = "username is as delivered, and there in the form that names are compared in"
OF_HASHTAGS = "niche is what is known, and there what hashtags speak for"
UNRELATED: Mapping[tuple[str, str], str] = {
    ("accounts", "account_snapshots"): OBSERVED,
    ("posts", "account_snapshots"): OBSERVED,
    ("published_metrics", "account_snapshots"): OBSERVED,
    ("data_quality", "account_snapshots"): OBSERVED,
    ("accounts", "account_names"): AS_DELIVERED,
    ("plan_accounts", "account_names"): AS_DELIVERED,
    ("mega_alternatives", "account_names"): AS_DELIVERED,
    ("plan_accounts", "audience_niches"): OF_OTHERS,
    ("plan_accounts", "niche_suggestions"): OF_HASHTAGS,
    ("account_niches", "account_snapshots"): OBSERVED,
    ("accounts", "audience_niches"): OF_OTHERS,
    ("account_engagement", "audience_niches"): OF_OTHERS,
    ("account_niches", "audience_niches"): OF_OTHERS,
    ("niche_suggestions", "audience_niches"): OF_OTHERS,
    ("audience_niches", "niche_suggestions"): OF_OTHERS,
    ("accounts", "niche_suggestions"): OF_HASHTAGS,
    ("account_engagement", "niche_suggestions"): OF_HASHTAGS,
    ("account_niches", "niche_suggestions"): OF_HASHTAGS,
    ("account_engagement", "audience"): OTHER_WAY,
    ("account_engagement", "audience_dilution_trend"): OTHER_WAY,
    ("audience", "audience_dilution_trend"): OTHER_WAY,
    ("shrunk_rates", "audience"): "an account with such a rate may have no lists",
    ("shrunk_rates", "audience_dilution_trend"): "an account with such a rate may have no lists",
    ("niche_tier_engagement", "engagement_regression_tiers"): DEFAULT_TIERS,
    ("tier_engagement", "engagement_regression_tiers"): DEFAULT_TIERS,
    ("tier_contrasts", "engagement_regression_tiers"): DEFAULT_TIERS,
    ("niche_engagement", "engagement_regression"): OTHER_WAY,
    ("load_ledger", "rejected_rows"): OTHER_WAY,
    ("rejected_rows", "load_ledger"): "a file that became two datasets has two rows",
    ("load_ledger", "run_log"): "it counts commits of the lake, and there publications",
    ("benchmarks", "tier_schemes"): "the schemes of other sources are not all among ours",
}
# Where a row may stand alone: fits and contrasts over all niches, rows without a tier, accounts without a creator, and prices, topics,
# figures and findings about no account or post that was delivered.
MAY_STAND_ALONE = {
    ("niche_tier_engagement", "tier_engagement"),
    ("engagement_regression", "niche_engagement"),
    ("data_quality", "accounts"),
    ("data_quality", "posts"),
    ("published_metrics", "accounts"),
    ("published_metrics", "posts"),
    ("rates", "accounts"),
    ("name_resolutions", "accounts"),
    ("account_niches", "accounts"),
    ("creator_quotes", "accounts"),
    ("accounts", "creators"),
    ("accounts", "creator_platforms"),
    ("niche_tier_engagement", "tiers"),
    ("tier_engagement", "tiers"),
    ("tier_contrasts", "niche_tier_engagement"),
    ("tier_contrasts", "niche_engagement"),
}
DECLARED = (
    Relation("audience_overlap", "accounts", (("platform", "platform"), ("other_account_id", "account_id"))),
    Relation("rejected_rows", "load_ledger", (("file", "file"), ("dataset", "dataset")), every=False),
)


def relations() -> tuple[Relation, ...]:
    """Every join that counts no row twice."""
    columns = {name: {fact.name for fact in columns_of(model)} for name, model in TABLES.items()}
    keys = {name: key_of(model) for name, model in TABLES.items()}
    found = [
        Relation(many, one, tuple((key, key) for key in keys[one]), (many, one) not in MAY_STAND_ALONE)
        for many in TABLES
        for one in TABLES
        if many != one and set(keys[one]) <= columns[many] and (many, one) not in UNRELATED
    ]
    return (*found, *DECLARED)


def picture() -> str:
    """The tables with their keys and what they join by, as a Mermaid diagram."""
    joined = relations()
    lines = ["erDiagram"]
    for name, model in TABLES.items():
        by = {column for relation in joined if relation.many == name for column, _ in relation.on}
        lines.append(f"    {name} {{")
        for fact in columns_of(model):
            marks = ", ".join(mark for mark, is_so in (("PK", fact.key), ("FK", fact.name in by)) if is_so)
            if marks:
                # Mermaid takes a word for a type: DECIMAL(18,2) is two.
                lines.append(f"        {duckdb_type(fact.dtype).partition('(')[0]} {fact.name} {marks}")
        lines.append("    }")
    lines += [_edge(relation) for relation in joined]
    return "\n".join(lines)


def _edge(relation: Relation) -> str:
    one = "||" if relation.every else "|o"
    many = "o|" if relation.is_one_to_one else "o{"
    return f'    {relation.one} {one}--{many} {relation.many} : "{", ".join(column for column, _ in relation.on)}"'


def joins() -> str:
    """The same as a table."""
    lines = ["| rows of | belong to | by | every row |", "|---|---|---|---|"]
    for relation in relations():
        by = ", ".join(f"`{a}`" if a == b else f"`{a}` = `{b}`" for a, b in relation.on)
        lines.append(f"| `{relation.many}` | `{relation.one}` | {by} | {'yes' if relation.every else 'no'} |")
    return "\n".join(lines)
