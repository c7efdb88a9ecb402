"""Numbers as languages abbreviate and group them, and months as they name them: read as declared, never guessed."""

from datetime import date, datetime

import polars as pl
import pytest

from ingest import languages
from ingest.cast import dates, grammars, parsing
from schemas.sources import NumberConvention


def number(text: str, language: str, convention: NumberConvention | None = None) -> object:
    grammar = grammars.in_language(language, convention)
    return pl.select(parsing.whole_number(pl.lit(text), grammar)).item()


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("de", "3,7 Mio.", 3_700_000),
        ("de", "3,7 mio", 3_700_000),
        ("de", "2,05\u00a0Mrd.", 2_050_000_000),
        ("de", "48,5 Tsd.", 48_500),
        ("de", "7 Tausend", 7_000),
        ("de", "1,5 Billionen", 1_500_000_000_000),
        ("de", "3.700", 3_700),
        ("de", "3.7", None),
        ("de-CH", "48\u2019500", 48_500),
        ("tr", "48,5 B", 48_500),
        ("tr", "3,7 Mn", 3_700_000),
        ("tr", "2 milyar", 2_000_000_000),
        ("es", "1,5 B", 1_500_000_000_000),
        ("es", "48,5 mil", 48_500),
        ("es", "12 mil M", 12_000_000_000),
        ("es-MX", "1.5 M", 1_500_000),
        ("en", "1.5B", 1_500_000_000),
        ("en", "2bn", 2_000_000_000),
        ("en-IN", "3.4 lakh", 340_000),
        ("en-IN", "3.4Cr", 34_000_000),
        ("en-IN", "2 lakhs", 200_000),
        ("hi", "5 crores", 50_000_000),
        ("zh", "1.2w+", 12_000),
        ("de", "1.500 €", 1_500),
        ("de", "€ 1.500,-", 1_500),
        ("en-IN", "12,34,567", 1_234_567),
        ("hi", "3.4 लाख", 340_000),
        ("hi", "३.४ लाख", 340_000),
        ("id", "48,5 rb", 48_500),
        ("id", "3,7 jt", 3_700_000),
        ("id", "3,7 M", 3_700_000_000),
        ("ru", "48,5 тыс.", 48_500),
        ("ru", "48,5 ТЫС", 48_500),
        ("ru", "3,7 млн", 3_700_000),
        ("ru", "48\u00a0500", 48_500),
        ("ru", "48.500", None),
        ("pl", "48,5 tys.", 48_500),
        ("cs", "3,7 mil.", 3_700_000),
        ("pt-BR", "3,7 mi", 3_700_000),
        ("pt-BR", "3,7 bi", 3_700_000_000),
        ("pt-PT", "3,7 bi", 3_700_000_000_000),
        ("fr", "48,5 k", 48_500),
        ("fr", "2,3 Md", 2_300_000_000),
        ("fr", "48\u202f500", 48_500),
        ("it", "3,7 Mln", 3_700_000),
        ("vi", "48,5 N", 48_500),
        ("vi", "3,7 Tr", 3_700_000),
        ("ko", "4.8만", 48_000),
        ("ko", "2.5억", 250_000_000),
        ("ja", "4.8万", 48_000),
        ("zh", "4.8w", 48_000),
        ("zh-Hant", "4.8萬", 48_000),
        ("ar", "\u0664\u066b\u0668 مليون", 4_800_000),
        ("he", "4.8K\u200f", 4_800),
        ("ha", "Dubu 5", 5_000),
        ("de", "3,7 B", None),
        ("de", "Mio.", None),
        ("de", "3,7 Mio. Mrd.", None),
        ("de", "12,0", 12),
        ("de", "0,5", None),
    ],
)
def test_a_count_in_its_language(language: str, text: str, count: int | None) -> None:
    assert number(text, language) == count


