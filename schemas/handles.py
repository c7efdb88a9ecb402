"""Names of accounts in one form: a handle, an address of a profile, an id, however people write them.

A handle becomes what it is without @, in small letters. What cannot be told from an id by its look keeps what tells it:
`@` before digits alone, `user/` and `c/` before the older kinds of names on YouTube.
"""

from urllib.parse import unquote

import polars as pl

from schemas.visible import INVISIBLE

# A cell with one word that begins with @.
WITH_HANDLE = r"^([^@]*\s)?(@[^\s@,;]+)([\s,;][^@]*)?$"
CHANNEL_ID = r"^UC[A-Za-z0-9_-]{22}$"
_HOST = r"(?:[\w-]+\.)+[A-Za-z]{2,}"
_ADDRESS = rf"^(?:(?:(?i:https?://)(?:www\.)?|www\.){_HOST}(?:/+|$)|{_HOST}/+)(?:#!/)?"
_SURE_ADDRESS = r"^(?i:https?://|www\.)"
# What is left of an address behind a handle that was cut out of it.
_REST = r"/*(?:[?#].*)?$"
_ALIKE = rf"[{INVISIBLE}]"
# Where an address says whether an id or which kind of name follows. The names behind the others are handles.
_ID_IN_PATH = (
    r"(?:^|/)(?:channel)/(UC[A-Za-z0-9_-]{22})(?:[/?#]|$)",
    r"(?i)(?:^|/)profile\.php\?(?:.*&)?id=([0-9]+)",
    r"(?i)^(?:people|pages|pg)/[^/]+/([0-9]+)(?:[/?#]|$)",
    r"(?i)^i/user/([0-9]+)(?:[/?#]|$)",
)
# Pages that name nobody: a post by its number alone.
_NOBODY = r"(?i)^i/(?:web|events|communities)/"
_OLDER_NAME = r"(?i)^(user|c|in|company)/([^/?#]+)"
_FIRST_PART = r"(?i)^(?:_u/|stories/|p/@)?(@?[^/?#]+).*$"


def account_named(text: pl.Expr) -> pl.Expr:
    """The account that a cell names: an id where it is one for certain, else the bare handle.

    `@Name`, `https://www.instagram.com/Name/?hl=en` and `Name` are `name`; `youtube.com/channel/UC...` is that id,
    `youtube.com/user/Name` is `user/name`. Digits behind an @ or in an address of a handle keep the @; digits alone stay
    as they are. Of a cell with a name too its one word with @.
    """
    return text.map_batches(_accounts_named, return_dtype=pl.String, is_elementwise=True)


def _accounts_named(cells: pl.Series) -> pl.Series:
    """Step by step, as each is asked for many times by the next: in one expression they would all be written out anew."""
    written, path, first, bare = (pl.col(name) for name in ("written", "path", "first", "bare"))
    is_address, identity, older = (pl.col(name) for name in ("is_address", "identity", "older"))
    # A handle may have dots, so that one with a slash behind it looks like a host.
    names_site = written.str.contains(_SURE_ADDRESS) | ((path != written) & path.str.contains(r"^[^?#]"))
    found = pl.coalesce(path.str.extract(pattern, 1) for pattern in _ID_IN_PATH)
    kind, name = (path.str.extract(_OLDER_NAME, group).str.to_lowercase() for group in (1, 2))
    cut = written.str.replace(_REST, "").str.replace(r"^/_u/", "")
    is_number = bare.str.contains(r"^[0-9]+$")
    return (
        cells.to_frame("cell")
        .select(written=_plain(pl.col("cell")))
        .with_columns(path=written.str.replace(_ADDRESS, ""))
        .with_columns(is_address=names_site, identity=found, older=kind + "/" + name)
        .with_columns(first=pl.when(is_address).then(path.str.replace(_FIRST_PART, "$1")).otherwise(cut))
        .with_columns(bare=first.str.strip_chars_start("@").str.to_lowercase())
        .select(
            pl.when(is_address & identity.is_not_null()).then(identity)
            .when(is_address & older.is_not_null()).then(older)
            .when(is_address & path.str.contains(_NOBODY)).then(pl.lit(""))
            .when(first.str.contains(CHANNEL_ID)).then(first)
            .when((is_address | first.str.starts_with("@")) & is_number).then("@" + bare)
            .otherwise(bare)
        )
        .to_series()
    )  # fmt: skip


def certain_handle(text: pl.Expr) -> pl.Expr:
    """The same of a cell that holds a handle and no id, so that digits alone are one too; null where it is blank or has blanks
    inside, as names of people have."""
    return text.map_batches(_certain_handles, return_dtype=pl.String, is_elementwise=True)


def _certain_handles(cells: pl.Series) -> pl.Series:
    named = pl.col("named")
    return (
        pl.DataFrame({"cell": cells, "named": _accounts_named(cells)})
        .select(
            pl.when(_plain(pl.col("cell")).str.contains(r"^[0-9]+$")).then("@" + named)
            .when(~named.str.contains(r"\s|^$")).then(named)
        )
        .to_series()
    )  # fmt: skip


def handle_of(text: pl.Expr) -> pl.Expr:
    """The form that names are compared in, of a cell that holds a handle and no id; null where it holds none."""

    def handles(cells: pl.Series) -> pl.Series:
        return _certain_handles(cells).to_frame("handle").select(name_of(pl.col("handle"))).to_series()

    return text.map_batches(handles, return_dtype=pl.String, is_elementwise=True)


def name_of(account: pl.Expr) -> pl.Expr:
    """The form that names are compared in, of an account id that may be a name: without @ and in small letters."""
    is_channel = account.str.contains(CHANNEL_ID)
    return pl.when(is_channel).then(account).otherwise(account.str.strip_chars_start("@").str.to_lowercase())


def _plain(text: pl.Expr) -> pl.Expr:
    """A cell in the usual letters, without what nobody sees, percent-encoding undone; of a name beside a handle the handle."""
    shown = text.map_batches(_decoded, return_dtype=pl.String, is_elementwise=True)
    shown = shown.str.normalize("NFKC").str.replace_all(_ALIKE, "").str.strip_chars()
    return pl.coalesce(shown.str.extract(WITH_HANDLE, 2), shown)


def _decoded(texts: pl.Series) -> pl.Series:
    encoded = texts.str.contains("%", literal=True)
    if not encoded.any():
        return texts
    return pl.Series(texts.name, [unquote(text) if text else text for text in texts], pl.String)
