"""Names of accounts in one form: a handle, an address of a profile, an id, however people write them.

A handle becomes what it is without @, in small letters. What cannot be told from an id by its look keeps what tells it:
`@` before digits alone, `user/` and `c/` before the older kinds of names on YouTube.
"""

from urllib.parse import unquote

import polars as pl

from schemas.profile_addresses import LISTED, accounts_at
from schemas.visible import INVISIBLE

CHANNEL_ID = r"^UC[A-Za-z0-9_-]{22}$"
# Before a cell that names no account: an address that is nobody's, more than one account, what is no handle.
NOBODYS, UNCLEAR, NO_HANDLE = "\x02", "\x03", "\x04"
MARKS = NOBODYS + UNCLEAR + NO_HANDLE
UNNAMED = rf"^[{MARKS}]"
# Nearly all cells: a handle or an id with nothing around it.
ALONE = r"^@*[.-]*\w[\w.-]*$"
HOST_ALONE = r"(?i)^www\."
DIGITS = r"^[0-9]+$"
# A word that begins with @, up to a blank, a bracket or a sign between words, as they are in any width.
AT_WORD = r"@+[^\s@,;:|/\\()\[\]{}<>\"&+\x{ff08}\x{ff09}\x{ff0c}\x{ff1a}\x{ff1b}\x{ff5c}]+"
MAIL = r"[\w.+-]*\w@(?:[\w-]+\.)+\w+"
_OF_ADDRESS = r"[^\s,;|)\]>}\x{ff09}]"
# An address among words; of a site that is not listed where nothing else is in the cell, or its beginning says it.
ADDRESS = (
    rf"(?i:(?:https?:)?//|\bwww\.)[\w-]+\.{_OF_ADDRESS}*|\b(?:[\w-]+\.)*(?i:{LISTED})/{_OF_ADDRESS}*"
    rf"|^(?:[\w-]+\.)+[A-Za-z]{{2,}}/+[^\s/?#]{_OF_ADDRESS}*$"
)
# What is left of an address behind a handle that was cut out of it, and before it.
_REST = r"/*(?:[?#].*)?$"
_BEFORE = r"^(?:/_u|u)/"
_KIND_AND_NAME = r"^(?:user|c|in|company|school|showcase|r)/[^/]+$"
_ALIKE = rf"[{INVISIBLE}]"


def account_named(text: pl.Expr) -> pl.Expr:
    """The account that a cell names: an id where it is one for certain, else the bare handle.

    `@Name`, `https://www.instagram.com/Name/?hl=en` and `Name` are `name`; `youtube.com/channel/UC...` is that id,
    `youtube.com/user/Name` is `user/name`. Digits behind an @ or in an address of a handle keep the @; digits alone stay
    as they are. Of a cell with a name too its one word with @, or without such a word its one address. A cell that names
    no account stands behind a mark (`UNNAMED`).
    """
    return text.map_batches(_accounts_named, return_dtype=pl.String, is_elementwise=True)


def _accounts_named(cells: pl.Series) -> pl.Series:
    shown = _shown(cells)
    named = shown.to_frame("cell").select(_bare(pl.col("cell"))).to_series()
    others = (
        (~shown.str.contains(ALONE) & (shown != "") | shown.str.contains(HOST_ALONE)).fill_null(value=False).arg_true()
    )
    if others.is_empty():
        return named
    return named.scatter(others, _singled_out(cells.gather(others), shown.gather(others)))


def _bare(cell: pl.Expr) -> pl.Expr:
    """A handle or an id that stands alone."""
    handle = cell.str.strip_chars_start("@").str.to_lowercase().str.strip_chars_end(".")
    return (
        pl.when(cell.str.contains(CHANNEL_ID)).then(cell)
        .when(cell.str.starts_with("@") & handle.str.contains(DIGITS)).then("@" + handle)
        .when(cell.str.starts_with("@")).then(handle)
        .otherwise(cell.str.to_lowercase())
    )  # fmt: skip


