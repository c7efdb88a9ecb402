"""A block of sources.toml for a file that nothing recognises, drafted from its names and cells. A draft is to be read:
what could be two things is a line with a question mark."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from ingest.cast.edges import MEMBER
from ingest.cast.mapping import plan_of
from ingest.cast.rows import read_batch
from ingest.cast.totals import is_total
from ingest.suggest import cells
from ingest.suggest.look import Looked
from ingest.suggest.names import Meaning, meaning_of, platform_in
from schemas.columns import columns_of, polars_schema
from schemas.errors import FileRefused
from schemas.sources import Sources
from schemas.tables import DATASETS

PREVIEW_ROWS = 5
COUNTS = ("like_count", "comment_count", "view_count", "share_count", "save_count", "reach_count")
OF_POSTS = ("post_id", "post_link", "published_at", "media_type", "caption", "is_sponsored", *COUNTS)
OF_ACCOUNTS = (
    "username",
    "display_name",
    "niche",
    "country",
    "is_verified",
    "followers_count",
    "follows_count",
    "media_count",
)
OF_RATES = ("price", "price_min", "price_max", "currency", "quoted_on")
CLAIMS = {
    "engagement_rate": "ratio",
    "like_count_mean": "count",
    "comment_count_mean": "count",
    "view_count_mean": "count",
}
EDGES = {"follower_id": "follows", "liker_id": "likes", "commenter_id": "comments"}


@dataclass(frozen=True)
class Preview:
    """What the first records of the file would become for one load."""

    dataset: str
    rows: pl.DataFrame
    rejected: int


@dataclass
class _Load:
    dataset: str
    platform: str | None
    columns: dict[str, str] = field(default_factory=dict)  # canonical column: what stands behind `=`
    conditions: list[str] = field(default_factory=list)


def draft(looked: Looked) -> str:
    """The block, with comments; empty for a file that needs none.

    Raises:
        FileRefused: no column says what the file is about.
    """
    if looked.known:
        return _asked(looked) if looked.asked else ""
    return _Draft(looked).text()


def _asked(looked: Looked) -> str:
    """The keys that a known table cannot be read without."""
    answers = {"owner": "handle_or_id_of_the_account", "time_zone": "Europe/Berlin"}
    lines = [f"# {looked.name}: a table of {looked.known}; write the right text in place of what stands here"]
    lines += [
        "[[source]]",
        f"files = {_toml(looked.name)}",
        *(f"{key} = {_toml(answers[key])}" for key in looked.asked),
    ]
    return "\n".join(lines) + "\n"


def previews(looked: Looked, block: str) -> list[Preview]:
    """The first five records as the block would load them; ids and names of members masked."""
    (source,) = Sources.model_validate(tomllib.loads(block)).source
    found = []
    for load in source.load:
        read = read_batch(looked.rows.head(PREVIEW_ROWS), plan_of(load, source, looked.header, looked.rows))
        shown = read.rows.select(name for name in read.rows.columns if name in load.columns)
        if load.dataset in MEMBER:
            shown = shown.drop(MEMBER[load.dataset])
        found.append(Preview(load.dataset, shown, read.records_rejected.len()))
    return found


def _toml(text: str) -> str:
    """A text as TOML writes it; what a terminal would obey is escaped."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in escaped)


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_toml, texts))}]"


def _reading(origin: str, *more: str) -> str:
    """What stands behind `=` for a column: its name alone where that is enough."""
    said = [part for part in more if part]
    if origin.startswith("position"):
        return f"{{ {', '.join([origin, *said])} }}"
    return f"{{ {', '.join([f'from = {origin}', *said])} }}" if said else origin


def _meaning(name: str, format: str) -> Meaning:
    """What a column is called after; a path by its last keys, as `author.id` and `stats.views` say it there."""
    if format != "json":
        return meaning_of(name)
    keys = name.strip(".").split(".")
    return next((told for count in (2, 1) if (told := meaning_of(" ".join(keys[-count:]))).column), Meaning(None, None))


