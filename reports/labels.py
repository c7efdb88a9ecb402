"""What the page says in words: headings, notes, cards, and the table under each chart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports.chart_parts import ALL, TIERS
from reports.plans import OBJECTIVES, mega_rows, of_the_middle
from reports.queries import KINDS_SHOWN, NICHES_SHOWN, POINTS_SHOWN, STRICT_SHOWN, Facts, Row

SHORTLIST_WITHOUT_SCRIPTS = 50


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and how a row's cell is written."""

    title: str
    text: Callable[[Row], str]
    is_number: bool = True


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: list[Row]


def _text(name: str, title: str | None = None) -> Column:
    return Column(title or name, lambda row: "" if row[name] is None else str(row[name]), is_number=False)


def _number(name: str, title: str, form: str = ",.0f") -> Column:
    return Column(title, lambda row: "not known" if row[name] is None else format(row[name], form))


def _percent(name: str, title: str) -> Column:
    return Column(title, lambda row: "not known" if row[name] is None else f"{100 * row[name]:.2f} %")


def tables_of(facts: Facts, shortlist: list[Row]) -> dict[str, Table]:
    """The numbers behind each chart, and the head of the shortlist for readers without scripts."""
    platform, niche, tier = _text("platform"), _text("niche"), _text("tier")
    kind = (platform, _text("media_type", "kind"), _text("currency"), tier)
    return {
        "heat": Table(
            (platform, niche, tier, _number("account_count", "accounts"), _number("post_known_count", "posts"),
             _percent("rate", "mean"), _percent("mean_low", "95 % from"), _percent("mean_high", "to"), _percent("median", "median"), _percent("p25", "first quartile"),
             _percent("p75", "third quartile")),
            facts.heat,
        ),
        "line": Table(
            (platform, niche, _number("account_count", "accounts"), _number("account_left_out_count", "left out"),
             _number("slope", "slope", ".3f"), _number("slope_low", "95 % from", ".3f"),
             _number("slope_high", "to", ".3f"), _number("r_squared", "R²", ".3f"),
             _percent("predicted_like_rate_1k", "like rate at 1k"), _percent("predicted_like_rate_10k", "at 10k"),
             _percent("predicted_like_rate_100k", "at 100k"), _percent("predicted_like_rate_1m", "at 1M")),
            facts.fits,
        ),
        "bands": Table(
            (platform, _text("source"), _text("band"), _text("numerator", "what is counted"), _text("as_of_date", "published"),
             _percent("published_value", "published rate"), _percent("computed_value", "ours"),
             _number("account_count", "accounts of ours"), _text("caveat", "what speaks against it")),
            facts.bands,
        ),
        "followers": Table(
            (platform, niche, _number("account_count", "accounts"), _number("mean", "mean"), _number("median", "median")),
            facts.followers,
        ),
        "sponsored": Table(
            (platform, niche, tier, _text("side"), _number("post_count", "posts"), _percent("rate", "median rate")),
            [row for row in facts.sponsored if row["niche"] == ALL],
        ),
        "ratios": Table(
            (platform, niche, tier, _number("account_count", "accounts"), _number("p25", "first quartile", ".2f"),
             _number("median", "median", ".2f"), _number("p75", "third quartile", ".2f"),
             _number("surely_below", "significantly below 1"), _number("surely_above", "significantly above 1")),
            [row for row in facts.ratios if row["niche"] == ALL],
        ),
        "prices": Table(
            (*kind, _number("account_count", "accounts"), _number("p25", "first quartile"), _number("median", "median"),
             _number("p75", "third quartile"), _percent("share_under_500", "below 500"),
             _number("cost_per_engagement", "for each like or comment", ",.2f"), _number("range_count", "with a range only"),
             _number("zero_price_count", "at 0")),
            facts.prices,
        ),
        "plans": Table(
            (platform, _text("currency", "in"), _number("budget", "budget"), Column("most", lambda row: OBJECTIVES[row["objective"]], is_number=False),
             _number("account_count", "accounts"), _number("spend", "spent", ",.2f"), _number("value", "brings"),
             _number("bound", "no set brings more than"), _percent("gap", "gap at most"), _percent("rate_mean", "mean rate"),
             _number("expected", "likes and comments"), _number("expected_low", "95 % from"), _number("expected_high", "to"),
             _number("reach_low", "people at least"), _number("reach_high", "at most")),
            [row for row in facts.plans if not row["min_rate"]],
        ),
        "plan_accounts": Table(
            (platform, _text("currency", "in"), _number("budget", "budget"), _text("account"), niche, tier, _number("followers", "followers"),
             _text("media_type", "kind"), _number("price", "price", ",.2f"), _number("expected", "likes and comments"), _text("why", "why it is in"),
             _text("against", "what speaks against it")),
            of_the_middle(facts.plan_accounts),
        ),
        "frontier": Table(
            (platform, _text("currency", "in"), _number("budget", "budget"), Column("most", lambda row: OBJECTIVES[row["objective"]], is_number=False),
             _percent("rate_floor", "least rate"), _percent("rate_mean", "mean rate"), _number("account_count", "accounts"),
             _number("value", "brings"), _number("bound", "no set brings more than")),
            facts.plan_frontier,
        ),
        "megas": Table(
            (platform, _text("account", "mega account"), _number("followers", "followers"), _number("price", "price", ",.2f"), _text("currency", "in"),
             Column("compared", lambda row: OBJECTIVES[row["objective"]], is_number=False), _number("value", "it brings"),
             _text("same_value", "smaller ones, as much"), _text("same_price", "smaller ones, its price")),
            mega_rows(facts.megas),
        ),
        "strict": Table(
            (platform, _text("account"), niche, tier, _number("listed", "followers listed"), _number("engaged", "of them engaged"),
             _percent("rate", "engage with a post"), _percent("of_12", "with one of 12 posts"),
             _percent("of_all", "with any post"), _number("posts", "posts"),
             _number("hhi", "concentration (HHI)", ".3f"), _number("effective_niches", "niches it spreads over", ".1f"),
             _text("reason", "why not")),
            facts.strict,
        ),
        "shortlist": Table(
            (platform, _text("account"), niche, tier, _number("followers", "followers"), _percent("rate", "expected rate"),
             _percent("rate_low", "at least"), _number("price", "price"), _text("currency", "in"), _text("why", "why this person"), _text("against", "what speaks against it")),
            shortlist[:SHORTLIST_WITHOUT_SCRIPTS],
        ),
    }  # fmt: skip


