"""The charts, as Vega-Lite specifications: data embedded, no address anywhere, filtered by three parameters.

`platform` is always one: rates of different networks are no common scale. `niche` and `tier` are one, or all.
"""

import math
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from reports.queries import Facts, Row

Spec = dict[str, Any]

ALL = "(all)"
TIERS = ["nano", "micro", "mid", "macro", "mega"]
# Readable in black and white and by the colour-blind: Okabe and Ito's, and a scale of one hue.
OURS, THEIRS, THIRD = "#0072B2", "#D55E00", "#009E73"
OF_NICHE, OF_TIER = (f"{name} == '{ALL}' || datum.{name} == {name}" for name in ("niche", "tier"))


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
            "budgets": budgets(facts.budgets),
            "strict": strict(facts.strict),
        }
    return {name: spec for name, spec in drawn.items() if spec is not None}


def _base(*, data: str = "rows", by_niche: bool = True, by_tier: bool = True) -> alt.Chart:
    """A chart over rows of one platform, and of the chosen niche and tier where rows have one.

    Rows are named here and put in by `_finished`: Altair copies all it is given at each step.
    """
    chart = alt.Chart(alt.NamedData(name=data)).transform_filter("datum.platform == platform")
    if by_niche:
        chart = chart.transform_filter(OF_NICHE)
    return chart.transform_filter(OF_TIER) if by_tier else chart


def _rounded(row: Row) -> Row:
    """Six digits are more than a chart shows, and a third of the bytes."""
    return {name: float(f"{value:.6g}") if isinstance(value, float) else value for name, value in row.items()}


def _finished(chart: Any, title: str, rows: list[Row], **others: list[Row]) -> Spec:
    """With its rows, and the three parameters at their first values, which the page's choices then set."""
    first = (("platform", str(rows[0]["platform"])), ("niche", ALL), ("tier", ALL))
    finished = (
        chart.add_params(*(alt.param(name=name, value=value) for name, value in first))
        .properties(width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding"), description=title)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", grid=False)
        .configure_legend(labelFontSize=12, titleFontSize=12, orient="top", columns=2, labelLimit=150)
    )
    spec: Spec = finished.to_dict(validate=False)
    named = {"rows": rows} | others
    return spec | {"datasets": {name: [_rounded(row) for row in of_name] for name, of_name in named.items()}}


def _powers(*counts: float | None) -> list[float]:
    """The powers of ten from the smallest to the largest: on a log axis a line at each step between is only noise."""
    known = [count for count in counts if count]
    if not known:
        return []
    return [10.0**power for power in range(math.floor(math.log10(min(known))), math.ceil(math.log10(max(known))) + 1)]


def _tier() -> alt.X:
    return alt.X("tier:N", sort=TIERS, title="tier by followers", axis=alt.Axis(labelAngle=0))