@pytest.mark.parametrize(
    ("language", "convention", "text", "count"),
    [
        ("tr", "dot_words", "48,5 B", 48_500),
        ("tr", "words", "48.5 B", 48_500),
        ("id", "dot_words", "1,2 M", 1_200_000_000),
        ("fr", "dot", "28\u202f000", 28_000),
        ("fr", "dot", "28.000", 28_000),
        ("ru", "comma", "3.7 млн", 3_700_000),
        ("de", "comma", "3,700", 3_700),
        ("es", "prices", "1,5 M €", 1_500_000),
        ("tr", "suffix", "3.7M", 3_700_000),  # a letter of the convention that the language does not have
    ],
)
def test_a_convention_keeps_its_signs(language: str, convention: NumberConvention, text: str, count: int) -> None:
    assert number(text, language, convention) == count


@pytest.mark.parametrize(
    ("language", "text", "share"),
    [
        ("fr", "62,3 %", 0.623),
        ("en", "62.3%", 0.623),
        ("de", "1,39%", 0.0139),
        ("tr", "%4,2", 0.042),
        ("tr", "% 4,2", 0.042),
    ],
)
def test_percentages_have_the_sign_of_the_language(language: str, text: str, share: float) -> None:
    grammar = grammars.in_language(language, "percent")
    assert pl.select(parsing.decimal_number(pl.lit(text), grammar)).item() == share


@pytest.mark.parametrize("text", ["48,5 B", "1,2 M", "1,2m", "3 b", "2,5 Billion", "1 m"])
def test_what_languages_read_differently_is_not_read_without_one(text: str) -> None:
    """After a decimal comma `B` is a thousand or a million million, `M` a million or a thousand million."""
    assert pl.select(parsing.whole_number(pl.lit(text), "dot_words")).item() is None


@pytest.mark.parametrize("text", ["48,5 B", "1,2 M €", "EUR 2,5 billion"])
def test_nor_is_a_price(text: str) -> None:
    assert pl.select(parsing.decimal_number(pl.lit(text), "prices")).item() is None


def test_no_word_of_a_convention_has_a_second_meaning() -> None:
    """Of every language of CLDR that writes decimals as the convention does; a dot behind a word makes it another.

    `b` and `m` of `words` and `suffix` are the English ones, as documented, and K of Tonga is CLDR's own placeholder.
    """
    english = {"b", "m", "k", "billion"}
    for convention, sign in (("words", "."), ("dot_words", ",")):
        for language in (*languages.COMMON, *languages._others()):
            if languages.signs_of(language)[0] != sign:
                continue
            own = languages.words_of(language)
            for word, power in grammars.GRAMMARS[convention].suffixes.items():  # type: ignore[index]
                if word in own and word not in english and word != "mil":
                    assert own[word] == power, (language, word)


@pytest.mark.parametrize("convention", ["comma", "suffix", "words", "dot", "dot_words"])
@pytest.mark.parametrize("text", ["48 500", "48\u00a0500", "48\u202f500", "48'500", "48\u2019500"])
def test_blanks_and_apostrophes_group_digits_under_every_convention(text: str, convention: NumberConvention) -> None:
    assert pl.select(parsing.whole_number(pl.lit(text), convention)).item() == 48_500
    assert pl.select(parsing.whole_number(pl.lit(text), convention, quick=True)).item() is None


@pytest.mark.parametrize(
    ("convention", "text", "count"),
    [
        ("comma", "12,34,567", 1_234_567),
        ("words", "1,00,00,000", 10_000_000),
        ("comma", "12,34", None),
        ("comma", "1,23,45", None),
        ("comma", "123,45,678", None),
        ("dot", "12.34.567", None),
        ("words", "48 50", None),
        ("words", "4 8500", None),
        ("words", "4.8만", 48_000),
        ("words", "2.5억", 250_000_000),
        ("words", "4.8w", 48_000),
        ("words", "3.4 lakh", 340_000),
        ("words", "3.4 crore", 34_000_000),
        ("plain", "48 500", None),
        ("plain", "48'500", None),
    ],
)
def test_groups_that_are_none(convention: NumberConvention, text: str, count: int | None) -> None:
    assert pl.select(parsing.whole_number(pl.lit(text), convention)).item() == count


