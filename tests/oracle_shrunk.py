"""What shrunk rates must be, in plain Python: one account after the other, roots by bisection, lines by statsmodels."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median, variance

import numpy as np
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import t

from tests.oracle import Key

Floats = list[float]


@dataclass(frozen=True)
class Account:
    """An account of one platform and window: its niche, and (log rate, log followers) of each post whose rate is known."""

    niche: str
    posts: list[tuple[float, float]]
    names: list[str] = field(default_factory=list)

    @property
    def logs(self) -> Floats:
        return [y for y, _ in self.posts]

    @property
    def size(self) -> float:
        return fmean(size for _, size in self.posts)


@dataclass(frozen=True)
class Posterior:
    """What is known of an account: on the log scale, but for the factor that makes means of rates."""

    expected: float
    mu: float
    sd: float
    scatter: float
    weight: float
    quantile: float
    factor: float
    factor_of_all: float
    size: float
    is_pooled: bool

    @property
    def next_bounds(self) -> tuple[float, float]:
        of_next = self.quantile * math.sqrt(self.sd**2 + self.scatter)
        low = math.exp(self.mu - of_next)
        return low if low * math.exp(self.size) > 0.5 else 0.0, math.exp(self.mu + of_next)

    @property
    def columns(self) -> dict[str, float | bool]:
        of_mean = self.quantile * self.sd
        low, high = self.next_bounds
        return {
            "shrunk": math.exp(self.mu) * self.factor,
            "shrunk_low": math.exp(self.mu - of_mean) * self.factor,
            "shrunk_high": math.exp(self.mu + of_mean) * self.factor,
            "next_low": low,
            "next_high": high,
            "prior": math.exp(self.expected) * self.factor_of_all,
            "shrunk_weight": self.weight,
            "post_sd_log": math.sqrt(self.scatter),
            "is_prior_niche_pooled": self.is_pooled,
        }


def smears(logs: Floats) -> Floats:
    """What the rates of posts are to their geometric mean, had that been of all posts there could be."""
    return [math.exp((y - fmean(logs)) * math.sqrt(len(logs) / (len(logs) - 1))) for y in logs]


def posteriors(accounts: Mapping[Key, Account]) -> dict[Key, Posterior]:
    """That of each account with a rate; none below twenty, and where all have one post."""
    rated = {key: account for key, account in accounts.items() if account.posts}
    several = [account.logs for account in rated.values() if len(account.posts) > 1]
    if len(rated) < 20 or not several:
        return {}
    common, freedom = common_scatter(several)
    scatter = {key: moderated(account.logs, common, freedom) for key, account in rated.items()}
    sizes = Counter(account.niche for account in rated.values())
    groups = {key: account.niche if sizes[account.niche] >= 10 else "" for key, account in rated.items()}
    fitted = {key: account for key, account in rated.items() if Counter(groups.values())[groups[key]] >= 10}
    names = sorted({groups[key] for key in fitted})
    # A pool below ten has the mean effect of the niches: here there is but one.
    assert "" in names or len(names) == 1
    line = Line.of(fitted, groups, names, scatter)
    middle = median(variance(logs) for logs in several)
    usual = [logs for logs in several if not middle or variance(logs) <= 25 * middle]
    smear = fmean(each for logs in usual for each in smears(logs))
    all_freedom = sum(len(logs) - 1 for logs in several)
    found = {}
    for key, account in rated.items():
        expected, prior = line.at(account.size, groups[key] if groups[key] in names else names[0])
        own = scatter[key] / len(account.posts)
        weight = prior / (prior + own)
        mu = expected + weight * (fmean(account.logs) - expected)
        quantile = float(t.ppf(0.975, min(freedom + len(account.posts) - 1, all_freedom)))
        sd, is_pooled = math.sqrt(weight * own), groups[key] == ""
        factor = smear ** min(1.0, scatter[key] / common) if common else smear
        found[key] = Posterior(expected, mu, sd, scatter[key], weight, quantile, factor, smear, account.size, is_pooled)
    return found


def root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=1e-15, rtol=1e-14, maxiter=500))


def common_scatter(several: list[Floats]) -> tuple[float, float]:
    """The common variance of posts and the degrees of freedom it is worth."""
    return common_of([(len(logs) - 1, variance(logs)) for logs in several])


def common_of(own: list[tuple[int, float]]) -> tuple[float, float]:
    """The same from the degrees of freedom and the variance of each account."""
    varied = [(d, s) for d, s in own if s > 1e-12]
    logs = [math.log(s) - float(digamma(d / 2)) + math.log(d / 2) for d, s in varied]
    chance = [float(polygamma(1, d / 2)) for d, _ in varied]
    excess, mean = excess_of(logs, chance)
    if excess <= 0:
        return sum(d * s for d, s in own) / sum(d for d, _ in own), math.inf
    half = root(lambda x: float(polygamma(1, x)) - excess, 1e-3, 1e9)
    return math.exp(mean + float(digamma(half)) - math.log(half)), 2 * half


def excess_of(values: Floats, chance: Floats) -> tuple[float, float]:
    """By how much values vary beyond chance, and their mean weighed by what both come to."""

    def mean_at(excess: float) -> float:
        weights = [1 / (excess + each) for each in chance]
        return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)

    def distance(excess: float) -> float:
        centre = mean_at(excess)
        return sum((v - centre) ** 2 / (excess + c) for v, c in zip(values, chance, strict=True)) - (len(values) - 1)

    excess = root(distance, 0.0, 1e3) if distance(0.0) > 0 else 0.0
    return excess, mean_at(excess)


def moderated(logs: Floats, common: float, freedom: float) -> float:
    if math.isinf(freedom) or len(logs) == 1:
        return common
    own = len(logs) - 1
    return (freedom * common + own * variance(logs)) / (freedom + own)


@dataclass(frozen=True)
class Line:
    """The line through accounts: what it expects, and how far accounts are from that."""

    names: list[str]
    middle: float
    spread: float
    ends: tuple[float, float]
    coefficients: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    covariance: "np.ndarray[tuple[int, int], np.dtype[np.float64]]"
    between: float

    @classmethod
    def of(
        cls, fitted: Mapping[Key, Account], groups: Mapping[Key, str], names: list[str], scatter: Mapping[Key, float]
    ) -> "Line":
        sizes = [account.size for account in fitted.values()]
        middle, spread = fmean(sizes), float(np.std(sizes))
        design = np.array(
            [row_of((size - middle) / spread, names, groups[key]) for key, size in zip(fitted, sizes, strict=True)]
        )
        means = np.array([fmean(account.logs) for account in fitted.values()])
        own = np.array([scatter[key] / len(account.posts) for key, account in fitted.items()])

        def distance(between: float) -> float:
            fit = sm.WLS(means, design, weights=1 / (between + own)).fit()
            return float((fit.resid**2 / (between + own)).sum() - fit.df_resid)

        between = root(distance, 0.0, 100.0) if distance(0.0) > 0 else 0.0
        fit = sm.WLS(means, design, weights=1 / (between + own)).fit()
        return cls(names, middle, spread, (min(sizes), max(sizes)), fit.params, fit.normalized_cov_params, between)

    def at(self, size: float, group: str) -> tuple[float, float]:
        """The log rate expected, and the variance of accounts around it."""
        low, high = self.ends
        row = np.array(row_of((min(max(size, low), high) - self.middle) / self.spread, self.names, group))
        return float(row @ self.coefficients), float(self.between + row @ self.covariance @ row)


def row_of(u: float, names: list[str], group: str) -> Floats:
    return [*(float(name == group) for name in names), u, u * u]