def sections_of(facts: Facts) -> list[dict[str, str]]:
    """Heading, note and empty state of each chart, in the order of the page."""
    return [
        {
            "id": "heat", "title": "Engagement by size and topic",
            "note": "Mean over accounts of each account's own mean of likes plus comments over followers, over all time; tiers by "
            f"followers now (nano below 1,000, micro to 100,000, macro to 1 million, mega above). The {NICHES_SHOWN} largest "
            "topics of the platform. A cell of few accounts says little: hover to see the number of accounts.",
            "empty": "No rates by topic and size: no account has both known likes and known followers.",
        },
        {
            "id": "line", "title": "Do small accounts move more of their audience?",
            "note": f"{_slopes(facts)} Each point is an account (at most {POINTS_SHOWN} a platform, chosen by a hash), the line is "
            "fitted over all of them, over all time. A slope below 1 means: ten times the followers bring less than ten times the likes.",
            "empty": "No account has both likes and followers above zero.",
        },
        {
            "id": "bands", "title": "Beside the published table",
            "note": "Mean like rates of these exports beside Markerly's of April 2016 (Instagram, 2 million influencers), the table behind "
            "the claim; not cut by topic. It divides likes alone by followers. Where data was made up from that table, as the examples were, agreement proves nothing.",
            "empty": "No accounts of a platform and size for which a table was published.",
        },
        {
            "id": "followers", "title": "How large are accounts, topic by topic?",
            "note": "Followers of all listed accounts. A mean far above the median means a few giants.",
            "empty": "No follower counts.",
        },
        {
            "id": "sponsored", "title": "Sponsored beside organic posts", "note": _paid(facts),
            "empty": "Of no post is it known whether it is sponsored: exports that flag it, tag sponsors or have captions tell.",
        },
        {
            "id": "ratios", "title": "What being paid does to an account",
            "note": f"{_pooled(facts)}For each account with three posts of known rate on each side: the median engagement rate of its "
            "sponsored posts over that of its organic ones, over all time. 1 is no difference; half of the accounts lie within the bar, the point "
            "is the median. An account is significantly below or above 1 where its 95 % interval leaves 1 out and each side has eight posts; where "
            "posts of a side are all alike an exact test by medians stands in for the interval.",
            "empty": "No account has three sponsored and three organic posts with known rates.",
        },
        {
            "id": "prices", "title": "What a post costs",
            "note": f"{_cheap(facts)} Newest cash quote of each account, by tier: half of them lie within the bar, the point is the median. Currencies are "
            f"never converted into one another. The {KINDS_SHOWN} kinds of post with the most prices of each platform, over all topics.",
            "empty": "No prices: no export has quoted any in a known currency.",
        },
        {
            "id": "frontier", "title": "More reach, or more rate?",
            "note": "The best set for the budget that is chosen above, again and again with a higher least rate for each account: what it brings "
            "against its mean engagement rate. Between two points of the line nothing better is known. Beside them single mega accounts that the budget can "
            "pay, and the best set of accounts below a million followers for the price of each.",
            "empty": "No set of accounts with a price and a rate.",
        },
        {
            "id": "strict", "title": "Followers who really engage",
            "note": "Where follower, like and comment lists exist: the share of listed followers who like or comment on a post, mean over all "
            "posts (the point), and who engage with one or more of twelve posts (the end of the line). The share who engage with any "
            f"post at all grows with the number of posts and compares nobody. The {STRICT_SHOWN} with the longest lists.",
            "empty": "No complete follower and like lists, so the strict rate cannot be known: likes over followers stands in for it.",
        },
    ]  # fmt: skip


