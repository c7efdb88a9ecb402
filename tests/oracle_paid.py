"""Sponsored beside organic posts over accounts, in plain Python: medians by sorting, tau^2 by bisection, t by scipy."""

import math
from dataclasses import dataclass
from statistics import median, variance

from scipy.stats import t

from tests.oracle import Row
from tests.oracle_shrunk import Floats, common_of, excess_of

HALF_PI = math.pi / 2


@dataclass(frozen=True)
class Sides:
    """An account of one platform and window: the known rates of its sponsored and of its organic posts."""

    tier: str | None
    sponsored: Floats
    organic: Floats

    @property
    def is_compared(self) -> bool:
        return min(len(self.sponsored), len(self.organic)) >= 3 and median(self.organic) > 0

    @property
    def ratio(self) -> float:
        return median(self.sponsored) / median(self.organic)

    @property
    def scatter(self) -> tuple[int, float] | None:
        """Degrees of freedom and variance of log rates within the sides; none where a post has no logarithm."""
        if min(*self.sponsored, *self.organic) <= 0:
            return None
        parts = [
            (len(rates) - 1, variance([math.log(rate) for rate in rates])) for rates in (self.sponsored, self.organic)
        ]
        freedom = sum(own for own, _ in parts)
        return freedom, sum(own * part for own, part in parts) / freedom

    def variance(self, common: float, freedom: float) -> float:
        own = self.scatter
        found = common
        if own is not None and not math.isinf(freedom):
            found = (freedom * common + own[0] * own[1]) / (freedom + own[0])
        return found * sum(of_median(len(rates)) for rates in (self.sponsored, self.organic))


def of_median(count: int) -> float:
    return HALF_PI / (count + 4 / 3) if count % 2 == 0 else HALF_PI / (count + HALF_PI - 1)


def pooled(accounts: list[Sides]) -> dict[str, Row]:
    """The rows of one platform and window by tier."""
    compared = [account for account in accounts if account.is_compared]
    known = [scatter for account in compared if (scatter := account.scatter) is not None]
    common = common_of(known) if any(part > 1e-12 for _, part in known) else None
    tiers = {account.tier for account in compared} - {None}
    cells = {"(all)": compared} | {tier: [a for a in compared if a.tier == tier] for tier in tiers if tier}
    return {tier: row_of(own, common) for tier, own in cells.items() if own}


def row_of(accounts: list[Sides], common: tuple[float, float] | None) -> Row:
    own = [account for account in accounts if account.ratio > 0]
    names = ["ratio", "ratio_low", "ratio_high", "ratio_next_low", "ratio_next_high"]
    row: Row = {
        "account_count": len(own),
        "account_left_out_count": len(accounts) - len(own),
        "sponsored_known_count": sum(len(account.sponsored) for account in own),
        "organic_known_count": sum(len(account.organic) for account in own),
        "account_sd_log": None,
        "pooled_reason": "few_accounts" if len(own) < 2 else "no_spread" if common is None else None,
    } | {f"paid_to_organic_{name}": None for name in names}
    if row["pooled_reason"] or common is None:
        return row
    logs, chance = [math.log(account.ratio) for account in own], [account.variance(*common) for account in own]
    excess, mean = excess_of(logs, chance)
    weights = [1 / (excess + each) for each in chance]
    error, freedom = 1 / math.sqrt(sum(weights)), len(own) - 1
    spread = math.sqrt(sum(w * (y - mean) ** 2 for w, y in zip(weights, logs, strict=True)) / freedom)
    halves = {"": max(spread * float(t.ppf(0.975, freedom)), float(t.ppf(0.975, 1e12))) * error}
    if freedom > 1:
        halves["_next"] = float(t.ppf(0.975, freedom - 1)) * math.sqrt(excess + error**2)
    bounds = {
        f"paid_to_organic_ratio{kind}_{end}": min(math.exp(mean + sign * half), 1e25)
        for kind, half in halves.items()
        for end, sign in (("low", -1), ("high", 1))
    }
    return row | bounds | {"paid_to_organic_ratio": math.exp(mean), "account_sd_log": math.sqrt(excess)}


def parted(paid: Floats, organic: Floats) -> str:
    """Mood's median test, its chances by counting every choice of so many posts of all."""
    both = [*paid, *organic]
    middle = median(both)
    above, below = (sum(test) for test in ([rate > middle for rate in both], [rate < middle for rate in both]))
    upper = [rate > middle if above >= below else rate >= middle for rate in both]
    drawn, many = sum(upper[: len(paid)]), sum(upper)

    def chance(counts: range) -> float:
        ways = sum(math.comb(many, count) * math.comb(len(both) - many, len(paid) - count) for count in counts)
        return ways / math.comb(len(both), len(paid))

    if chance(range(drawn + 1)) <= 0.025 and median(paid) <= median(organic):
        return "less"
    if chance(range(drawn, len(paid) + 1)) <= 0.025 and median(paid) >= median(organic):
        return "more"
    return "cannot_tell"
