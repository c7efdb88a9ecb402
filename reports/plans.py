"""The plans of stated budgets as the page shows them: what can be chosen, and for each choice the set, in words and rows."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from reports.queries import SET_SHOWN, Facts, Row
from schemas import plan_words

KEY = ("platform", "currency", "objective", "budget", "min_rate")
OBJECTIVES = {
    "engagements": "likes and comments",
    "reach": "people reached",
    "engaged_followers": "followers who engage",
}
NO_SET = {
    "no_rate": "its own rate is not known",
    "no_candidates": "no smaller account has a price",
    "not_enough_accounts": "all smaller ones with a price bring less",
    "nothing_affordable": "each smaller one costs more",
}
# Of each account once, and of its place in a plan.
OF_ACCOUNT = (
    "account", "niche", "tier", "followers", "media_type", "price", "rate", "expected", "expected_low", "expected_high",
)  # fmt: skip
OF_PLACE = ("added", "added_high", "why", "against")


def plans_of(facts: Facts) -> dict[str, Any]:
    """The choices, the accounts, and a plan for each choice that there is, which names its accounts by their place."""
    known: dict[tuple[object, ...], int] = {}
    rows, left_out = _by_plan(facts.plan_accounts), _by_plan(facts.plan_left_out)
    plans = [
        {
            **{name: choice_of(plan, name) for name in KEY},
            "said": _said(plan),
            "rows": [_placed(row, known) for row in rows[_key(plan)]],
            "leftOut": [[each["account_count"], plan_words.LEFT_OUT.get(each["reason"], each["reason"])] for each in left_out[_key(plan)]],
        }
        for plan in facts.plans
    ]  # fmt: skip
    return {
        "choices": _choices(facts.plans),
        "accountColumns": OF_ACCOUNT,
        "placeColumns": OF_PLACE,
        "accounts": [[_short(cell) for cell in account] for account in known],
        "plans": plans,
    }


def choice_of(row: Row, name: str) -> str:
    """A key of a plan as the value of a choice."""
    return f"{row[name]:.12g}" if isinstance(row[name], float) else str(row[name])


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in KEY)


def _by_plan(rows: list[Row]) -> dict[tuple[object, ...], list[Row]]:
    of_plan: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        of_plan[_key(row)].append(row)
    return of_plan


def _placed(row: Row, known: dict[tuple[object, ...], int]) -> list[object]:
    place = known.setdefault(tuple(row[name] for name in OF_ACCOUNT), len(known))
    return [place, *(_short(row[name]) for name in OF_PLACE)]


def _short(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _said(plan: Row) -> list[str]:
    """Spend, value, bound and gap; what is not known is left out."""
    brings = plan_words.brings(plan["value"], plan["objective"])
    title = plan_words.title(plan["account_count"], plan["spend"], plan["budget"], plan["currency"], brings)
    engagements = plan_words.engagements(plan["expected"], plan["expected_low"], plan["expected_high"])
    people = plan_words.people(plan["reach_low"], plan["reach_high"])
    more = plan["account_count"] - SET_SHOWN
    notes = str(plan["notes"]).split("; ") if plan["notes"] else []
    said = [
        title,
        plan_words.best(plan["value"], plan["bound"], plan["gap"], plan["objective"]),
        f"likes and comments: {engagements}" if engagements else None,
        f"people: {people}" if people else None,
        f"mean engagement rate over their followers: {100 * plan['rate_mean']:.2f} %" if plan["rate_mean"] is not None else None,
        f"{more:,} more accounts of it are in the table plan_accounts" if more > 0 else None,
        *notes,
    ]  # fmt: skip
    return [f"{each[0].upper()}{each[1:]}." for each in said if each]


def _choices(plans: list[Row]) -> list[dict[str, Any]]:
    """What can be chosen beside the platform, with the platforms that each is known of."""
    labels: dict[str, tuple[str, Callable[[Any], str]]] = {
        "currency": ("currency", str),
        "budget": ("budget", lambda budget: f"{budget:,.0f}"),
        "objective": ("most", lambda objective: OBJECTIVES[objective]),
        "min_rate": ("least rate", lambda rate: f"{100 * rate:g} %" if rate else "none"),
    }
    return [
        {"name": name, "label": label, "options": [
            {"value": choice_of({name: value}, name), "text": text(value)} for value in _in_order(plans, name)
        ]}
        for name, (label, text) in labels.items()
    ]  # fmt: skip


def _in_order(plans: list[Row], name: str) -> list[Any]:
    values = dict.fromkeys(plan[name] for plan in plans)
    if name == "objective":
        return [each for each in OBJECTIVES if each in values]
    if name == "currency":
        return sorted(
            values, key=lambda each: (-sum(plan["candidate_count"] for plan in plans if plan[name] == each), each)
        )
    return sorted(values)


def of_the_middle(rows: list[Row]) -> list[Row]:
    """The sets of the middle budget by likes and comments, without a least rate: one for each platform and currency."""
    budgets: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        of_market = budgets.setdefault((row["platform"], row["currency"]), [])
        of_market += [row["budget"]] if row["budget"] not in of_market else []
    middle = {market: sorted(found)[len(found) // 2] for market, found in budgets.items()}
    return [
        row
        for row in rows
        if row["objective"] == "engagements"
        and not row["min_rate"]
        and row["budget"] == middle[row["platform"], row["currency"]]
    ]


def mega_rows(megas: list[Row]) -> list[Row]:
    """A row for each mega account and objective, with both answers in words."""
    rows: dict[tuple[object, ...], Row] = {}
    for mega in megas:
        names = ("platform", "account", "followers", "price", "currency", "objective", "value")
        row = rows.setdefault(tuple(mega[name] for name in names), {name: mega[name] for name in names})
        row[mega["answer"]] = _answer(mega)
    return [{"same_value": None, "same_price": None, **row} for row in rows.values()]


def _answer(mega: Row) -> str:
    if mega["reason"] is not None:
        return NO_SET.get(mega["reason"], str(mega["reason"]))
    ratio = f", {mega['price_ratio']:.2f} times its price" if mega["price_ratio"] is not None else ""
    low, high = mega["set_value_low"], mega["set_value_high"]
    between = f" ({low:,.0f} to {high:,.0f})" if low is not None and high is not None and low != high else ""
    gap = f"; at most {100 * mega['gap']:.2f} % from the best" if mega["gap"] else ""
    return f"{mega['account_count']:,} for {mega['set_price']:,.2f}{ratio}: {mega['set_value']:,.0f}{between}{gap}"
