"""Ids as text: what surrounds them and does not count, and texts that are no ids."""

import polars as pl

from ingest.cast.mapping import Plan, text_of
from schemas.columns import columns_of
from schemas.sources import FILE
from schemas.visible import INVISIBLE, visible

# Against programs that take ids for numbers or sums: a blank, an apostrophe before digits, `="123"` as a formula.
APOSTROPHE = r"^'([0-9]+)$"
FORMULA = r'^="([^"]*)"$'
GUARDED = rf"^\s|\s$|[{INVISIBLE}]|{APOSTROPHE}|{FORMULA}"
# No id: a float, whose digits are lost; the error of a formula; nothing but blanks; text with control characters in it.
FLOAT_ID = r"^(?:[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+|[0-9]+[.,][0-9]+[eE][0-9]+|[0-9]+\.0+|NaN)$"
# A number of more digits than a spreadsheet keeps, as one of its cells holds it.
NUMBER_ID = r"^[0-9]\.[0-9]{14}E\+[0-9]+$"
ERROR_ID = r"^#(?:[^#\s]{1,20}[?!]|N/?[ADV])$"
BLANK_ID = r"^\s*$"
GROUPED_ID = r"^[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}$|^[0-9]{1,3}(?:[.' \x{a0}\x{202f}\x{2019}][0-9]{3}){4,}$"
UNFIT_ID = rf"{FLOAT_ID}|{ERROR_ID}|{BLANK_ID}|{GROUPED_ID}|[\x00-\x1f\x7f]"
# What programs write in the place of an id that is missing. Somebody may be called so: a handle with @ or of a column of
# handles is one, and so are those of the members of lists.
MISSING_ID = r"^(?:nan|NaN|null|NULL|None|undefined|\[object Object\]|<NA>)$"
NEVER_MISSING = ("follower_id", "liker_id", "commenter_id")
# Spreadsheets keep fifteen digits, and write zeros in the place of all further ones.
ROUNDED_ID = r"^[1-9][0-9]{14}0+$"
EXACT_ID = r"^[1-9][0-9]{14}0*[1-9][0-9]*$"
LONG_ID = r"^[1-9][0-9]{15}"
DIGITS_KEPT = 15
# Ids end in so many zeros by chance in one file of ten thousand.
ZEROS_MIN = 4


def ids_read(plan: Plan) -> list[str]:
    """The columns of ids that the plan reads from the file."""
    return [
        fact.name
        for fact in columns_of(plan.model)
        if fact.unit == "id" and fact.name in plan.readings and plan.readings[fact.name].source
    ]


def without_guards(typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Ids without blanks around them and characters that are not seen; those that are nothing else as they are."""
    guarded = [name for name in ids_read(plan) if typed.get_column(name).str.contains(GUARDED).any()]
    return typed.with_columns(_bare(pl.col(name)).alias(name) for name in guarded)


def _bare(cell: pl.Expr) -> pl.Expr:
    bare = visible(cell)
    bare = pl.coalesce(bare.str.extract(APOSTROPHE), bare.str.extract(FORMULA).str.strip_chars(), bare)
    return pl.when(bare != "").then(bare).otherwise(cell)


def are_missing(raw: pl.DataFrame, typed: pl.DataFrame, plan: Plan, name: str) -> pl.Series:
    """Whether the cells of an id hold a word that programs write where there is none."""
    reading = plan.readings[name]
    # A list of creators has handles and ids in one column, and words where a network has none of them.
    missing = rf"(?i){MISSING_ID}" if plan.dataset == "creators" else MISSING_ID
    likely = typed.get_column(name).str.contains(missing).fill_null(value=False)
    is_of_handles = reading.key in ("handle", "username") and plan.dataset != "creators"
    if name in NEVER_MISSING or reading.source is None or is_of_handles or not likely.any():
        return likely & False
    return as_written(raw, plan, name).str.contains(missing).fill_null(value=False)


def as_written(raw: pl.DataFrame, plan: Plan, name: str) -> pl.Series:
    """The cells of an id before an account or a post is found in them."""
    reading = plan.readings[name].model_copy(update={"key": None, "or_username": None})
    return raw.select(visible(text_of(reading, plan.source, raw))).to_series()


def exact_ids(rows: pl.DataFrame, plan: Plan) -> frozenset[str]:
    """The columns of ids of which one in these rows shows that no spreadsheet has rounded those of the file."""
    return frozenset(
        name
        for name in ids_read(plan)
        if rows.select(text_of(plan.readings[name], plan.source, rows).str.contains(EXACT_ID).any()).item()
    )


def are_destroyed(name: str) -> pl.Expr:
    """Whether the digits of ids after the fifteenth are lost, of ids each once: all long ones end in zeros, and they are
    so many that they cannot do so by chance."""
    is_rounded = pl.col(name).str.contains(ROUNDED_ID)
    zeros = pl.col(name).filter(is_rounded).str.len_chars().cast(pl.Int64) - DIGITS_KEPT
    return ~pl.col(name).str.contains(EXACT_ID).any() & (zeros.sum() >= ZEROS_MIN)


def rounded_by_a_spreadsheet(raw: pl.DataFrame, typed: pl.DataFrame, name: str) -> pl.Series:
    """Whether an id is one of a file whose ids are destroyed. Of one id every time at which a post of it was published
    counts for itself.
    """
    ids = typed.get_column(name)
    is_rounded = ids.str.contains(ROUNDED_ID).fill_null(value=False)
    if not is_rounded.any():
        return is_rounded
    apart = [name, "published_at"] if "published_at" in typed.columns else [name]
    files = raw.get_column(FILE) if FILE in raw.columns else pl.repeat(0, raw.height, dtype=pl.UInt32, eager=True)
    told = (
        typed.select(apart).with_columns(files.alias(FILE)).unique().group_by(FILE).agg(destroyed=are_destroyed(name))
    )
    return is_rounded & files.is_in(told.filter("destroyed").get_column(FILE).implode())
