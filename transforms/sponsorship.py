"""Which posts are paid for, by what evidence, and how they do beside the organic posts of the same account."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from random import Random
from statistics import median

import polars as pl
from scipy.special import bdtr, ndtri, stdtrit

from schemas.account_engagement import PAID_RATIO_MAX
from transforms.query_keys import HASH
from transforms.stats.median_test import chances_of_place

# Hashtags that disclose a paid post. Words with a second meaning are left out: #pr, #adv, #collab, #anuncio.
HASHTAGS = {
    "en": ("ad", "ads", "sponsored", "sponsoredpost", "paidad", "paidpartnership", "paidpromotion", "advertisement"),
    "de": ("werbung", "anzeige", "bezahltewerbung", "bezahlteanzeige", "bezahltepartnerschaft"),
    "es": ("publi", "publicidad", "patrocinado", "postpatrocinado", "colaboraciónpagada", "colaboracionpagada"),
    "pt": ("publicidade", "publipost", "postpatrocinado", "parceriapaga"),
    "fr": (
        "sponsorisé", "sponsorise", "sponsorisée", "sponsorisee", "collaborationcommerciale", "partenariatrémunéré",
        "partenariatremunere", "publicité",
    ),
    "it": ("pubblicità", "sponsorizzato", "sponsorizzata"),
    "nl": ("advertentie", "gesponsord", "betaaldpartnerschap", "betaaldesamenwerking"),
    "pl": ("reklama", "współpracareklamowa", "materiałsponsorowany", "postsponsorowany"),
    "sv": ("reklam", "annons", "betaltsamarbete"),
    "da": ("reklame", "sponsoreret"),
    "ru": ("реклама",),
    "ja": ("広告",),
    "ko": ("광고", "유료광고"),
    "zh": ("广告",),
}  # fmt: skip
# The line that platforms print above a paid post, as captured captions carry it.
PHRASES = {
    "en": ("paid partnership with",),
    "de": ("bezahlte partnerschaft mit",),
    "es": ("colaboración pagada con",),
    "pt": ("parceria paga com",),
    "fr": ("partenariat rémunéré avec",),
}
# Hashtags that disclose goods in place of money. Left out are words for any gift: #gift, #regalo, #cadeau, #geschenk.
GIFT_HASHTAGS = {
    "en": (
        "gifted", "giftedby", "giftedbybrand", "giftedproduct", "giftedproducts", "gifteditem", "gifteditems", "giftedstay",
        "giftedcollab", "kindlygifted", "prsample", "prsamples", "prgift", "prgifts", "prgifted", "prproduct", "prpackage",
        "suppliedby", "freeproduct",
    ),
    "de": ("werbegeschenk", "werbegeschenke", "prmuster", "pressemuster", "produktsponsoring"),
    "es": ("regalopublicitario", "productoregalado", "productosregalados", "muestragratuita"),
    "pt": ("recebido", "recebidos", "recebidinhos", "presentepublicitário", "presentepublicitario"),
    "fr": ("produitoffert", "produitsofferts", "cadeaupresse", "cadeaudemarque"),
    "it": ("prodottoomaggio", "prodottiomaggio", "omaggiobrand", "prodottofornitoda"),
    "nl": ("gekregen", "gekregenvan", "prpakket"),
    "pl": ("barter", "współpracabarterowa", "wspolpracabarterowa", "prezentodmarki"),
    "sv": ("prutskick", "pressutskick", "gåvafrånvarumärke"),
    "da": ("sponsorgave", "reklamegave"),
    "ru": ("бартер", "подарокотбренда"),
    "ja": ("商品提供", "ギフティング"),
    "ko": ("제품제공", "제품협찬", "무상제공"),
    "zh": ("品牌赠送", "商品赠送"),
}  # fmt: skip
# The line above or below a caption; a handle behind "by" is the brand, and not whoever was given something.
GIFT_PHRASES = {
    "en": ("gifted by @", "pr sample from", "pr samples from", "product gifted by", "products gifted by"),
    "de": ("pr-muster von", "werbegeschenk von"),
    "es": ("producto regalado por", "productos regalados por"),
    "pt": ("produto recebido de", "recebido da marca"),
    "fr": ("produit offert par", "produits offerts par"),
    "it": ("prodotto fornito da", "prodotti forniti da"),
    "nl": ("gekregen van @",),
}


def _either(words: Mapping[str, tuple[str, ...]]) -> str:
    """All words as alternatives of a pattern, accents written as one sign or as two."""
    forms = {unicodedata.normalize(form, word) for own in words.values() for word in own for form in ("NFC", "NFD")}
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(forms))


def _pattern(hashtags: Mapping[str, tuple[str, ...]], phrases: Mapping[str, tuple[str, ...]]) -> str:
    """A hashtag may follow upon another without a space; after a slash it is the end of an address."""
    return rf"(?i)(?:^|[^/])#(?:{_either(hashtags)})\b|\b(?:{_either(phrases)})(?:\b|$)"


DISCLOSURE, GIFT = _pattern(HASHTAGS, PHRASES), _pattern(GIFT_HASHTAGS, GIFT_PHRASES)


def disclosure_in(caption: pl.Expr) -> pl.Expr:
    """The first word of a caption that says the post is paid, lower case, as `#ad`; empty where it has none, null without
    a caption."""
    return _first_word(caption, DISCLOSURE)


def gift_in(caption: pl.Expr) -> pl.Expr:
    """The first word of a caption that says its goods were a gift of the brand, in the same form."""
    return _first_word(caption, GIFT)


def _first_word(caption: pl.Expr, pattern: str) -> pl.Expr:
    found = caption.str.extract(pattern, 0).str.replace(r"(?s)^[^#]#", "#")
    word = found.str.to_lowercase().str.normalize("NFC").str.replace_all(r"\s+", " ")
    return pl.when(caption.is_not_null()).then(word.fill_null(""))


def settled_sponsorship(disclosure: pl.Expr, gift: pl.Expr) -> list[pl.Expr]:
    """`is_sponsored`, its basis and the evidence: the declared flag, else tagged sponsors, else the caption's words.

    Beside it `is_gifted` and its evidence, which captions alone tell, and what both come to. Paid and gifted is paid.
    """
    declared, sponsors = pl.col("is_sponsored"), pl.col("sponsors")
    basis = (
        pl.when(declared.is_not_null()).then(pl.lit("declared"))
        .when(sponsors.is_not_null()).then(pl.lit("sponsors"))
        .when(disclosure.is_not_null()).then(pl.lit("caption"))
    )  # fmt: skip
    evidence = (
        pl.when(declared.is_not_null()).then(pl.lit("declared"))
        .when(sponsors.is_not_null()).then(sponsors)
        .when(disclosure != "").then(disclosure)
    )  # fmt: skip
    tagged = pl.when(sponsors.is_not_null()).then(pl.lit(True))
    is_sponsored = pl.coalesce(declared, tagged, disclosure != "")
    compensation = (
        pl.when(is_sponsored).then(pl.lit("paid"))
        .when(gift != "").then(pl.lit("gifted"))
        .when(is_sponsored.not_()).then(pl.lit("none"))
        .otherwise(pl.lit("unknown"))
    )  # fmt: skip
    return [
        compensation.alias("compensation"),
        (gift != "").alias("is_gifted"),
        pl.when(gift != "").then(gift).alias("gifted_evidence"),
        is_sponsored.alias("is_sponsored"),
        basis.alias("sponsored_basis"),
        evidence.alias("sponsored_evidence"),
    ]


RATE = "engagement_rate_by_followers"
SIDE_MINIMUM = 3
# With fewer posts on a side most intervals reach over a factor of ten: the ratio stands, and no account is judged by it.
VERDICT_MINIMUM = 8
# On either side of what chance leaves open, as the ends of a 95 % interval.
VERDICT_CHANCE = 0.025
SIDES = ("sponsored", "organic")
# Why a ratio has no interval, or why there is none though both sides have posts.
UNBOUNDED = ("zero_organic", "zero_sponsored", "no_spread", "interval_unbounded")
COUNTS = [
    "gifted_post_count",
    "sponsored_engaged_count",
    *(f"{side}_{count}" for side in SIDES for count in ("post_count", "known_count")),
]
# The medians of both sides, the standard error of the logarithm of their ratio, what bounds are away from it, and where
# there are none how likely chance alone puts as few sponsored posts among the upper half of all, or as many.
FIGURES = ["sponsored_median", "organic_median", "error_of_log", "factor", "as_few", "as_many"]
# How far log rates of either side scatter around their mean (variance); null where a post has none. What
# `paid_to_organic_pooled` is made of beside the ratio, and `account_engagement` does not show.
SCATTERS = [f"{side}_log_variance" for side in SIDES]
POOLED_FROM = [*(f"{side}_known_count" for side in SIDES), *SCATTERS]


def posts_to_sides(posts: pl.LazyFrame, rate: str = RATE) -> pl.LazyFrame:
    """Per account with a known flag: how many posts on each side, the medians of their rates, how far off the ratio may be.

    The interval is Price and Bonett's (2002) for a ratio of medians, which asks nothing of how rates are distributed,
    with Student's quantile in place of the normal one: with three posts on a side the normal one holds the truth in 90
    of 100 cases.
    """
    paid, gifted = pl.col("is_sponsored"), is_only_gifted()
    organic = ~paid & ~gifted
    rates = {"sponsored": pl.col(rate).filter(paid), "organic": pl.col(rate).filter(organic)}
    errors = [(_error_of_median(side) / pl.col(f"{side}_median")).pow(2).alias(f"{side}_part") for side in SIDES]
    parts, freedom = pl.col("sponsored_part") + pl.col("organic_part"), [pl.col(f"{s}_known_count") - 1 for s in SIDES]
    welch = parts.pow(2) / sum(pl.col(f"{s}_part").pow(2) / own for s, own in zip(SIDES, freedom, strict=True))
    return (
        posts.filter(paid.is_not_null())
        .group_by(HASH)
        .agg(
            paid.sum().cast(pl.Int64).alias("sponsored_post_count"),
            organic.sum().cast(pl.Int64).alias("organic_post_count"),
            gifted.sum().cast(pl.Int64).alias("gifted_post_count"),
            (rates["sponsored"] > 0).sum().cast(pl.Int64).alias("sponsored_engaged_count"),
            *(values.drop_nulls().sort().alias(side) for side, values in rates.items()),
        )
        .with_columns(pl.col(side).list.len().cast(pl.Int64).alias(f"{side}_known_count") for side in SIDES)
        .with_columns(pl.col(side).list.median().alias(f"{side}_median") for side in SIDES)
        .with_columns(_log_variance(side) for side in SIDES)
        .with_columns(errors)
        .with_columns(parts.sqrt().alias("error_of_log"))
        .with_columns((welch.map_batches(_student, pl.Float64) * pl.col("error_of_log")).exp().alias("factor"))
        .with_columns(**chances_of_place(*map(_in_question, SIDES)))
        .select(HASH, *COUNTS, *FIGURES, *SCATTERS)
    )


def _in_question(side: str) -> pl.Expr:
    """The rates of a side where posts are enough for a verdict and no interval gives one."""
    fewest = pl.min_horizontal(f"{each}_known_count" for each in SIDES)
    return pl.when((fewest >= VERDICT_MINIMUM) & ~_is_bounded()).then(side)


def _is_bounded() -> pl.Expr:
    """Whether the ratio has an interval: a factor that is no number, of medians of 0, is above every bound."""
    high = pl.col("sponsored_median") / pl.col("organic_median") * pl.col("factor")
    return (pl.col("error_of_log") > 0) & (high <= PAID_RATIO_MAX)


def is_only_gifted() -> pl.Expr:
    """Goods and no money: such a post is neither sponsored nor organic."""
    return pl.col("is_gifted").fill_null(value=False) & ~pl.col("is_sponsored")


def _error_of_median(side: str) -> pl.Expr:
    """McKean and Schrader's standard error: the distance of two order statistics over that of their normal quantiles."""
    rates, known = pl.col(side), pl.col(f"{side}_known_count")
    place = ((known + 1) / 2 - known.sqrt() + 0.5).floor().clip(lower_bound=1).cast(pl.Int64)
    distance = rates.list.get(known - place, null_on_oob=True) - rates.list.get(place - 1, null_on_oob=True)
    quantile = pl.struct(place.alias("place"), known.alias("known")).map_batches(_quantile_of_place, pl.Float64)
    return distance / (2 * quantile)