def test_decimals_after_groups() -> None:
    assert pl.select(parsing.decimal_number(pl.lit("1 500,50 €"), "prices")).item() == 1500.5
    assert pl.select(parsing.decimal_number(pl.lit("CHF 1'500.50"), "prices")).item() == 1500.5


@pytest.mark.parametrize(
    ("language", "fmt", "text", "at"),
    [
        ("fr", "%d %b %Y", "28 sept. 2026", datetime(2026, 9, 28)),
        ("fr", "%d %b %Y", "1 août 2026", datetime(2026, 8, 1)),
        ("fr", "%d %b %Y", "12 FÉVR. 2026", datetime(2026, 2, 12)),
        ("fr", "%d %B %Y", "3 janvier 2026", datetime(2026, 1, 3)),
        ("fr", "%d %b %Y", "3 ju. 2026", None),  # June or July
        ("fr", "%d %b %Y à %H:%M", "3 mai 2026 à 14:05", datetime(2026, 5, 3, 14, 5)),
        ("es", "%d de %B de %Y", "5 de mayo de 2026", datetime(2026, 5, 5)),
        ("es", "%d de %b de %Y", "5 de sept de 2026", datetime(2026, 9, 5)),
        ("de", "%d. %b. %Y", "3. Mär. 2026", datetime(2026, 3, 3)),
        ("de", "%d. %B %Y", "3. Mai 2026", datetime(2026, 5, 3)),
        ("tr", "%d %B %Y", "3 KASIM 2025", datetime(2025, 11, 3)),
        ("tr", "%d %B %Y", "3 HAZİRAN 2025", datetime(2025, 6, 3)),
        ("ru", "%d %B %Y", "5 сентября 2026", datetime(2026, 9, 5)),
        ("ru", "%B %Y %d", "сентябрь 2026 5", datetime(2026, 9, 5)),
        ("vi", "%d %b, %Y", "5 thg 1, 2026", datetime(2026, 1, 5)),
        ("vi", "%d %b, %Y", "5 thg 12, 2026", datetime(2026, 12, 5)),
        ("en", "%B %d, %Y", "Sept. 5, 2026", datetime(2026, 9, 5)),
        ("pt-BR", "%d/%b/%Y", "5/out/2026", datetime(2026, 10, 5)),
        ("pl", "%d %B %Y", "5 października 2026", datetime(2026, 10, 5)),
        ("ja", "%Y年%m月%d日", "2026年9月5日", datetime(2026, 9, 5)),
        ("fr", "%d %B %Y", "1er août 2026", datetime(2026, 8, 1)),
        ("en", "%B %d, %Y", "August 3rd, 2026", datetime(2026, 8, 3)),
        ("en", "%B %dth, %Y", "August 4th, 2026", datetime(2026, 8, 4)),
        ("es", "%d de %B de %Y", "1º de agosto de 2026", datetime(2026, 8, 1)),
        ("pt", "%A, %d de %B de %Y", "segunda-feira, 3 de agosto de 2026", datetime(2026, 8, 3)),
        ("de", "%A, %d. %B %Y", "Montag, 3. August 2026", datetime(2026, 8, 3)),
        ("de", "%a, %d.%m.%Y", "Mo., 03.08.2026", datetime(2026, 8, 3)),
        ("de", "%a, %d.%m.%Y", "Di., 03.08.2026", None),  # a Monday
        ("fr", "%a %d %b %Y", "mar. 3 mars 2026", datetime(2026, 3, 3)),
        ("es", "%d/%m/%Y %I:%M %p", "03/08/2026 3:05 p.\u202fm.", datetime(2026, 8, 3, 15, 5)),
        ("en", "%m/%d/%Y %I:%M %p", "8/3/2026 3:05 a.m.", datetime(2026, 8, 3, 3, 5)),
        ("ko", "%Y. %m. %d. %p %I:%M", "2026. 8. 3. 오후 3:05", datetime(2026, 8, 3, 15, 5)),
        ("zh", "%Y年%m月%d日%p%I:%M", "2026年8月3日下午3:05", datetime(2026, 8, 3, 15, 5)),
        ("ar", "%Y/%m/%d", "٢٠٢٦/٠٨/٠٣", datetime(2026, 8, 3)),
        ("hi", "%d %B %Y", "३ अगस्त 2026", datetime(2026, 8, 3)),
        ("ja", "%Y年%m月%d日", "２０２６年８月３日", datetime(2026, 8, 3)),
        ("fr", "%d %b %Y", "28 octobres 2026", None),
        ("fr", "%d %b %Y", None, None),
        ("it", "%y.%d.%m", "17.14.11", datetime(2017, 11, 14)),
    ],
)
def test_months_by_their_names(language: str, fmt: str, text: str | None, at: datetime | None) -> None:
    spelling = dates.Spelling(language)
    cell = pl.lit(text, pl.String)
    assert pl.select(dates.instant(cell, (fmt,), "UTC", spelling)).item() == at
    if at is None or at.hour == 0:
        assert pl.select(dates.day(cell, fmt, spelling)).item() == (at and at.date())