class _Draft:
    def __init__(self, looked: Looked) -> None:
        self.looked = looked
        self.questions: list[str] = []
        self.number = "plain"
        self.zone_asked = False
        self.columns: dict[str, Meaning] = {name: _meaning(name, looked.format) for name in looked.header}
        self.null_words: dict[str, None] = {}

    def text(self) -> str:
        loads = self._loads()
        if not loads:
            raise FileRefused(
                "nothing_to_suggest",
                f"{self.looked.name}: none of its {len(self.looked.header)} columns is called like one of a dataset",
                fix="declare it by hand; docs/sources.md lists datasets and keys",
            )
        read = {name for load in loads for name in load.columns.values()}
        used = " ".join(chain.from_iterable((*load.columns.values(), *load.conditions) for load in loads))
        unread = [name for name in self.looked.header if _toml(name) not in used and name not in read]
        datasets = ", ".join(dict.fromkeys(load.dataset for load in loads))
        lines = [
            f"# {self.looked.name}: {datasets}, drafted from {self.looked.rows.height:,} records. Read it before you run it.",
            *(f"# ? {question}" for question in dict.fromkeys(self.questions)),
            *([f"# columns left unread: {', '.join(map(repr, unread))}"] if unread else []),
            "[[source]]",
            f"files = {_toml(self.looked.name)}",
            *self._written(),
        ]
        for load in loads:
            lines += ["", "[[source.load]]", f"dataset = {_toml(load.dataset)}", *load.conditions]
            if self.looked.each:
                lines.append(f"each = {_toml(self.looked.each)}")
            lines += [f"columns.{name} = {reading}" for name, reading in load.columns.items()]
        return "\n".join(lines) + "\n"

    def _written(self) -> list[str]:
        """How the file is written, as keys of its source."""
        source = self.looked.source
        lines = [f"format = {_toml('json')}"] if self.looked.format == "json" else []
        lines += [
            f"{key} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in source.model_dump(exclude_unset=True).items()
            if key != "files"
        ]
        lines += [f"number = {_toml(self.number)}"] if self.number != "plain" else []
        lines += ['time_zone = "UTC"'] if self.zone_asked else []
        lines += [f"null_words = {_list(self.null_words)}"] if self.null_words else []
        return lines

    # What the file is about.

    def _loads(self) -> list[_Load]:
        self._settle_numbers()
        platforms = list(dict.fromkeys(one.platform for one in self.columns.values() if one.platform))
        groups = platforms if len(platforms) > 1 else [platforms[0] if platforms else None]
        return [load for group in groups for load in self._loads_of(group, apart=len(platforms) > 1)]

    def _loads_of(self, platform: str | None, *, apart: bool) -> list[_Load]:
        has: dict[str, str] = {}
        for name, meaning in self.columns.items():
            if meaning.column and (not apart or meaning.platform in (None, platform)):
                if apart and meaning.platform is None and meaning.column in ("username", "account_id", *OF_RATES):
                    continue
                has.setdefault(meaning.column, name)
        datasets = self._datasets(has)
        return [self._load(dataset, has, platform, apart=apart) for dataset in datasets]

    @staticmethod
    def _datasets(has: dict[str, str]) -> list[str]:
        if edges := [dataset for column, dataset in EDGES.items() if column in has]:
            return edges[:1]
        is_posts = (
            bool({"post_link", "caption", "published_at"} & has.keys())
            or ("post_id" in has and not {"followers_count"} & has.keys())
            or (bool(set(COUNTS) & has.keys()) and not {"followers_count", "price", "engagement_rate"} & has.keys())
        )
        found = ["posts"] if is_posts else []
        if not is_posts and {"followers_count", "niche"} & has.keys():
            found.append("accounts")
        if {"price", "price_min", "price_max"} & has.keys() and not is_posts:
            found.append("rates")
        if set(CLAIMS) & has.keys() and not is_posts:
            found += [f"published_metrics:{claim}" for claim in CLAIMS if claim in has]
        return found

    def _load(self, dataset: str, has: dict[str, str], platform: str | None, *, apart: bool) -> _Load:
        dataset, _, claim = dataset.partition(":")
        load = _Load(dataset, platform)
        self._say_platform(load, has, platform)
        schema = polars_schema(DATASETS[dataset])
        if dataset == "posts":
            self._say_post(load, has)
        self._say_account(load, has, apart=apart)
        if dataset in EDGES.values():
            member = next(column for column, of in EDGES.items() if of == dataset)
            load.columns[member] = _reading(self._origin(has[member]))
            if "post_id" in schema:
                self._say_post(load, has)
        wanted = {"accounts": OF_ACCOUNTS, "posts": (*OF_POSTS, "followers_count"), "rates": OF_RATES}.get(dataset, ())
        for column in wanted:
            if (
                column in has
                and column in schema
                and column not in load.columns
                and has[column] not in self._taken(load)
            ):
                self._say(load, column, has[column])
        for column in ("observed_at", "published_at", "followed_at", "liked_at", "commented_at"):
            said = {"followed_at": "published_at", "liked_at": "published_at", "commented_at": "published_at"}.get(
                column, column
            )
            if column in schema and said in has and column not in load.columns:
                self._say(load, column, has[said])
        if dataset == "posts" and "observed_at" in load.columns and "published_at" not in load.columns:
            load.columns = {
                ("published_at" if name == "observed_at" else name): reading for name, reading in load.columns.items()
            }
            self.questions.append(
                f"{has['observed_at']!r} is taken for the day of publication; write observed_at if it is when the counts were seen"
            )
        if claim:
            load.columns["metric"] = f"{{ value = {_toml(claim)} }}"
            self._say(load, "value", has[claim])
            load.columns["unit"] = f"{{ value = {_toml(CLAIMS[claim])} }}"
        return load

    @staticmethod
    def _taken(load: _Load) -> set[str]:
        return set(load.columns.values())

    def _say_platform(self, load: _Load, has: dict[str, str], platform: str | None) -> None:
        if platform is None and "platform" in has:
            load.columns["platform"] = _reading(self._origin(has["platform"]))
            return
        platform = platform or platform_in(self.looked.name) or self._platform_of_cells()
        if platform is None:
            platform = "instagram"
            self.questions.append('platform = "instagram" is a guess: write the network that the file is of')
        load.columns["platform"] = f"{{ value = {_toml(platform)} }}"

    def _platform_of_cells(self) -> str | None:
        """The network whose addresses stand in the cells."""
        texts = " ".join(
            str(cell) for cell in chain.from_iterable(self.looked.rows.head(50).rows()) if cell and "/" in str(cell)
        )
        found = [
            name
            for name, sign in (
                ("instagram", "instagram.com/"),
                ("tiktok", "tiktok.com/"),
                ("youtube", "youtube.com/"),
                ("facebook", "facebook.com/"),
                ("x", "twitter.com/"),
                ("x", "//x.com/"),
            )
            if sign in texts
        ]
        return found[0] if len(set(found)) == 1 else None

    def _say_account(self, load: _Load, has: dict[str, str], *, apart: bool) -> None:
        names: list[str] = [column for column in ("account_id", "username", "display_name") if column in has]
        if load.dataset == "accounts" and "post_id" in has and "account_id" not in has and "username" not in has:
            names = ["post_id", *names]  # a bare `id` beside followers is that of the account
        if load.dataset in ("likes", "comments"):
            return
        if not names:
            load.columns["account_id"] = '{ value = "handle_or_id_of_the_account" }'
            self.questions.append(
                "no column says whose the rows are: write the account in place of handle_or_id_of_the_account"
            )
            return
        source = has[names[0]]
        texts = self._texts(source)
        is_handle = (names[0] == "username" and bool(texts.str.contains(r"@|/").any())) or (
            names[0] == "username"
            and not texts.str.contains(r"\s").any()
            and not texts.str.contains(r"^(UC[\w-]{22}|\d+)$").all()
        )
        load.columns["account_id"] = _reading(self._origin(source), 'key = "handle"' if is_handle else "")
        if apart or texts.len() < self.looked.rows.height:
            load.conditions.append(f"where = {{ {_toml(source)} = {{ blank = false }} }}")
        if totals := [cell for cell in texts.unique(maintain_order=True) if is_total(cell)]:
            load.conditions.append(f"where_not = {{ {_toml(source)} = {_list(totals)} }}")
            self.questions.append(
                f"{', '.join(map(repr, totals))} in {source!r} is taken for a row of totals, and left out"
            )

    def _say_post(self, load: _Load, has: dict[str, str]) -> None:
        if "post_id" in has:
            load.columns["post_id"] = _reading(self._origin(has["post_id"]))
            texts = self._texts(has["post_id"])
            if totals := [cell for cell in texts.unique(maintain_order=True) if is_total(cell)]:
                load.conditions.append(f"where_not = {{ {_toml(has['post_id'])} = {_list(totals)} }}")
                self.questions.append(
                    f"{', '.join(map(repr, totals))} in {has['post_id']!r} is taken for a row of totals, and left out"
                )
        elif "post_link" in has:
            load.columns["post_id"] = _reading(self._origin(has["post_link"]), 'key = "post_link"')
        elif self.looked.format == "json":
            self.questions.append("no path names the post: write it as columns.post_id")
        else:
            load.columns["post_id"] = '{ key = "row_hash" }'
            self.questions.append("no column names the post: equal records count as one post")

    # How its cells are written.

    def _settle_numbers(self) -> None:
        """The convention that reads most of the columns of numbers is that of the file."""
        votes: Counter[str] = Counter()
        for name, meaning in self.columns.items():
            if meaning.column and self._is_number(meaning.column) and (told := self._numbers(name, meaning.column)):
                votes.update(way for way in told.fitting if way != "percent")
        if votes:
            most = max(votes.values())
            self.number = next(
                way for way in ("plain", "comma", "dot", "suffix", "words", "dot_words", "prices") if votes[way] == most
            )

    @staticmethod
    def _is_number(column: str) -> bool:
        every = {fact.name: fact.dtype for model in DATASETS.values() for fact in columns_of(model)}
        return column in CLAIMS or (column in every and every[column].is_numeric())

    def _numbers(self, name: str, column: str) -> cells.Written | None:
        return cells.numbers(self._texts(name), whole=column.endswith("_count"))

    def _say(self, load: _Load, column: str, name: str) -> None:
        """A column with how it is written, where that is not how the file is."""
        said = ""
        dtype = polars_schema(DATASETS[load.dataset])[column]
        if dtype.is_numeric():
            said = self._said_of_numbers(column, name)
        elif dtype.is_temporal():
            said = self._said_of_times(name, day=dtype == pl.Date) or ""
            if said == "-":
                return
        load.columns[column] = _reading(self._origin(name), said)

    def _said_of_numbers(self, column: str, name: str) -> str:
        told = self._numbers(name, column)
        if told is None:
            sample = ", ".join(map(repr, self._texts(name).head(3)))
            self.questions.append(f"{name!r} is written in no way that is known, such as {sample}")
            return ""
        self.null_words |= dict.fromkeys(told.not_known)
        way = self.number if self.number in told.fitting else told.fitting[0]
        if column == "value" and self._texts(name).str.ends_with("%").any() and "percent" in told.fitting:
            way = "percent"
        elif len(told.ways) > 1 and self.looked.format == "csv":
            others = " or ".join(f'"{other}"' for other in told.ways if other != way)
            shown = ", ".join(map(repr, told.telling))
            self.questions.append(
                f'{name!r} is read as number = "{way}"; {shown} would be other figures under {others}'
            )
        return f"number = {_toml(way)}" if way != self.number else ""

    def _said_of_times(self, name: str, *, day: bool) -> str | None:
        told = cells.times(self._texts(name), day=day)
        if told is None:
            if self._texts(name).len():
                sample = ", ".join(map(repr, self._texts(name).head(3)))
                self.questions.append(
                    f"{name!r} is no time in a way that is known, such as {sample}; it is left unread"
                )
            return "-"
        fmt = told.ways[0]
        if len(told.ways) > 1:
            others = " or ".join(f'"{other}"' for other in told.ways[1:3])
            self.questions.append(
                f'{name!r} is read as date_format = "{fmt}"; {", ".join(map(repr, told.telling))} can be {others} as well'
            )
        if not day and cells.needs_zone(fmt, self._texts(name)) and not self.zone_asked:
            self.zone_asked = True
            self.questions.append(
                'time_zone = "UTC" is a guess: write the zone of its times of day, such as "Europe/Berlin"'
            )
        return f"date_format = {_toml(fmt)}" if fmt else ""

    def _origin(self, name: str) -> str:
        """The column by its name, or by its position where another has the same name or it has none."""
        if name in self.looked.repeated:
            return f"position = {self.looked.header.index(name) + 1}"
        return _toml(name)

    def _texts(self, name: str) -> pl.Series:
        texts = self.looked.rows.get_column(name).str.strip_chars()
        return texts.filter(texts != "").drop_nulls()
