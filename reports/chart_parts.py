"""What every chart of the page is made with: scales, colours, the parameters that choices set, and its rows."""

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from reports.queries import Row

Spec = dict[str, Any]

ALL = "(all)"
TIERS = ["nano", "micro", "mid", "macro", "mega"]
# Readable in black and white and by the colour-blind: Okabe and Ito's, and a scale of one hue.
OURS, THEIRS, THIRD = "#0072B2", "#D55E00", "#009E73"
OF_NICHE, OF_TIER = (f"{name} == '{ALL}' || datum.{name} == {name}" for name in ("niche", "tier"))


def base(*, data: str = "rows", by_niche: bool = True, by_tier: bool = True) -> alt.Chart:
    """A chart over rows of one platform, and of the chosen niche and tier where rows have one.

    Rows are named here and put in by `finished`: Altair copies all it is given at each step.
    """
    chart = alt.Chart(alt.NamedData(name=data)).transform_filter("datum.platform == platform")
    if by_niche:
        chart = chart.transform_filter(OF_NICHE)
    return chart.transform_filter(OF_TIER) if by_tier else chart


def _rounded(row: Row) -> Row:
    """Six digits are more than a chart shows, and a third of the bytes."""
    return {name: float(f"{value:.6g}") if isinstance(value, float) else value for name, value in row.items()}


def finished(
    chart: Any, title: str, rows: list[Row], *, chosen: Mapping[str, str] | None = None, **others: list[Row]
) -> Spec:
    """With its rows, and its parameters at their first values, which the page's choices then set: platform, niche and
    tier, or the platform and those that are `chosen` with it."""
    others_chosen = {"niche": ALL, "tier": ALL} if chosen is None else chosen
    first = {"platform": str(rows[0]["platform"]), **others_chosen}.items()
    made = (
        chart.add_params(*(alt.param(name=name, value=value) for name, value in first))
        .properties(width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding"), description=title)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", grid=False)
        .configure_legend(labelFontSize=12, titleFontSize=12, orient="top", columns=2, labelLimit=150)
    )
    spec: Spec = made.to_dict(validate=False)
    named = {"rows": rows} | others
    return spec | {"datasets": {name: [_rounded(row) for row in of_name] for name, of_name in named.items()}}


def powers(*counts: float | None) -> list[float]:
    """The powers of ten from the smallest to the largest: on a log axis a line at each step between is only noise."""
    known = [count for count in counts if count]
    if not known:
        return []
    return [10.0**power for power in range(math.floor(math.log10(min(known))), math.ceil(math.log10(max(known))) + 1)]


def tier_axis() -> alt.X:
    return alt.X("tier:N", sort=TIERS, title="tier by followers", axis=alt.Axis(labelAngle=0))
