"""The charts, as Vega-Lite specifications: data embedded, no address anywhere, filtered by three parameters.

`platform` is always one: rates of different networks are no common scale. `niche` and `tier` are one, or all.
"""

import math
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from reports.chart_parts import OURS, THEIRS, THIRD, TIERS, Spec, base, finished, powers, tier_axis
from reports.money_charts import frontier, prices
from reports.queries import Facts, Row


def charts_of(facts: Facts) -> dict[str, Spec]:
    """The specification of each chart that has something to show, by its place on the page."""
    # Altair would check each piece as it is made and all of them again as they are put together, for half a second.
    with debug_mode(False):
        drawn = {
            "heat": heat(facts.heat),
            "line": line(facts.points, facts.fits),
            "bands": bands(facts.bands),
            "followers": followers(facts.followers),
            "sponsored": sponsored(facts.sponsored),
            "ratios": ratios(facts.ratios),
            "prices": prices(facts.prices),
            "frontier": frontier(facts.plan_frontier, facts.mega_points),
            "strict": strict(facts.strict),
        }
    return {name: spec for name, spec in drawn.items() if spec is not None}


def heat(rows: list[Row]) -> Any:
    known = [row for row in rows if row["rate"] is not None]
    if not known:
        return None
    niche = alt.Y("niche:N", title=None, sort="ascending")
    rows_of = base().encode(x=tier_axis(), y=niche)
    top = max(row["rate"] for row in known)
    cells = rows_of.mark_rect(stroke="white").encode(
        color=alt.Color("rate:Q", title="mean engagement rate", scale=alt.Scale(scheme="blues", type="sqrt"),
                        legend=alt.Legend(format=".1%", gradientLength=200, titleLimit=0)),
        tooltip=[
            alt.Tooltip("niche:N"), alt.Tooltip("tier:N"), alt.Tooltip("rate:Q", title="mean", format=".2%"),
            alt.Tooltip("median:Q", format=".2%"), alt.Tooltip("p25:Q", title="a quarter is below", format=".2%"),
            alt.Tooltip("p75:Q", title="a quarter is above", format=".2%"),
            alt.Tooltip("account_count:Q", title="accounts", format=","),
            alt.Tooltip("post_known_count:Q", title="posts", format=","),
        ],
    )  # fmt: skip
    dark = f"sqrt(datum.rate) > {0.62 * math.sqrt(top)}"
    labels = rows_of.mark_text(fontSize=12).encode(
        text=alt.Text("rate:Q", format=".1%"),
        color=alt.condition(dark, alt.value("white"), alt.value("black")),
    )
    return finished(
        alt.layer(cells, labels).properties(height=alt.Step(26)), "Engagement rate by niche and tier", known
    )


def line(points: list[Row], fits: list[Row]) -> Any:
    if not points:
        return None
    x = alt.X(
        "followers:Q",
        scale=alt.Scale(type="log"),
        title="followers (log scale)",
        axis=alt.Axis(format="~s", tickCount=5),
    )
    y = alt.Y(
        "likes:Q",
        scale=alt.Scale(type="log"),
        title="mean likes of a post (log scale)",
        axis=alt.Axis(format="~s", tickCount=5),
    )
    dots = (
        base()
        .transform_calculate(like_rate="datum.likes / datum.followers")
        .mark_circle(opacity=0.5, size=28, color=OURS)
        .encode(
            x=x, y=y,
            tooltip=[
                alt.Tooltip("niche:N"), alt.Tooltip("tier:N"), alt.Tooltip("followers:Q", format=","), alt.Tooltip("likes:Q", format=",.0f"),
                alt.Tooltip("like_rate:Q", title="likes over followers", format=".2%"),
                alt.Tooltip("posts:Q", title="posts", format=","),
            ],
        )
    )  # fmt: skip
    ends = _ends(fits)
    if not ends:
        return finished(dots.properties(height=360), "Likes by followers", points)
    lines = (
        base(data="ends", by_niche=False, by_tier=False)
        .transform_filter("datum.niche == niche")
        .mark_line(strokeWidth=2)
        .encode(
            x=x, y=y,
            color=alt.Color("what:N", title=None, scale=alt.Scale(
                domain=["fitted line", "a tenth lies below", "a tenth lies above"], range=[THEIRS, THIRD, THIRD])),
            strokeDash=alt.StrokeDash("what:N", title=None, scale=alt.Scale(
                domain=["fitted line", "a tenth lies below", "a tenth lies above"], range=[[1, 0], [6, 4], [2, 3]])),
        )
    )  # fmt: skip
    return finished(alt.layer(dots, lines).properties(height=360), "Likes by followers", points, ends=ends)


