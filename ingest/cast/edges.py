"""Raw text rows of follower, like and comment lists to keys, as one lazy chain that a file streams through.

The rules are part of the chain: a record that may break one is marked suspect, left out, and read again with care.
Doubt may be unfounded and is never missing, so the chain can use cheap tests.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import polars as pl
import polars.selectors as cs

from ingest.cast.ids import GUARDED, LONG_ID, MISSING_ID, ROUNDED_ID, UNFIT_ID, are_destroyed, ids_read
from ingest.cast.mapping import Plan, text_of, typed_of
from schemas.columns import EARLIEST, LATEST, columns_of, polars_schema
from schemas.forgotten import Forgotten
from schemas.keys import member_key, stable_key
from schemas.sources import LINE
from schemas.times import times_of
from schemas.visible import spellings

MEMBER = {"follows": "follower_id", "likes": "liker_id", "comments": "commenter_id"}
# The column that marks records to be read with care; an export that has one of that name is not streamed.
SUSPECT = "suspect"
# The column that marks good records of somebody who is forgotten.
FORGOTTEN = "=forgotten"
# The column of the bucket that a row is laid out in, where that is known by then.
BUCKET = "=bucket"
# The fact that there are ids such as a spreadsheet writes them that has rounded them.
ROUNDED = "rounded"


def raw_to_rows(raw: pl.LazyFrame, plan: Plan, sample: pl.DataFrame, forgotten: Forgotten) -> pl.LazyFrame:
    """The canonical columns of the raw ones, beside them, the flag `suspect`, and which good rows are of the forgotten."""
    schema = polars_schema(plan.model)
    texts = {name: text_of(reading, plan.source) for name, reading in plan.readings.items()}
    typed = {name: typed_of(text, schema[name], plan.readings[name], plan.quick, name) for name, text in texts.items()}
    doubts = [
        _doubt(texts[fact.name], typed[fact.name], fact.dtype, nullable=fact.nullable, sample=sample)
        for fact in columns_of(plan.model)
        if fact.name in texts and fact.name != "platform"
    ]
    # A header that comes once more; numbers and times in doubt show it too.
    names = {name: plan.readings[name].source for name in ids_read(plan)}
    doubts += [
        texts[name] == spelt
        for name, source in names.items()
        if not _are_numbers(typed[name], sample)
        for spelt in spellings(str(source))
    ]
    if LINE in raw.collect_schema().names():
        doubts.append(pl.col(LINE).is_not_null())
    # Nearly every list is of one platform: compared with its name, millions of cells need not be made lower case.
    if (platform := _only_platform(texts["platform"], typed["platform"], sample)) is not None:
        doubts.append(texts["platform"].ne_missing(platform))
        typed["platform"] = pl.lit(platform)
    else:
        doubts.append(~typed["platform"].str.len_bytes().is_between(1, 500).fill_null(value=False))
    canonical = {f"={name}": column for name, column in typed.items()}
    rows = raw.with_columns(**canonical, **{SUSPECT: pl.any_horizontal(doubts).fill_null(value=True)})
    is_forgotten = forgotten.is_in(canonical, prefix="=")
    return rows.with_columns((is_forgotten & ~pl.col(SUSPECT)).alias(FORGOTTEN))


def _only_platform(text: pl.Expr, typed: pl.Expr, sample: pl.DataFrame) -> str | None:
    """The platform of every sampled record, where it is written as it is kept."""
    written = sample.select(text=text, typed=typed).unique()
    if written.height != 1:
        return None
    first, kept = written.row(0)
    return kept if first == kept and kept else None


def _doubt(text: pl.Expr, typed: pl.Expr, dtype: pl.DataType, *, nullable: bool, sample: pl.DataFrame) -> pl.Expr:
    if dtype != pl.String:
        misfit = text.is_not_null() & typed.is_null()
        if not isinstance(dtype, pl.Datetime):
            return misfit
        # No time at all is no reason to doubt.
        return misfit | ~typed.is_between(EARLIEST, LATEST).fill_null(value=True)
    # Where ids are numbers, whether one is takes a fifth of the time that the full rule does.
    if _are_numbers(typed, sample):
        fits = typed.cast(pl.UInt64, strict=False).is_not_null()
    else:
        fits = typed.str.len_bytes().is_between(1, 500) & ~typed.str.contains(rf"{UNFIT_ID}|{GUARDED}|{MISSING_ID}")
    return ~fits.fill_null(value=nullable)


def _are_numbers(typed: pl.Expr, sample: pl.DataFrame) -> bool:
    is_number = typed.cast(pl.UInt64, strict=False).is_not_null()
    return bool(sample.height) and bool(sample.select(is_number.all()).item())


def canonical_columns(rows: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """The good rows, raw columns left behind."""
    good = rows.filter(~pl.col(SUSPECT) & ~pl.col(FORGOTTEN))
    own = [f"={name}" for name in plan.readings]
    return good.select(cs.by_name(*own, BUCKET, require_all=False).name.map(lambda name: name.removeprefix("=")))


def rows_to_keys(rows: pl.LazyFrame, dataset: str, secret: str | None, *, undirected: bool = False) -> pl.LazyFrame:
    """Keys and times of canonical rows: account_key or post_key, member_key, and what times, and bucket, the rows have."""
    columns = rows.collect_schema().names()
    kept = [name for name in (*times_of(dataset), "is_complete_list", "bucket") if name in columns]
    member = member_key(MEMBER[dataset], secret).alias("member_key")
    if dataset != "follows":
        own = [stable_key("platform", "comment_id").alias("comment_key")] if "comment_id" in columns else []
        return rows.select(stable_key("platform", "post_id").alias("post_key"), member, *kept, *own)
    directed = [rows]
    if undirected:
        swapped = [pl.col("follower_id").alias("account_id"), pl.col("account_id").alias("follower_id")]
        directed.append(rows.with_columns(swapped))
    return pl.concat(directed).select(stable_key("platform", "account_id").alias("account_key"), member, *kept)


def rows_to_facts(rows: pl.LazyFrame, plan: Plan, last: str) -> pl.LazyFrame:
    """What a file holds, in one frame, as each further one would cost a pass of its own: for follower lists a row per
    account, else one row: platform, account_id, records, suspect ones, those of the forgotten, blanks in the column
    `last`, newest times, whether ids look rounded.
    """
    counts = ~pl.col(SUSPECT) & ~pl.col(FORGOTTEN)
    observed, happened = _newest(plan.dataset, {f"={name}" for name in plan.readings}, "=", counts)
    facts = [
        pl.len().cast(pl.Int64).alias("records"),
        pl.col(SUSPECT, FORGOTTEN).sum().cast(pl.Int64),
        cs.by_name(last).as_expr().null_count().cast(pl.Int64).alias("blanks"),
        # Of records that are loaded: what is refused is no news.
        observed.alias("observed"),
        happened.alias("happened"),
        _has_rounded(f"={name}" for name in ids_in_doubt(plan)).alias(ROUNDED),
    ]
    if plan.dataset == "follows":
        account = [pl.col(f"={name}").alias(name) for name in ("platform", "account_id")]
        return rows.group_by(account).agg(facts)
    return rows.select(pl.lit(None, pl.String).alias("platform"), pl.lit(None, pl.String).alias("account_id"), *facts)


def ids_in_doubt(plan: Plan) -> list[str]:
    """The columns of ids that a spreadsheet may have rounded, for all that is known of the file."""
    return [name for name in ids_read(plan) if name not in plan.exact_ids]


def _has_rounded(names: Iterable[str]) -> pl.Expr:
    is_rounded = (pl.col(name).str.contains(ROUNDED_ID) for name in names)
    return pl.any_horizontal(pl.lit(value=False), *is_rounded).any()


def has_destroyed_ids(rows: pl.LazyFrame, plan: Plan) -> bool:
    """Whether the ids of one of its columns are, by another look at the whole file."""
    told = [
        rows.select(f"={name}")
        .filter(pl.col(f"={name}").str.contains(LONG_ID))
        .unique()
        .select(are_destroyed(f"={name}"))
        for name in ids_in_doubt(plan)
    ]
    return any(frame.item() for frame in pl.collect_all(told))


def _newest(
    dataset: str, columns: Collection[str], prefix: str, counts: pl.Expr | None = None
) -> tuple[pl.Expr, pl.Expr]:
    """The newest observation and the newest event of the rows that count, null where none is known."""
    unknown = pl.lit(None, pl.Datetime("us"))
    times = [f"{prefix}{name}" for name in times_of(dataset) if f"{prefix}{name}" in columns]
    of = pl.col if counts is None else lambda name: pl.when(counts).then(pl.col(name))
    observed = [of(name).max() for name in times if name.endswith("observed_at")]
    happened = [of(name).max() for name in times if not name.endswith("observed_at")]
    return (observed or [unknown])[0], (happened or [unknown])[0]


def newest_times(rows: pl.DataFrame, dataset: str) -> tuple[datetime | None, datetime | None]:
    """The newest observation and the newest event among canonical rows."""
    observed, happened = _newest(dataset, rows.columns, "")
    found = rows.select(observed.alias("observed"), happened.alias("happened")).row(0)
    return found[0], found[1]


def newest_times_of_each(rows: pl.DataFrame, dataset: str, by: str) -> pl.DataFrame:
    """The same for each value of a column: the value, its rows, their newest observation and newest event."""
    observed, happened = _newest(dataset, rows.columns, "")
    times = [observed.max().alias("observed"), happened.max().alias("happened")]
    return rows.group_by(by).agg(pl.len().cast(pl.Int64), *times)


def named_accounts(accounts: pl.DataFrame) -> pl.DataFrame:
    """account_key, platform and account_id of each account named."""
    named = accounts.select("platform", "account_id").drop_nulls().unique()
    return named.select(stable_key("platform", "account_id").alias("account_key"), "platform", "account_id")
