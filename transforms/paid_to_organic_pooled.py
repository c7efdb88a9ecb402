"""Sponsored posts beside organic ones over all accounts that have both: random effects for platform and tier.

One account with three posts a side tells next to nothing; a hundred of them do. The logarithm of an account's ratio is
taken for its true one and the chance of its posts; true ones differ between accounts (docs/statistics.md).
"""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import stdtrit

from schemas.account_engagement import PAID_RATIO_MAX
from schemas.columns import polars_schema
from schemas.paid_to_organic_pooled import ALL_TIERS, PaidToOrganicPooled
from transforms.rate_fits import DIGITS
from transforms.sponsorship import POOLED_FROM, SCATTERS, SIDES
from transforms.stats.hierarchy import NO_SCATTER, Floats, mean_and_excess, scatter_of
from transforms.stats.intervals import UPPER, Z
from transforms.tiers import default_tier_of

POPULATION = ["platform", "time_window"]
RATIO = "paid_to_organic_ratio"
ACCOUNTS_MIN = 2
# The interval of a further account has two degrees of freedom less than there are accounts.
NEXT_ACCOUNTS_MIN = 3


def to_paid_to_organic_pooled(engagement: pl.DataFrame) -> pl.DataFrame:
    """The mart `paid_to_organic_pooled`; takes `account_engagement` with the columns SCATTERS beside it."""
    compared = (
        engagement.lazy()
        .filter(pl.col(RATIO).is_not_null())
        .select(
            *POPULATION,
            default_tier_of(pl.col("followers_count")).alias("tier"),
            RATIO,
            *POOLED_FROM,
            pl.when(pl.col(RATIO) > 0).then(pl.col(RATIO).log()).alias("log_ratio"),
        )
        # Sums over rows in an order that their content tells are the same whatever order they came in.
        .with_columns(pl.struct(RATIO, *POOLED_FROM).hash().alias("order"))
        .sort("order")
        .collect()
    )
    rows = [
        label | row
        for key, accounts in compared.partition_by(POPULATION, as_dict=True).items()
        for label in [dict(zip(POPULATION, key, strict=True))]
        for row in _per_tier(accounts)
    ]
    return pl.DataFrame(rows, polars_schema(PaidToOrganicPooled))


def _per_tier(accounts: pl.DataFrame) -> list[dict[str, object]]:
    """Rows of all accounts of a platform and window, and of each tier of theirs."""
    accounts = _with_variances(accounts)
    tiers = accounts.drop_nulls("tier").partition_by("tier", as_dict=True)
    cells = [(ALL_TIERS, accounts), *((tier, own) for (tier,), own in tiers.items())]
    return [{"tier": tier} | _row(own) for tier, own in cells]


def _with_variances(accounts: pl.DataFrame) -> pl.DataFrame:
    """Accounts with `variance`, how far chance puts the logarithm of a ratio from the true one; null where nothing tells.

    It is that of two medians of normal log rates and not the `error_of_log` of the account's own interval: that one is so
    uncertain from a few posts that accounts of little scatter by chance would weigh too much.
    """
    own_freedom = pl.sum_horizontal(pl.col(f"{side}_known_count") - 1 for side in SIDES)
    squares = pl.sum_horizontal(pl.col(f"{side}_log_variance") * (pl.col(f"{side}_known_count") - 1) for side in SIDES)
    is_known = pl.all_horizontal(pl.col(SCATTERS).is_not_null())
    freedom, variance, of_medians = accounts.select(
        pl.when(is_known).then(own_freedom).otherwise(0).cast(pl.Float64).alias("freedom"),
        pl.when(is_known).then(squares / own_freedom).otherwise(0.0).alias("variance"),
        pl.sum_horizontal(variance_of_median(pl.col(f"{side}_known_count")) for side in SIDES).alias("of_medians"),
    )
    scatter = scatter_of(freedom.to_numpy() + 1, variance.to_numpy())
    if scatter is None or scatter.variance <= NO_SCATTER:
        return accounts.with_columns(pl.lit(None, pl.Float64).alias("variance"))
    found = scatter.moderated(freedom.to_numpy() + 1, variance.to_numpy()) * of_medians.to_numpy()
    return accounts.with_columns(pl.Series("variance", found))


def variance_of_median(count: pl.Expr) -> pl.Expr:
    """That of normal values of variance 1, to two percent from three values on: an even number's median is of two of them."""
    return math.pi / 2 / (count + pl.when(count % 2 == 0).then(4 / 3).otherwise(math.pi / 2 - 1))


def _row(accounts: pl.DataFrame) -> dict[str, object]:
    pooled = accounts.drop_nulls("log_ratio")
    counts = {
        "account_count": pooled.height,
        "account_left_out_count": accounts.height - pooled.height,
        **{f"{side}_known_count": pooled[f"{side}_known_count"].sum() for side in SIDES},
    }
    if pooled.height < ACCOUNTS_MIN:
        return counts | {"pooled_reason": "few_accounts"}
    if pooled["variance"].null_count():
        return counts | {"pooled_reason": "no_spread"}
    return counts | Pooled.of(pooled["log_ratio"].to_numpy(), pooled["variance"].to_numpy()).columns()


@dataclass(frozen=True)
class Pooled:
    """The mean of what values are of, half the widths of the 95 % intervals of it and of one further, and how they differ."""

    mean: float
    half: float
    next_half: float | None
    sd: float

    @classmethod
    def of(cls, values: Floats, variances: Floats) -> "Pooled":
        """Random effects: how far true values differ by Paule and Mandel, the interval by Hartung and Knapp.

        It is never narrower than the normal one of values that are all of one: a few that lie together by chance would
        else make it as narrow as one likes.
        """
        count = len(values)
        mean, between = mean_and_excess(values, np.arange(count), variances)
        weights = 1 / (between + variances)
        error = math.sqrt(1 / weights.sum())
        # How far values are from their mean over how far they should be: 1 where `between` is above 0.
        distance = math.sqrt(float((weights * (values - mean) ** 2).sum()) / (count - 1))
        half = max(float(stdtrit(count - 1, UPPER)) * distance, Z) * error
        next_half = None
        if count >= NEXT_ACCOUNTS_MIN:
            next_half = float(stdtrit(count - 2, UPPER)) * math.sqrt(between + error**2)
        return cls(mean, half, next_half, math.sqrt(between))

    def columns(self) -> dict[str, object]:
        found: dict[str, object] = {
            RATIO: _ratio(self.mean),
            f"{RATIO}_low": _ratio(self.mean - self.half),
            f"{RATIO}_high": _ratio(self.mean + self.half),
            "account_sd_log": _digits(self.sd),
        }
        if self.next_half is None:
            return found
        return found | {
            f"{RATIO}_next_low": _ratio(self.mean - self.next_half),
            f"{RATIO}_next_high": _ratio(self.mean + self.next_half),
        }


def _ratio(log: float) -> float:
    return _digits(math.exp(min(log, math.log(PAID_RATIO_MAX))))


def _digits(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