@pytest.mark.parametrize("language", languages.COMMON)
def test_every_month_of_a_language_is_read(language: str) -> None:
    months = languages.locale_of(language).months
    named = [
        (name, datetime(2026, month, 7))
        for context in ("format", "stand-alone")
        for width in ("abbreviated", "wide")
        for month, name in months[context][width].items()
        if not name[0].isdigit()
    ]
    cells = pl.DataFrame({"name": [f"7 {name} 2026" for name, _ in named]}, schema={"name": pl.String})
    read = cells.select(dates.instant(pl.col("name"), ("%d %b %Y",), "UTC", dates.Spelling(language)))
    assert read.to_series().to_list() == [at for _, at in named]


@pytest.mark.parametrize(
    ("text", "fmt", "zone", "at"),
    [
        ("June 5", "%B %d", "UTC", datetime(2026, 6, 5)),
        ("June 14", "%B %d", "UTC", datetime(2026, 6, 14)),
        ("June 15", "%B %d", "UTC", datetime(2025, 6, 15)),
        ("December 30", "%B %d", "UTC", datetime(2025, 12, 30)),
        ("February 29", "%B %d", "UTC", datetime(2024, 2, 29)),
        ("February 30", "%B %d", "UTC", None),
        ("14.06 23:30", "%d.%m %H:%M", "America/Sao_Paulo", datetime(2026, 6, 15, 2, 30)),  # the 14th by its own clock
        ("nothing", "%B %d", "UTC", None),
    ],
)
def test_the_last_such_day_that_is_not_after(text: str, fmt: str, zone: str | None, at: datetime | None) -> None:
    spelling = dates.Spelling(not_after=date(2026, 6, 14))
    assert pl.select(dates.instant(pl.lit(text), (fmt,), zone, spelling)).item() == at


def test_a_year_that_is_declared() -> None:
    spelling = dates.Spelling(year=2019)
    assert pl.select(dates.instant(pl.lit("13.09"), ("%d.%m",), None, spelling)).item() == datetime(2019, 9, 13)
    assert pl.select(dates.day(pl.lit("29.02"), "%d.%m", spelling)).item() is None
    assert pl.select(dates.day(pl.lit("1 août"), "%d %B", dates.Spelling("fr", 2019))).item() == date(2019, 8, 1)


@pytest.mark.parametrize(
    ("fmt", "tells"),
    [
        ("%d.%m.%Y", True),
        ("%d.%m.%y", True),
        ("epoch", True),
        ("%F", True),
        ("%B %d", False),
        ("%d.%m %H:%M", False),
        ("%d %%Y", False),
    ],
)
def test_whether_a_format_tells_the_year(fmt: str, tells: bool) -> None:
    assert dates.tells_year(fmt) is tells
