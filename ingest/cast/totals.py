"""Rows of totals: an id that is a word for "total" is asked about, and never loaded for an account or a post."""

import json
import re

import polars as pl

from ingest.cast.edges import MEMBER
from ingest.cast.ids import ids_read
from ingest.cast.mapping import Plan
from schemas.columns import columns_of, polars_schema
from schemas.visible import visible, visible_name

# How spreadsheets and dashboards of these languages head a row of totals.
TOTALS = {
    "ar": ("الإجمالي", "إجمالي", "المجموع", "مجموع"),
    "cs": ("celkem", "součet"),
    "da": ("i alt", "samlet"),
    "de": ("gesamt", "gesamtsumme", "gesamtergebnis", "summe", "insgesamt"),
    "el": ("σύνολο",),
    "en": ("total", "totals", "grand total", "sum", "subtotal"),
    "es": ("total", "totales", "suma", "total general"),
    "fi": ("yhteensä",),
    "fr": ("total", "totaux", "somme", "total général"),
    "he": ('סה"כ', "סך הכל"),
    "hi": ("कुल", "कुल योग"),
    "hu": ("összesen", "végösszeg"),
    "id": ("jumlah", "total keseluruhan"),
    "it": ("totale", "totali", "somma", "totale complessivo"),
    "ja": ("合計", "総計", "計"),
    "ko": ("합계", "총계"),
    "nl": ("totaal", "eindtotaal"),
    "no": ("totalt", "sum"),
    "pl": ("suma", "razem", "łącznie", "ogółem"),
    "pt": ("total", "totais", "soma", "total geral"),
    "ro": ("total general",),
    "ru": ("всего", "итого", "общий итог"),
    "sv": ("totalt", "summa", "totalsumma"),
    "th": ("รวม", "ยอดรวม"),
    "tr": ("toplam", "genel toplam"),
    "uk": ("усього", "всього", "разом"),
    "vi": ("tổng", "tổng cộng"),
    "zh": ("合计", "总计", "合計", "總計"),
}
COLONS = " :\uff1a"
WORDS = sorted({word for words in TOTALS.values() for word in words})
LIKELY = rf"(?i)^[\s{COLONS}]*(?:{'|'.join(map(re.escape, WORDS))})[\s{COLONS}]*$"


def may_be_totals(typed: pl.DataFrame, plan: Plan, name: str) -> pl.Series:
    """Whether an id, bare of what nobody sees, is a word for totals, in a row without a date from the file. Never where a condition of the load
    speaks of the id's column: then somebody has looked.
    """
    source = plan.readings[name].source
    if source in plan.where or source in plan.where_not:
        return pl.repeat(value=False, n=typed.height, eager=True)
    ids = typed.get_column(name)
    # A look that costs little at all of them, and the exact one at those few that it finds.
    likely = ids.str.contains(LIKELY).fill_null(value=False)
    if not likely.any():
        return likely
    bare = ids.to_frame().select(visible(pl.col(name)).str.strip_chars(COLONS).str.to_lowercase()).to_series()
    is_word = bare.is_in(WORDS).fill_null(value=False)
    if not is_word.any():
        return is_word
    dates = [
        column
        for column, dtype in polars_schema(plan.model).items()
        if dtype.is_temporal() and column in plan.readings and plan.readings[column].source
    ]
    return (
        is_word
        & typed.select(pl.all_horizontal(pl.lit(value=True), *(pl.col(date).is_null() for date in dates))).to_series()
    )


def is_total(cell: str) -> bool:
    """Whether a cell is such a word."""
    return visible_name(cell).strip(COLONS).lower() in WORDS


def keys_read(plan: Plan) -> list[str]:
    """The ids that tell one row from another; none of lists of members, who may be called anything and have no totals."""
    if plan.dataset in MEMBER:
        return []
    keys = {fact.name for fact in columns_of(plan.model) if fact.key}
    return [name for name in ids_read(plan) if name in keys or name == "account_id"]


def fix_of_totals(source: str, cell: str) -> str:
    """The two lines of sources.toml of which one is right."""
    column, text = (json.dumps(visible_name(one), ensure_ascii=False) for one in (source, cell))
    return (
        f"if it is one, declare where_not = {{ {column} = {text} }}; "
        f"if it is an account or a post, declare where = {{ {column} = {{ blank = false }} }}"
    )
