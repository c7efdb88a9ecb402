"""What is on offer: candidates with prices, what each brings alone, and the groups of people that several bring.

    value of a set = sum of `own` + people of the groups of which at least one candidate is in the set

Without groups values add up. People who follow the same candidates are one group, so each counts once.
"""

from dataclasses import dataclass
from math import fsum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

# What a solver's or a sum's last digits may be off by, relative to the value.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Offers:
    """Candidates in the order in which ties between them fall.

    `prices` are whole numbers of the smallest unit of the currency, so that they add up exactly. `groups` has a row for
    each candidate and a column for each group of `people`. `included` are in every set. `are_whole`: values are numbers
    of people, so that a bound may be rounded down.
    """

    prices: Integers
    own: Floats
    groups: csc_array
    people: Floats
    included: Flags
    are_whole: bool

    @property
    def count(self) -> int:
        return len(self.prices)

    def value_of(self, chosen: Integers) -> float:
        """What a set brings together."""
        if not len(self.people):
            return fsum(self.own[chosen])
        reached = self.groups[chosen].sum(axis=0) > 0
        return float(self.own[chosen].sum() + self.people[reached].sum())

    def only(self, kept: Flags) -> "Offers":
        """The same without some candidates."""
        groups = self.groups[kept] if len(self.people) else csc_array((len(self.prices[kept]), 0))
        return Offers(self.prices[kept], self.own[kept], groups, self.people, self.included[kept], self.are_whole)


@dataclass(frozen=True)
class Limits:
    """What a set must keep to: its price, in the unit of the prices, and how many candidates it has at most."""

    budget: int
    most: int | None = None


class IncludedTooMuch(ValueError):
    """What is to be in every set is beyond the limits by itself."""


def offers_that_add_up(prices: Integers, values: Floats, included: Flags) -> Offers:
    """Candidates whose values add up."""
    return Offers(prices, values, csc_array((len(prices), 0)), np.zeros(0), included, are_whole=False)