def _log_variance(side: str) -> pl.Expr:
    """Posts without any engagement have no logarithm: their scatter is not known."""
    found = pl.col(side).list.eval(pl.element().log()).list.var()
    return pl.when(found.is_finite()).then(found).alias(f"{side}_log_variance")


def _quantile_of_place(places: pl.Series) -> pl.Series:
    """The normal quantile of the chance that the median is above the order statistic of a place among so many."""
    place, known = (places.struct.field(name).to_numpy() for name in ("place", "known"))
    return pl.Series(-ndtri(bdtr((place - 1).astype(float), known, 0.5)))


def _student(freedom: pl.Series) -> pl.Series:
    """Student's quantile for an interval of 95 %."""
    return pl.Series(stdtrit(freedom.fill_null(math.nan).to_numpy(), 0.975))


def with_paid_to_organic(windows: pl.LazyFrame, minimum: int = SIDE_MINIMUM) -> pl.LazyFrame:
    """The columns on sponsorship of accounts with `post_count`, made of those of `posts_to_sides`, of which FIGURES go."""
    ratio, factor = pl.col("paid_to_organic_ratio"), pl.col("factor")
    told = pl.sum_horizontal("sponsored_post_count", "organic_post_count", "gifted_post_count")
    unknown = pl.col("post_count") - told
    quotient = pl.col("sponsored_median") / pl.col("organic_median")
    return (
        windows.with_columns(pl.col(COUNTS).fill_null(0))
        .with_columns(unknown.alias("sponsorship_unknown_count"))
        .with_columns(_ratio_reason(minimum).alias("paid_reason"))
        .with_columns(pl.when(pl.col("paid_reason").is_null()).then(quotient).alias("paid_to_organic_ratio"))
        .with_columns(pl.coalesce("paid_reason", _interval_reason()).alias("paid_reason"))
        .with_columns(
            pl.when(pl.col("paid_reason").is_null()).then(bound).alias(f"paid_to_organic_ratio_{name}")
            for name, bound in (("low", ratio / factor), ("high", ratio * factor))
        )
        .with_columns(_verdict().alias("paid_verdict"), _is_never_sponsored().alias("is_never_sponsored"))
        .drop(FIGURES)
    )


