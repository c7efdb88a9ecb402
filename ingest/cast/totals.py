"""Rows of totals and averages: an id that says so is asked about, and never loaded for an account or a post."""

import json
import re

import polars as pl

from ingest.cast.column_names import BESIDE_OTHERS, COUNTED, MEASURES
from ingest.cast.edges import MEMBER
from ingest.cast.ids import as_written, ids_read
from ingest.cast.mapping import Plan
from schemas.columns import columns_of, polars_schema
from schemas.visible import visible_name

# How spreadsheets and dashboards of these languages head a row of totals or averages.
TOTALS = {
    "ar": ("الإجمالي", "إجمالي", "المجموع", "مجموع", "المتوسط"),
    "cs": ("celkem", "součet", "průměr", "medián"),
    "da": ("i alt", "samlet", "gennemsnit"),
    "de": ("gesamt", "gesamtsumme", "gesamtergebnis", "summe", "insgesamt", "gesamtzahl", "durchschnitt", "mittelwert"),
    "el": ("σύνολο", "μέσος όρος"),
    "en": (
        "total",
        "totals",
        "grand total",
        "sum",
        "subtotal",
        "sum total",
        "overall",
        "average",
        "averages",
        "avg",
        "mean",
        "median",
    ),
    "es": ("total", "totales", "suma", "total general", "promedio", "mediana"),
    "fi": ("yhteensä", "keskiarvo"),
    "fr": ("total", "totaux", "somme", "total général", "somme totale", "moyenne", "médiane"),
    "he": ('סה"כ', "סך הכל", "ממוצע"),
    "hi": ("कुल", "कुल योग", "औसत"),
    "hu": ("összesen", "végösszeg", "átlag"),
    "id": ("jumlah", "total keseluruhan", "rata-rata"),
    "it": ("totale", "totali", "somma", "totale complessivo", "somma totale"),
    "ja": ("合計", "総計", "計", "総合計", "平均"),
    "ko": ("합계", "총계", "총합계", "평균"),
    "nl": ("totaal", "eindtotaal", "gemiddelde"),
    "no": ("totalt", "sum", "gjennomsnitt"),
    "pl": ("suma", "razem", "łącznie", "ogółem", "średnia"),
    "pt": ("total", "totais", "soma", "total geral", "média", "mediana"),
    "ro": ("total general", "medie"),
    "ru": ("всего", "итого", "общий итог", "среднее"),
    "sv": ("totalt", "summa", "totalsumma", "medelvärde", "genomsnitt"),
    "th": ("รวม", "ยอดรวม", "เฉลี่ย"),
    "tr": ("toplam", "genel toplam", "ortalama"),
    "uk": ("усього", "всього", "разом", "середнє"),
    "vi": ("tổng", "tổng cộng", "trung bình"),
    "zh": ("合计", "总计", "合計", "總計", "平均", "平均值"),
}
SIGNS = ("\u03c3", "\u2211", "\u00f8")  # of sums and means
AROUND = " \t\r\n:\uff1a*=~#.\u2022\u00b7-\u2013\u2014>\u2192()[]{}<>\"'\u201c\u201d"
WORDS = frozenset({*SIGNS, *(word for words in TOTALS.values() for word in words)})
# What may be counted in such a row, beside the word for it.
THINGS = COUNTED | BESIDE_OTHERS | MEASURES | {"accounts", "creators", "influencers", "profiles", "channels", "all"}
LIKELY = (
    rf"(?i)^[^\p{{L}}\p{{N}}@_]*(?:{'|'.join(map(re.escape, sorted(WORDS, key=len, reverse=True)))})"
    r"(?:\.?$|[^\p{L}\p{M}\p{N}_.]|\.\s)"
)
COUNT_BEHIND = r"\s*[(\[]\s*(?:n\s*=\s*)?[0-9][0-9., ]*[^()\[\]0-9]*[)\]]\s*$"
AND = r"\s*[/&+,|]\s*|\s+(?:and|und|et|y|e|i|och|og|en|ve)\s+"
LENGTH_MAX = 100
# Beside an @, or in an address, it is what somebody is called.
ACCOUNT = r"@\w|\w\.\w+/"


def may_be_totals(raw: pl.DataFrame, typed: pl.DataFrame, plan: Plan, name: str) -> pl.Series:
    """Whether an id, bare of what nobody sees, says that its row is one of totals, in a row without a date from the file. Never
    where it is written as an account, or a condition of the load speaks of the id's column: then somebody has looked.
    """
    source = plan.readings[name].source
    if source in plan.where or source in plan.where_not:
        return pl.repeat(value=False, n=typed.height, eager=True)
    ids = typed.get_column(name)
    # A look that costs little at all of them, and the exact one at those few that it finds.
    likely = ids.str.contains(LIKELY).fill_null(value=False)
    if not likely.any():
        return likely
    totals = [text for text in ids.filter(likely).unique() if is_total(text)]
    told = likely & ids.is_in(totals).fill_null(value=False)
    if not told.any():
        return told
    dates = [
        column
        for column, dtype in polars_schema(plan.model).items()
        if dtype.is_temporal() and column in plan.readings and plan.readings[column].source
    ]
    is_undated = typed.select(pl.all_horizontal(pl.lit(value=True), *(pl.col(date).is_null() for date in dates)))
    return told & is_undated.to_series() & ~as_written(raw, plan, name).str.contains(ACCOUNT).fill_null(value=False)


def is_total(cell: str) -> bool:
    """Whether a cell says so: a word for it, two of them (`Total / Avg`), or one beside what it counts (`Total followers`,
    `Total (3)`)."""
    if len(cell) > LENGTH_MAX:
        return False
    text = re.sub(COUNT_BEHIND, "", visible_name(cell)).strip(AROUND).lower()
    return bool(text) and all(_is_word(part) for part in re.split(AND, text))


def _is_word(text: str) -> bool:
    if text.strip(AROUND) in WORDS:
        return True
    first, *others = (word.strip(AROUND) for word in text.split())
    return first in WORDS and all(word in WORDS or word in THINGS for word in others)


def keys_read(plan: Plan) -> list[str]:
    """The ids that tell one row from another; none of lists of members, who may be called anything and have no totals."""
    if plan.dataset in MEMBER:
        return []
    keys = {fact.name for fact in columns_of(plan.model) if fact.key}
    return [name for name in ids_read(plan) if name in keys or name == "account_id"]


def fix_of_totals(source: str, cell: str) -> str:
    """The two lines of sources.toml of which one is right."""
    return (
        f"if it is one, {fix_of_heading(source, cell)}; "
        f"if it is an account or a post, declare where = {{ {_quoted(source)} = {{ blank = false }} }}"
    )


def fix_of_heading(source: str, cell: str) -> str:
    """The line of sources.toml that leaves such rows out."""
    return f"declare where_not = {{ {_quoted(source)} = {_quoted(cell)} }}"


def _quoted(text: str) -> str:
    return json.dumps(visible_name(text), ensure_ascii=False)
