"""How many people a set of accounts reaches for certain: each counted once, also where lists are partial or absent.

Lists tell who follows several accounts. Of followers whom no list names only their number is known: they may be
anybody, in other lists too. So of a platform it is certain that a set reaches the people of its lists, or as many as
follow its largest account, whichever are more. What a set reaches at most adds up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from transforms.selection.choose import Choice
from transforms.selection.cover import Cover, cover
from transforms.selection.effort import Effort
from transforms.selection.greedy import greedy
from transforms.selection.groups import Groups, at_least, beside, no_groups, of_accounts
from transforms.selection.offers import Flags, Floats, Integers, Limits, Offers


@dataclass(frozen=True)
class Audiences:
    """What is known of the people of accounts: platform, as many followers as count for certain by the platform's count (0
    where that is not to count), the lists, and followers whom no list names, who may count."""

    platforms: NDArray[np.str_]
    followers: Floats
    groups: Groups
    unnamed: Floats

    @property
    def listed(self) -> Floats:
        """People in the list of each account."""
        found: Floats = self.groups.rows @ self.groups.people
        return found

    @property
    def certain(self) -> Floats:
        """People that each account has for certain: those of its list, or the platform's count where that is more."""
        return np.maximum(self.listed, self.followers)


def offers_of_people(
    audiences: Audiences, prices: Integers, included: Flags, budget: int | None = None
) -> list[Offers]:
    """Offers of which the best one counts: for each platform the people of its lists, or as many as follow its largest account.

    With a `budget`, and nobody included, on one platform that is the largest account that it can pay.
    """
    names = _names(audiences)
    payable = None if budget is None or len(names) > 1 or included.any() else prices <= budget
    ways = [_ways(audiences, audiences.platforms == platform, prices, included, payable) for platform in names]
    return [_offers(parts, prices, included) for parts in product(*ways)]


def cover_of_people(audiences: Audiences, prices: Integers, target: float, effort: Effort) -> Cover | None:
    """The cheapest set of accounts of one platform that is certain to reach so many people: by their lists, or by one account."""
    nobody = np.zeros(len(prices), dtype=bool)
    by_lists = cover(_offers([audiences.groups], prices, nobody), target, effort)
    found = [] if by_lists is None else [by_lists]
    enough = np.flatnonzero(audiences.certain >= target)
    if len(enough):
        cheapest = enough[[np.argmin(prices[enough])]]
        found.append(Cover(cheapest, int(prices[cheapest[0]]), int(prices[cheapest[0]])))
    if not found:
        return None
    return replace(min(found, key=lambda each: each.price), bound=min(each.bound for each in found))


def _names(audiences: Audiences) -> Sequence[str]:
    return [str(name) for name in np.unique(audiences.platforms)]


def _ways(audiences: Audiences, here: Flags, prices: Integers, included: Flags, payable: Flags | None) -> list[Groups]:
    """The people of a platform, counted by lists and by the largest account: without what is never the more."""
    by_lists = of_accounts(audiences.groups, here)
    beyond = np.where(here & (audiences.followers > audiences.listed), audiences.followers, 0)
    if payable is not None:
        largest = np.where(payable, beyond, 0).max(initial=0)
        beyond = np.where(payable & (beyond == largest), beyond, 0)
    if not beyond.any():
        return [by_lists]
    by_largest = at_least(beyond, prices, included)
    return [by_lists, by_largest] if (here & (audiences.listed > 0)).any() else [by_largest]


def _offers(parts: Sequence[Groups], prices: Integers, included: Flags) -> Offers:
    """Who alone brings people has them for his own, as most do."""
    groups = no_groups(len(prices))
    for part in parts:
        groups = beside(groups, part)
    bringers = np.asarray(groups.rows.sum(axis=0)).ravel()
    alone, shared = bringers == 1, bringers > 1
    own = groups.rows[:, alone] @ groups.people[alone]
    return Offers(prices, own, groups.rows[:, shared], groups.people[shared], included, are_whole=True)


def with_possible(choice: Choice, audiences: Audiences, prices: Integers, limits: Limits) -> Choice:
    """The same set, and for what is left of the budget accounts that may add to it: people whom no list names, or whom the
    lists name beside an account without one.

    They add nothing for certain, and may add all of these.
    """
    is_chosen = np.zeros(len(prices), dtype=bool)
    is_chosen[choice.chosen] = True
    groups = audiences.groups
    offers = Offers(prices, audiences.unnamed, groups.rows, groups.people, is_chosen, are_whole=True)
    more = greedy(offers, limits).chosen[len(choice.chosen) :]
    added = np.concatenate([choice.added, np.zeros(len(more))])
    return replace(choice, chosen=np.concatenate([choice.chosen, more]), added=added)


def added_most(audiences: Audiences) -> Floats:
    """The most people that each account may add to those before it: of its list the new ones, and all whom no list names."""
    rows, reached = audiences.groups.rows.tocsr(), np.zeros(len(audiences.groups.people), dtype=bool)
    found = audiences.unnamed.copy()
    for account in range(len(found)):
        own = rows.indices[slice(*rows.indptr[account : account + 2])]
        found[account] += audiences.groups.people[own[~reached[own]]].sum()
        reached[own] = True
    return found


def bounds_of_reach(audiences: Audiences, chosen: Integers) -> tuple[int, int]:
    """The least and the most people that a set reaches: the most where nobody beyond the lists follows two of them."""
    certain = audiences.certain
    low = 0.0
    for platform in _names(audiences):
        own = chosen[audiences.platforms[chosen] == platform]
        union = audiences.groups.counted(own)[1:].sum() if len(own) else 0.0
        low += max(float(union), float(certain[own].max(initial=0)))
    union = float(audiences.groups.counted(chosen)[1:].sum())
    return round(low), round(union + float(audiences.unnamed[chosen].sum()))