def _ratio_reason(minimum: int) -> pl.Expr:
    """Why there is no ratio, the first that applies."""
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(pl.col("sponsorship_unknown_count") == pl.col("post_count")).then(pl.lit("sponsorship_unknown"))
        .when(pl.col("sponsored_known_count") < minimum).then(pl.lit("few_sponsored"))
        .when(pl.col("organic_known_count") < minimum).then(pl.lit("few_organic"))
        .when(pl.col("organic_median") == 0).then(pl.lit("zero_organic"))
    )  # fmt: skip


def _interval_reason() -> pl.Expr:
    """Why a ratio has no interval. Posts that are all alike tell nothing of how far others may differ."""
    return (
        pl.when(pl.col("paid_to_organic_ratio").is_null()).then(pl.lit(None, pl.String))
        .when(pl.col("sponsored_median") == 0).then(pl.lit("zero_sponsored"))
        .when(pl.col("error_of_log") == 0).then(pl.lit("no_spread"))
        .when(pl.col("paid_to_organic_ratio") * pl.col("factor") > PAID_RATIO_MAX).then(pl.lit("interval_unbounded"))
    )  # fmt: skip


def _verdict() -> pl.Expr:
    """Whether sponsored posts do worse or better than the others: by the interval, or by Mood's test where there is none.

    Null where a side has too few posts for a ratio.
    """
    fewest, reason = pl.min_horizontal("sponsored_known_count", "organic_known_count"), pl.col("paid_reason")
    paid, organic = pl.col("sponsored_median"), pl.col("organic_median")
    return (
        pl.when(~reason.is_in(UNBOUNDED)).then(pl.lit(None, pl.String))
        .when(fewest < VERDICT_MINIMUM).then(pl.lit("few_posts"))
        .when(pl.col("paid_to_organic_ratio_high") < 1).then(pl.lit("less"))
        .when(pl.col("paid_to_organic_ratio_low") > 1).then(pl.lit("more"))
        .when((pl.col("as_few") <= VERDICT_CHANCE) & (paid <= organic)).then(pl.lit("less"))
        .when((pl.col("as_many") <= VERDICT_CHANCE) & (paid >= organic)).then(pl.lit("more"))
        .otherwise(pl.lit("cannot_tell"))
    )  # fmt: skip