def heat(rows: list[Row]) -> Any:
    known = [row for row in rows if row["rate"] is not None]
    if not known:
        return None
    niche = alt.Y("niche:N", title=None, sort="ascending")
    base = _base().encode(x=_tier(), y=niche)
    top = max(row["rate"] for row in known)
    cells = base.mark_rect(stroke="white").encode(
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
    labels = base.mark_text(fontSize=12).encode(
        text=alt.Text("rate:Q", format=".1%"),
        color=alt.condition(dark, alt.value("white"), alt.value("black")),
    )
    return _finished(
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
        _base()
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
        return _finished(dots.properties(height=360), "Likes by followers", points)
    lines = (
        _base(data="ends", by_niche=False, by_tier=False)
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
    return _finished(alt.layer(dots, lines).properties(height=360), "Likes by followers", points, ends=ends)


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
        _base(by_niche=False, by_tier=False)
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
    return _finished(chart, "Like rates by band beside Markerly's", told)


def followers(rows: list[Row]) -> Any:
    if not rows:
        return None
    base = _base(by_tier=False).encode(
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
            format="~s", grid=True, values=_powers(*(row[name] for row in rows for name in ("mean", "median")))
        ),
    )
    dots = (
        base.transform_fold(["mean", "median"], as_=["what", "count"])
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
    return _finished(dots.properties(height=alt.Step(22)), "Followers per niche", rows)


def sponsored(rows: list[Row]) -> Any:
    if not rows:
        return None
    chart = (
        _base(by_niche=False)
        .transform_filter("datum.niche == niche")
        .mark_bar()
        .encode(
            x=_tier(), xOffset="side:N",
            y=alt.Y("rate:Q", title="engagement rate, median over posts", axis=alt.Axis(format=".1%", grid=True)),
            color=alt.Color("side:N", title=None, scale=alt.Scale(domain=["organic", "sponsored"], range=[OURS, THEIRS])),
            tooltip=[alt.Tooltip("side:N"), alt.Tooltip("tier:N"), alt.Tooltip("rate:Q", format=".2%"), alt.Tooltip("post_count:Q", format=",")],
        )
        .properties(height=240)
    )  # fmt: skip
    return _finished(chart, "Sponsored and organic posts by tier", rows)


def ratios(rows: list[Row]) -> Any:
    if not rows:
        return None
    base = _base(by_niche=False).transform_filter("datum.niche == niche")
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
    halves = base.mark_bar(size=14, opacity=0.5, color=OURS).encode(x=x, x2="p75:Q", y=y, tooltip=tip)
    middles = base.mark_point(size=70, filled=True, opacity=1, color=OURS).encode(x="median:Q", y=y, tooltip=tip)
    same = _base(by_niche=False, by_tier=False).mark_rule(color=THEIRS, strokeDash=[4, 4]).encode(x=alt.datum(1))
    layers = alt.layer(halves, middles, same).properties(height=alt.Step(30))
    return _finished(layers, "Paid beside organic posts of the same account", rows)


def prices(rows: list[Row]) -> Any:
    if not rows:
        return None
    base = _base(by_niche=False).transform_calculate(kind="datum.media_type + ', ' + datum.currency")
    tip = [
        alt.Tooltip("kind:N"), alt.Tooltip("tier:N"), alt.Tooltip("p25:Q", title="a quarter asks less than", format=",.0f"),
        alt.Tooltip("median:Q", format=",.0f"), alt.Tooltip("p75:Q", title="a quarter asks more than", format=",.0f"),
        alt.Tooltip("share_under_500:Q", title="below 500", format=".0%"),
        alt.Tooltip("account_count:Q", title="accounts", format=","),
    ]  # fmt: skip
    y = alt.Y("p25:Q", scale=alt.Scale(type="log"), title="price of a post, own currency (log scale)",
              axis=alt.Axis(format="~s", grid=True, values=_powers(*(row[name] for row in rows for name in ("p25", "p75")))))  # fmt: skip
    color = alt.Color(
        "kind:N", title=None, scale=alt.Scale(range=[OURS, THEIRS, THIRD, "#CC79A7", "#E69F00", "#56B4E9"])
    )
    ranges = base.mark_bar(size=14, opacity=0.55).encode(
        x=_tier(), xOffset="kind:N", y=y, y2="p75:Q", color=color, tooltip=tip
    )
    middles = base.mark_point(size=60, filled=True, opacity=1).encode(
        x=_tier(), xOffset="kind:N", y="median:Q", color=color, tooltip=tip
    )
    return _finished(alt.layer(ranges, middles).properties(height=260), "Prices by tier", rows)


def budgets(rows: list[Row]) -> Any:
    bought = [row for row in rows if row["engagements"]]
    if not bought:
        return None
    chart = (
        _base(by_niche=False)
        .transform_calculate(kind="datum.media_type + ', ' + datum.currency", spent="format(datum.budget, ',')")
        .mark_point(size=110, filled=True, opacity=0.9)
        .encode(
            y=alt.Y("spent:N", sort=alt.EncodingSortField("budget"), title="budget, own currency"),
            x=alt.X("engagements:Q", scale=alt.Scale(type="log"), title="likes and comments it buys (log scale)",
                    axis=alt.Axis(format="~s", grid=True, values=_powers(*(row["engagements"] for row in bought)))),
            color=alt.Color("tier:N", sort=TIERS, title="tier", scale=alt.Scale(
                domain=["nano", "micro", "macro", "mega"], range=["#56B4E9", OURS, "#E69F00", THEIRS])),
            shape=alt.Shape("kind:N", title=None, legend=alt.Legend(orient="bottom")),
            tooltip=[alt.Tooltip("tier:N"), alt.Tooltip("kind:N"), alt.Tooltip("posts:Q", format=","), alt.Tooltip("engagements:Q", format=",.0f"),
                     alt.Tooltip("followers:Q", format=",.0f"), alt.Tooltip("price_median:Q", format=",.0f"),
                     alt.Tooltip("account_count:Q", title="priced accounts", format=",")],
        )
        .properties(height=alt.Step(44))
    )  # fmt: skip
    return _finished(chart, "What a budget buys", bought)


def strict(rows: list[Row]) -> Any:
    known = [row for row in rows if row["rate"] is not None]
    if not known:
        return None
    base = _base().encode(y=alt.Y("account:N", sort=alt.EncodingSortField("rate", order="descending"), title=None))
    tip = [
        alt.Tooltip("account:N"), alt.Tooltip("niche:N"), alt.Tooltip("tier:N"), alt.Tooltip("rate:Q", title="engage with a post", format=".2%"),
        alt.Tooltip("of_12:Q", title="with one of 12 posts", format=".2%"),
        alt.Tooltip("of_all:Q", title="with any post", format=".2%"), alt.Tooltip("listed:Q", title="followers listed", format=","),
        alt.Tooltip("effective_niches:Q", title="niches its audience spreads over", format=".1f"),
    ]  # fmt: skip
    x = alt.X("rate:Q", title="share of followers who engage with a post, and with one of twelve",
              axis=alt.Axis(format=".0%", grid=True, tickCount=6))  # fmt: skip
    spans = base.mark_rule(color=OURS, strokeWidth=3, opacity=0.5).encode(x=x, x2="of_12:Q", tooltip=tip)
    dots = base.mark_circle(color=OURS, size=70, opacity=1).encode(x=x, tooltip=tip)
    return _finished(alt.layer(spans, dots).properties(height=alt.Step(22)), "The strict rate", known)
