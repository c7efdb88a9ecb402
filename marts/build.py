"""From the lake to the tables of the warehouse: which transform makes which mart."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from marts import plan_markets
from marts.account_engagement import engagement_marts
from marts.audience import Options, audience_marts, has_edges, no_audience
from marts.lists import Lists
from marts.names import UnderIds, under_ids
from marts.own_figures import Folders
from marts.own_posts import OwnPosts
from marts.pieces import Share
from marts.plan_markets import plan_marts
from marts.post_parts import above_one, comments
from schemas.tables import OWN_ROWS
from schemas.times import until
from transforms import (
    account_names,
    accounts,
    benchmarks,
    brand_mentions,
    data_quality,
    growth,
    niche_suggestions,
    post_metrics,
    price_summary,
    published_metrics,
    rate_calibration,
    rates,
    shrinkage,
    suspicions,
    tiers,
)  # fmt: skip
from transforms.account_names import given_to_ids
from transforms.post_windows import NotKnown
from warehouse.changed import Changed
from warehouse.in_files import Frame
from warehouse.lake.incomplete_lists import lists_of_accounts
from warehouse.lake.ledger import Lake
from warehouse.reach import AsOf

Frames = dict[str, Frame]
Marts = dict[str, Frame | Changed]


@dataclass(frozen=True)
class Inputs:
    """What the lake holds of accounts, posts, metrics and rates, and what its lists say of whom they are about.

    `rows` are those of each dataset, nothing read yet; `listed` the platform and account_id that follower lists are
    about, repeats included; `incomplete` the lists without their last page. All are under the ids of their accounts, as
    `named` tells. `scratch` is where what does not fit in memory may be kept meanwhile.
    """

    named: UnderIds
    incomplete: pl.DataFrame
    scratch: Path

    @property
    def rows(self) -> dict[str, pl.LazyFrame]:
        return self.named.rows

    @property
    def listed(self) -> pl.LazyFrame:
        return self.named.listed

    @classmethod
    def of(cls, lake: Lake, cut: datetime | None) -> "Inputs":
        """The rows of a lake that are not later than `cut`."""
        rows = {dataset: until(lake.rows(dataset), dataset, cut) for dataset in OWN_ROWS}
        named = under_ids(lake, rows)
        incomplete, _ = given_to_ids(
            lists_of_accounts(lake).lazy(), named.names, pl.lit(None, pl.Datetime("us")), "follows"
        )
        return cls(named, incomplete.collect(), lake.scratch)


def build_marts(lake: Lake, as_of: AsOf, options: Options, share: Share, folders: Folders | None = None) -> Marts:
    """Every mart of a lake.

    Args:
        lake: Whose rows.
        as_of: The instant of the figures (UTC). One that was given leaves out the rows that are later.
        options: What the audience marts depend on beside the lake.
        share: Has posts and buckets of edges worked out piece by piece, by threads here or by workers elsewhere.
        folders: Where figures of accounts are kept from one publication to the next; null where they are not.

    Returns:
        A frame for each name in `schemas.tables.MARTS`, with the columns and units of its schema there. `posts`, the
        largest, stays lazy and streams to its table; where figures were kept, it is what changed of it.

    Raises:
        UsageError: The secret of the members is not the one that the lake was filled under.
    """
    inputs = Inputs.of(lake, as_of.cut)
    try:
        marts, changed = marts_of_rows(inputs, as_of.at, options, share, folders)
    except NotKnown:
        # Some figure is wanted that was not kept: those of all accounts are worked out.
        anew = Folders(None, folders.now) if folders else None
        marts, changed = marts_of_rows(inputs, as_of.at, options, share, anew)
    if has_edges(lake):
        marts |= audience_marts(lake, marts, inputs.named.moved, as_of.at, options, share)
    else:
        marts |= no_audience()
    marts |= price_marts(marts)
    marts |= plan_marts(plan_markets.Inputs(lake, marts, inputs.named.moved, as_of.at, options.secret))
    return marts | changed


def marts_of_rows(
    inputs: Inputs, as_of: datetime | None, options: Options, share: Share, folders: Folders | None = None
) -> tuple[Frames, dict[str, Changed]]:
    """The marts that are made of accounts, posts, metrics, rates and lists about accounts alone. Prices lack what they cost an
    engagement.

    Beside them, where figures were kept, what changed of a mart since then.
    """
    rows = inputs.rows
    account_rows, post_rows = rows["accounts"], rows["posts"]
    snapshots = accounts.observations_to_snapshots(account_rows).collect().lazy()
    grown = growth.snapshots_with_growth(snapshots).collect()
    own = OwnPosts.of(rows, snapshots, as_of, folders, inputs.scratch, options.memory, share)
    delivered_table = accounts.snapshots_to_accounts(
        accounts.with_accounts_of(snapshots, own.owners, inputs.listed)
    ).collect()
    own.keep(delivered_table)
    texts = brand_mentions.observations_to_texts(own.once, own.again.rows)
    lists = Lists.of(rows, delivered_table)
    account_table = lists.with_niches_and_creators(delivered_table)
    suggestions = niche_suggestions.no_suggestions()
    if niche_suggestions.has_hashtags(post_rows):
        suggestions = niche_suggestions.texts_to_suggestions(texts, own.measured, account_table)
        if options.use_suggested_niches:
            account_table = niche_suggestions.with_suggested(account_table, suggestions)
    windows = own.windows
    made = engagement_marts(windows, account_table, inputs.scratch)
    engagement = made["account_engagement"].lazy()
    others = shrinkage.platforms_of_others(engagement)
    claims = published_metrics.claims_to_published_metrics(rows["published_metrics"])
    rate_table = rates.quotes_to_rates(rows["rates"]).collect().lazy()
    marts = {
        **lists.marts(delivered_table, account_table, engagement, rate_table),
        **made,
        "accounts": account_table,
        "account_names": account_names.to_account_names(inputs.named.names, inputs.named.resolutions),
        "name_resolutions": inputs.named.resolutions,
        "account_snapshots": grown,
        "niche_suggestions": suggestions,
        "posts": own.whole_table,
        "shrunk_rates": shrinkage.to_shrunk_rates(engagement, windows, others),
        "rate_calibration": rate_calibration.to_rate_calibration(engagement, windows, others),
        "brand_mentions": brand_mentions.texts_to_brand_mentions(
            texts, lambda: own.measured, account_table, engagement, lists.brands
        ),
        "rates": rate_table,
        "published_metrics": claims,
        "benchmarks": benchmarks.benchmarks(),
        "tier_schemes": tiers.tier_schemes(),
        "tiers": tiers.tiers(),
        "data_quality": data_quality.to_data_quality(
            [
                data_quality.accounts_to_conflicts(account_rows),
                own.again.conflicts,
                post_metrics.metrics_to_orphans(own.alone),
                data_quality.hidden_likes_to_suspicions(own.hidden),
                data_quality.no_likes_to_suspicions(own.without_likes),
                data_quality.above_one_to_suspicions(above_one(windows), account_table),
                data_quality.claims_to_suspicions(claims),
                data_quality.accounts_to_suspicions(account_table),
                data_quality.lists_to_strangers(inputs.listed, snapshots),
                data_quality.quotes_to_suspicions(rate_table),
                suspicions.comments_to_odd(comments(windows), account_table),
                suspicions.accounts_to_uncertain_tiers(account_table),
                suspicions.accounts_to_stale(account_table, as_of),
                suspicions.snapshots_to_spikes(grown.lazy()),
                data_quality.names_to_ambiguous(
                    account_names.resolutions_to_ambiguous(inputs.named.names, inputs.named.resolutions)
                ),
                data_quality.pages_to_incomplete(inputs.incomplete, account_table, own.delivered),
                *lists.suspicions(account_table),
            ]
        ),
    }
    own.forget_parts()
    return marts, own.changed


def price_marts(marts: Frames) -> Frames:
    """The marts of prices, which need those of engagement and of audiences."""
    engagement, audience = marts["account_engagement"].lazy(), marts["audience"].lazy()
    priced = rates.with_costs(marts["rates"].lazy(), engagement, audience)
    return {
        "rates": priced,
        "price_summary": price_summary.rates_to_price_summary(priced, marts["accounts"].lazy(), engagement),
    }