def _is_never_sponsored() -> pl.Expr:
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit(None, pl.Boolean))
        .when(pl.col("sponsored_post_count") > 0).then(pl.lit(False))
        .when(pl.col("sponsorship_unknown_count") == 0).then(pl.lit(True))
    )  # fmt: skip


def bootstrap_interval(
    sponsored: Sequence[float],
    organic: Sequence[float],
    *,
    seed: int,
    resamples: int = 2_000,
    level: float = 0.95,
    minimum: int = SIDE_MINIMUM,
) -> tuple[float, float] | None:
    """The percentile interval of the ratio of medians of one account, its posts drawn anew within each side.

    The same seed and rates in any order give the same bounds. Null below the minimum, and where a bound has no number.
    """
    if min(len(sponsored), len(organic)) < minimum:
        return None
    random = Random(seed)  # noqa: S311 - nothing secret is drawn
    paid, free = sorted(sponsored), sorted(organic)
    ratios = []
    for _ in range(resamples):
        above, below = median(random.choices(paid, k=len(paid))), median(random.choices(free, k=len(free)))
        ratios.append(above / below if below else math.inf)
    ratios.sort()
    outside = round(resamples * (1 - level) / 2)
    low, high = ratios[outside], ratios[-1 - outside]
    return (low, high) if math.isfinite(high) else None