def _singled_out(cells: pl.Series, shown: pl.Series) -> pl.Series:
    """The account in each cell that holds more than a handle, or a mark and the cell."""
    text, rest, words, addresses = (pl.col(name) for name in ("shown", "rest", "words", "addresses"))
    found = (
        pl.DataFrame({"cell": cells, "shown": shown})
        .with_columns(
            addresses=text.str.extract_all(ADDRESS).list.eval(pl.element().str.strip_chars_end(".:!")).list.unique(),
            rest=text.str.replace_all(ADDRESS, " ").str.replace_all(MAIL, " "),
        )
        .with_columns(
            words=rest.str.extract_all(AT_WORD).list.eval(_handle_in(pl.element())).list.unique(),
            left=rest.str.replace_all(AT_WORD, " "),
            is_glued=rest.str.contains(r"\w@"),
        )
    )  # fmt: skip
    no_word = words.list.len() == 0
    one = addresses.list.first()
    is_address = no_word & (addresses.list.len() == 1)
    at = found.select(pl.when(is_address).then(one)).to_series()
    found = found.with_columns(account=accounts_at(at))
    is_unclear = (
        (words.list.len() > 1)
        | (no_word & ~is_address & text.str.contains("@", literal=True))
        | pl.col("is_glued")
        | pl.col("left").str.contains("@", literal=True)
        | (no_word & (addresses.list.len() > 1))
        | (words.list.len() == 1) & words.list.first().is_null()
    )
    name = text.str.replace(_REST, "").str.replace(_BEFORE, "").str.to_lowercase()
    is_name = name.str.contains(r"\w") & (
        ~name.str.contains("/", literal=True) | name.str.contains(rf"\s|{_KIND_AND_NAME}")
    )
    return found.select(
        pl.when(text.str.contains(rf"^@?{MAIL}$")).then(text.str.strip_chars_start("@").str.to_lowercase())
        .when(is_unclear).then(UNCLEAR + pl.col("cell"))
        .when(~no_word).then(_bare("@" + words.list.first()))
        .when(is_address).then(pl.coalesce("account", NOBODYS + pl.col("cell")))
        .when(is_name).then(name)
        .otherwise(NO_HANDLE + pl.col("cell"))
    ).to_series()  # fmt: skip


def _handle_in(word: pl.Expr) -> pl.Expr:
    """A word without its @ and the signs behind it; null where it has others in it than handles have."""
    handle = word.str.strip_chars_start("@").str.to_lowercase().str.replace(r"[^\w]+$", "")
    return pl.when(handle.str.contains(r"^[\w.\x{b7}-]+$")).then(handle)


def handle_named(text: pl.Expr) -> pl.Expr:
    """The same of a cell that holds a handle and no id, so that digits alone are one too. Blanks inside, as names of
    people have, make it none."""
    return text.map_batches(_handles_named, return_dtype=pl.String, is_elementwise=True)


def _handles_named(cells: pl.Series) -> pl.Series:
    named = pl.col("named")
    return (
        pl.DataFrame({"cell": cells, "named": _accounts_named(cells)})
        .select(
            pl.when(named.str.contains(UNNAMED)).then(named)
            .when(named.str.contains(r"\s")).then(NO_HANDLE + pl.col("cell"))
            .when(named.str.contains(DIGITS) & pl.col("cell").str.contains(r"^[^/]*$")).then("@" + named)
            .otherwise(named)
        )
        .to_series()
    )  # fmt: skip


def certain_handle(text: pl.Expr) -> pl.Expr:
    """The same; null where a cell is blank or no handle."""
    return text.map_batches(_certain_handles, return_dtype=pl.String, is_elementwise=True)


def _certain_handles(cells: pl.Series) -> pl.Series:
    handle = pl.col("handle")
    told = _handles_named(cells).to_frame("handle")
    return told.select(pl.when(~handle.str.contains(rf"{UNNAMED}|^$")).then(handle)).to_series()


def handle_of(text: pl.Expr) -> pl.Expr:
    """The form that names are compared in, of a cell that holds a handle and no id; null where it holds none."""

    def handles(cells: pl.Series) -> pl.Series:
        return _certain_handles(cells).to_frame("handle").select(name_of(pl.col("handle"))).to_series()

    return text.map_batches(handles, return_dtype=pl.String, is_elementwise=True)


def name_of(account: pl.Expr) -> pl.Expr:
    """The form that names are compared in, of an account id that may be a name: without @ and in small letters."""
    is_channel = account.str.contains(CHANNEL_ID)
    return pl.when(is_channel).then(account).otherwise(account.str.strip_chars_start("@").str.to_lowercase())


def writings_of(name: pl.Expr) -> list[pl.Expr]:
    """The ways in which a name is usually written: as it is, in small letters, with the capitals of titles and of sentences,
    each with and without @. Null where another one is the same."""
    bare = name.str.strip_chars_start("@")
    sentence = bare.str.slice(0, 1).str.to_uppercase() + bare.str.slice(1).str.to_lowercase()
    cases = [bare, bare.str.to_lowercase(), bare.str.to_titlecase(), sentence]
    once = [
        pl.when(pl.all_horizontal(pl.lit(value=True), *(case != other for other in cases[:place]))).then(case)
        for place, case in enumerate(cases)
    ]
    return [*once, *("@" + case for case in once)]


def _shown(cells: pl.Series) -> pl.Series:
    """Cells in the usual letters, without what nobody sees, percent-encoding undone."""
    return _decoded(cells).str.normalize("NFKC").str.replace_all(_ALIKE, "").str.strip_chars()


def _decoded(texts: pl.Series) -> pl.Series:
    encoded = texts.str.contains("%", literal=True)
    if not encoded.any():
        return texts
    return pl.Series(texts.name, [unquote(text) if text else text for text in texts], pl.String)