def _slopes(facts: Facts) -> str:
    said = [
        f"{fit['platform']}: slope {fit['slope']:.2f} ({fit['slope_low']:.2f} to {fit['slope_high']:.2f}, {fit['account_count']:,} accounts)"
        for fit in facts.fits
        if fit["niche"] == ALL and fit["slope"] is not None
    ]
    return f"Likes on followers, both in logarithms: {'; '.join(said)}." if said else "Too few accounts for a line."


def _cheap(facts: Facts) -> str:
    """The claim about micro-influencers and $500, by the prices at hand."""
    said = [
        f"{row['platform']}, {row['media_type']}: {100 * row['share_under_500']:.0f} % of {row['account_count']:,}"
        for row in facts.prices
        if row["tier"] == "micro" and row["currency"] == "USD" and row["share_under_500"] is not None
    ]
    return (
        f"Micro accounts that ask less than 500 USD: {'; '.join(said)}."
        if said
        else "No micro account has a price in USD."
    )


def _paid(facts: Facts) -> str:
    said = [
        f"{row['platform']}: {row['sponsored']:,} sponsored, {row['organic']:,} organic, {row['gifted']:,} gifted, {row['unknown']:,} of which nothing tells"
        + (
            f"; within an account sponsored posts have {row['ratio']:.2f} times the organic rate (median of {row['account_count']:,}"
            f" accounts); of {row['judged']:,} with eight posts on each side {row['surely_below']:,} earn significantly less,"
            f" {row['surely_above']:,} significantly more, at 95 %"
            if row["ratio"] is not None
            else ""
        )
        + (f"; no paid post of {_accounts(row['unengaged'])} got any engagement" if row["unengaged"] else "")
        for row in facts.paid
        if row["sponsored"] or row["organic"]
    ]
    return f"Median engagement rate of posts, over all time. {'. '.join(said)}."


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count:,} accounts"


def _pooled(facts: Facts) -> str:
    """What being paid does on the whole, however few posts each account has."""
    said = [
        f"{row['platform']} {row['ratio']:.2f} times as much as organic ones (95 %: {row['low']:.2f} to {row['high']:.2f},"
        f" {row['account_count']:,} accounts)"
        for row in facts.pooled
    ]
    return f"Sponsored posts engage, over all accounts that have both kinds: {'; '.join(said)}. " if said else ""


def cards_of(coverage: Row) -> list[dict[str, str]]:
    """The head of the page: how much there is."""
    share = coverage["posts_with_likes"] / coverage["post_count"] if coverage["post_count"] else 0
    return [
        {"number": f"{coverage['account_count']:,}", "said": "accounts"},
        {"number": f"{coverage['post_count']:,}", "said": "posts"},
        {"number": f"{100 * share:.1f} %", "said": "of posts show their likes"},
        {"number": f"{coverage['accounts_with_rate']:,}", "said": "accounts with a known rate"},
        {"number": f"{coverage['rows_rejected']:,}", "said": "rows rejected"},
        {"number": f"{coverage['files_quarantined']:,}", "said": "files quarantined"},
    ]


def coming_of(facts: Facts) -> list[str]:
    """What came in, in sentences."""
    told = facts.coverage
    left_out = f" + {told['rows_left_out']:,} left out" if told["rows_left_out"] else ""
    forgotten = f" + {told['rows_forgotten']:,} forgotten" if told["rows_forgotten"] else ""
    counted = (
        f"{told['files_loaded']:,} files, {told['rows_read']:,} rows read = {told['rows_loaded']:,} loaded"
        f" + {told['rows_duplicate']:,} duplicate + {told['rows_rejected']:,} rejected{left_out}{forgotten}."
    )
    said = [counted]
    said += [_calibrated(row) for row in facts.calibration]
    if facts.suspicions:
        issues = ", ".join(f"{row['issue'].replace('_', ' ')} ({row['row_count']:,})" for row in facts.suspicions[:6])
        said.append(f"What looks wrong, as evidence and not as a verdict (table data_quality): {issues}.")
    return said


def _calibrated(row: Row) -> str:
    """How far the ranking may be trusted on these very posts."""
    gain = 1 - row["shrunk_error"] / row["raw_error"] if row["raw_error"] else 0
    than = f"{abs(100 * gain):.0f} % {'closer to it' if gain >= 0 else 'farther from it'} than"
    return (
        f"{row['platform']}: foretold from its other posts, a held-back post of {row['account_count']:,} accounts lay in its 95 %"
        f" interval in {100 * row['held']:.0f} of 100 cases; the expected rate was {than} the account's own rate (table"
        " rate_calibration)."
    )


def choices_of(facts: Facts) -> list[dict[str, Any]]:
    """What can be chosen: one platform, a topic or all, a tier or all."""
    niches = sorted({row["niche"] for row in [*facts.heat, *facts.followers]})
    tiers = [tier for tier in TIERS if any(row["tier"] == tier for row in facts.heat)]
    return [
        {"name": "platform", "label": "platform", "options": [row["platform"] for row in facts.platforms]},
        {"name": "niche", "label": "topic", "options": [ALL, *niches]},
        {"name": "tier", "label": "size", "options": [ALL, *tiers]},
    ]
