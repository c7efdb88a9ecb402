"""The charts about money: prices, and what a budget trades."""

from typing import Any

import altair as alt

from reports.chart_parts import OURS, THEIRS, THIRD, base, finished, powers, tier_axis
from reports.queries import Row


def prices(rows: list[Row]) -> Any:
    if not rows:
        return None
    rows_of = base(by_niche=False).transform_calculate(kind="datum.media_type + ', ' + datum.currency")
    tip = [
        alt.Tooltip("kind:N"), alt.Tooltip("tier:N"), alt.Tooltip("p25:Q", title="a quarter asks less than", format=",.0f"),
        alt.Tooltip("median:Q", format=",.0f"), alt.Tooltip("p75:Q", title="a quarter asks more than", format=",.0f"),
        alt.Tooltip("share_under_500:Q", title="below 500", format=".0%"),
        alt.Tooltip("account_count:Q", title="accounts", format=","),
    ]  # fmt: skip
    y = alt.Y("p25:Q", scale=alt.Scale(type="log"), title="price of a post, own currency (log scale)",
              axis=alt.Axis(format="~s", grid=True, values=powers(*(row[name] for row in rows for name in ("p25", "p75")))))  # fmt: skip
    color = alt.Color(
        "kind:N", title=None, scale=alt.Scale(range=[OURS, THEIRS, THIRD, "#CC79A7", "#E69F00", "#56B4E9"])
    )
    ranges = rows_of.mark_bar(size=14, opacity=0.55).encode(
        x=tier_axis(), xOffset="kind:N", y=y, y2="p75:Q", color=color, tooltip=tip
    )
    middles = rows_of.mark_point(size=60, filled=True, opacity=1).encode(
        x=tier_axis(), xOffset="kind:N", y="median:Q", color=color, tooltip=tip
    )
    return finished(alt.layer(ranges, middles).properties(height=260), "Prices by tier", rows)


def frontier(points: list[Row], megas: list[Row]) -> Any:
    """The best sets of a budget at rising least rates, joined, beside mega accounts that it can pay and smaller ones for their price."""
    names = ("platform", "currency", "objective", "accounts", "account_count", "spend", "value", "rate_mean")
    told = [
        {name: row[name] for name in names} | {"budget": f"{row['budget']:.12g}", "what": row.get("what", "best sets")}
        for row in [*points, *megas]
        if row["value"]
    ]
    if not told:
        return None
    chosen = base(by_niche=False, by_tier=False).transform_filter(
        "datum.currency == currency && datum.objective == objective && datum.budget == budget"
    )
    x = alt.X(
        "rate_mean:Q", title="mean engagement rate over the followers of the set", scale=alt.Scale(zero=False),
        axis=alt.Axis(format=".1%", grid=True, tickCount=6),
    )  # fmt: skip
    y = alt.Y(
        "value:Q", title="what the set brings (log scale)", scale=alt.Scale(type="log"),
        axis=alt.Axis(format="~s", grid=True, values=powers(*(row["value"] for row in told))),
    )  # fmt: skip
    kinds = ["best sets", "one mega account", "smaller ones for its price"]
    tip = [
        alt.Tooltip("what:N", title="what"), alt.Tooltip("accounts:N"), alt.Tooltip("account_count:Q", title="how many", format=","),
        alt.Tooltip("spend:Q", title="price", format=",.2f"), alt.Tooltip("value:Q", title="brings", format=",.0f"),
        alt.Tooltip("rate_mean:Q", title="mean rate", format=".2%"),
    ]  # fmt: skip
    line = chosen.transform_filter("datum.what == 'best sets'").mark_line(color=OURS, strokeWidth=1.5).encode(
        x=x, y=y, order="rate_mean:Q"
    )  # fmt: skip
    dots = chosen.mark_point(size=80, filled=True, opacity=1).encode(
        x=x, y=y, tooltip=tip,
        color=alt.Color("what:N", title=None, scale=alt.Scale(domain=kinds, range=[OURS, THEIRS, THIRD])),
        shape=alt.Shape("what:N", title=None, scale=alt.Scale(domain=kinds, range=["circle", "diamond", "square"])),
    )  # fmt: skip
    first = {name: str(told[0][name]) for name in ("currency", "objective", "budget")}
    layers = alt.layer(line, dots).properties(height=320)
    return finished(layers, "What a budget brings, against the mean rate of the set", told, chosen=first)