def _ends(fits: list[Row]) -> list[Row]:
    """Both ends of each line, at the smallest and the largest account of its fit."""
    names = {
        "fitted line": ("slope", "intercept"),
        "a tenth lies below": ("slope_q10", "intercept_q10"),
        "a tenth lies above": ("slope_q90", "intercept_q90"),
    }
    return [
        {
            "platform": fit["platform"],
            "niche": fit["niche"],
            "what": what,
            "followers": size,
            "likes": math.exp(fit[intercept] + fit[slope] * math.log(size)),
        }
        for fit in fits
        for what, (slope, intercept) in names.items()
        if fit[slope] is not None and fit["followers_count_min"] > 0
        for size in (fit["followers_count_min"], fit["followers_count_max"])
    ]


def bands(rows: list[Row]) -> Any:
    whose_is_it = ["Markerly, April 2016", "these exports"]
    told = [
        {"platform": row["platform"], "source": row["source"], "band": row["band"], "order": row["followers_min"],
         "whose": whose, "rate": row[name], "accounts": row["account_count"]}
        for row in rows if row["source"] == "Markerly"
        for whose, name in zip(whose_is_it, ("published_value", "computed_value"), strict=True)
        if row[name] is not None
    ]  # fmt: skip
    if not any(row["whose"] == whose_is_it[1] for row in told):
        return None
    chart = (
        base(by_niche=False, by_tier=False)
        .mark_bar()
        .encode(
            y=alt.Y("band:N", sort=alt.EncodingSortField("order"), title="followers"),
            yOffset=alt.YOffset("whose:N", sort=whose_is_it),
            x=alt.X("rate:Q", title="likes over followers, mean", axis=alt.Axis(format=".0%", grid=True, tickCount=5)),
            color=alt.Color("whose:N", title=None, scale=alt.Scale(domain=whose_is_it, range=[THEIRS, OURS])),
            tooltip=[
                alt.Tooltip("whose:N"),
                alt.Tooltip("band:N"),
                alt.Tooltip("rate:Q", format=".2%"),
                alt.Tooltip("accounts:Q", format=","),
            ],
        )
        .properties(height=alt.Step(18))
    )
    return finished(chart, "Like rates by band beside Markerly's", told)


def followers(rows: list[Row]) -> Any:
    if not rows:
        return None
    rows_of = base(by_tier=False).encode(
        y=alt.Y("niche:N", sort=alt.EncodingSortField("mean", order="descending"), title=None)
    )
    of = [
        alt.Tooltip("niche:N"), alt.Tooltip("mean:Q", format=",.0f"), alt.Tooltip("median:Q", format=",.0f"),
        alt.Tooltip("account_count:Q", title="accounts", format=","),
    ]  # fmt: skip
    x = alt.X(
        "count:Q",
        scale=alt.Scale(type="log"),
        title="followers (log scale)",
        axis=alt.Axis(
            format="~s", grid=True, values=powers(*(row[name] for row in rows for name in ("mean", "median")))
        ),
    )
    dots = (
        rows_of.transform_fold(["mean", "median"], as_=["what", "count"])
        .mark_point(size=70, filled=True, opacity=1)
        .encode(
            x=x,
            color=alt.Color("what:N", title=None, scale=alt.Scale(domain=["mean", "median"], range=[OURS, THEIRS])),
            shape=alt.Shape(
                "what:N", title=None, scale=alt.Scale(domain=["mean", "median"], range=["circle", "diamond"])
            ),
            tooltip=of,
        )
    )
    return finished(dots.properties(height=alt.Step(22)), "Followers per niche", rows)


def sponsored(rows: list[Row]) -> Any:
    if not rows:
        return None
    chart = (
        base(by_niche=False)
        .transform_filter("datum.niche == niche")
        .mark_bar()
        .encode(
            x=tier_axis(), xOffset="side:N",
            y=alt.Y("rate:Q", title="engagement rate, median over posts", axis=alt.Axis(format=".1%", grid=True)),
            color=alt.Color("side:N", title=None, scale=alt.Scale(domain=["organic", "sponsored"], range=[OURS, THEIRS])),
            tooltip=[alt.Tooltip("side:N"), alt.Tooltip("tier:N"), alt.Tooltip("rate:Q", format=".2%"), alt.Tooltip("post_count:Q", format=",")],
        )
        .properties(height=240)
    )  # fmt: skip
    return finished(chart, "Sponsored and organic posts by tier", rows)


def ratios(rows: list[Row]) -> Any:
    if not rows:
        return None
    rows_of = base(by_niche=False).transform_filter("datum.niche == niche")
    tip = [
        alt.Tooltip("tier:N"), alt.Tooltip("median:Q", format=".2f"), alt.Tooltip("p25:Q", title="a quarter is below", format=".2f"),
        alt.Tooltip("p75:Q", title="a quarter is above", format=".2f"),
        alt.Tooltip("account_count:Q", title="accounts", format=","),
    ]  # fmt: skip
    x = alt.X(
        "p25:Q",
        title="rate of paid posts over that of organic ones",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(grid=True, tickCount=6),
    )
    y = alt.Y("tier:N", sort=TIERS, title=None)
    halves = rows_of.mark_bar(size=14, opacity=0.5, color=OURS).encode(x=x, x2="p75:Q", y=y, tooltip=tip)
    middles = rows_of.mark_point(size=70, filled=True, opacity=1, color=OURS).encode(x="median:Q", y=y, tooltip=tip)
    same = base(by_niche=False, by_tier=False).mark_rule(color=THEIRS, strokeDash=[4, 4]).encode(x=alt.datum(1))
    layers = alt.layer(halves, middles, same).properties(height=alt.Step(30))
    return finished(layers, "Paid beside organic posts of the same account", rows)


def strict(rows: list[Row]) -> Any:
    known = [row for row in rows if row["rate"] is not None]
    if not known:
        return None
    rows_of = base().encode(y=alt.Y("account:N", sort=alt.EncodingSortField("rate", order="descending"), title=None))
    tip = [
        alt.Tooltip("account:N"), alt.Tooltip("niche:N"), alt.Tooltip("tier:N"), alt.Tooltip("rate:Q", title="engage with a post", format=".2%"),
        alt.Tooltip("of_12:Q", title="with one of 12 posts", format=".2%"),
        alt.Tooltip("of_all:Q", title="with any post", format=".2%"), alt.Tooltip("listed:Q", title="followers listed", format=","),
        alt.Tooltip("effective_niches:Q", title="niches its audience spreads over", format=".1f"),
    ]  # fmt: skip
    x = alt.X("rate:Q", title="share of followers who engage with a post, and with one of twelve",
              axis=alt.Axis(format=".0%", grid=True, tickCount=6))  # fmt: skip
    spans = rows_of.mark_rule(color=OURS, strokeWidth=3, opacity=0.5).encode(x=x, x2="of_12:Q", tooltip=tip)
    dots = rows_of.mark_circle(color=OURS, size=70, opacity=1).encode(x=x, tooltip=tip)
    return finished(alt.layer(spans, dots).properties(height=alt.Step(22)), "The strict rate", known)
