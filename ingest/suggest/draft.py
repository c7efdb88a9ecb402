"""A block of sources.toml for a file that nothing recognises, drafted from its names and cells. A draft is to be read:
what could be two things is a line with a question mark."""

import tomllib
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from ingest.cast.edges import MEMBER
from ingest.cast.mapping import plan_of
from ingest.cast.rows import read_batch
from ingest.cast.totals import is_total
from ingest.formats.streams import ENVELOPES
from ingest.suggest.cells import are_of_posts, are_of_profiles
from ingest.suggest.look import Looked
from ingest.suggest.names import Meaning, meaning_of, platform_in
from ingest.suggest.writing import CLAIMS, Writing, reading, toml, toml_list
from schemas.columns import polars_schema
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
OF_PROFILES = ("display_name", "country", "is_verified", "follows_count", "media_count")
OF_LISTS = {"niches": ("niche",), "brands": ("brand", "alias")}
OF_RATES = ("price", "price_min", "price_max", "currency", "quoted_on")
OBJECT = r"^\s*\{"
# Where records of several kinds say which they are.
STREAMS = tuple(dict.fromkeys(".".join(at) for at, _ in ENVELOPES))
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
        f"files = {toml(looked.name)}",
        *(f"{key} = {toml(answers[key])}" for key in looked.asked),
    ]
    return "\n".join(lines) + "\n"


def previews(looked: Looked, block: str) -> list[Preview]:
    """The first five records as the block would load them; ids and names of members masked."""
    (source,) = Sources.model_validate(tomllib.loads(block)).source
    found = []
    for load in source.load:
        plan = plan_of(load, source, looked.header, looked.rows, is_text=looked.format == "csv")
        read = read_batch(looked.rows.head(PREVIEW_ROWS), plan)
        shown = read.rows.select(name for name in read.rows.columns if name in load.columns)
        if load.dataset in MEMBER:
            shown = shown.drop(MEMBER[load.dataset])
        found.append(Preview(load.dataset, shown, read.records_rejected.len()))
    return found


def _meaning(name: str, format: str) -> Meaning:
    """What a column is called after; a path by its last keys, as `author.id` and `stats.views` say it there."""
    if format != "json":
        return meaning_of(name)
    keys = name.strip(".").split(".")
    return next((told for count in (2, 1) if (told := meaning_of(" ".join(keys[-count:]))).column), Meaning(None, None))


class _Draft:
    def __init__(self, looked: Looked) -> None:
        self.looked = looked
        self.writing = Writing(looked)
        self.questions = self.writing.questions
        self.columns: dict[str, Meaning] = {name: _meaning(name, looked.format) for name in looked.header}
        self._tell_links_apart()

    def _tell_links_apart(self) -> None:
        """A column of links is of posts where its cells are. One of profiles names the accounts, if nothing else does."""
        for name, meaning in self.columns.items():
            if meaning.column == "post_link" and not are_of_posts(texts := self.writing.texts(name)):
                told = {one.column for one in self.columns.values()}
                is_account = are_of_profiles(texts) and not {"account_id", "username"} & told
                self.columns[name] = Meaning("username" if is_account else None, meaning.platform)

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
        unread = [name for name in self.looked.header if toml(name) not in used and name not in read]
        self._ask_of_others(unread)
        datasets = ", ".join(dict.fromkeys(load.dataset for load in loads))
        lines = [
            f"# {self.looked.name}: {datasets}, drafted from {self.looked.rows.height:,} records. Read it before you run it.",
            *(f"# ? {question}" for question in dict.fromkeys(self.questions)),
            *([f"# columns left unread: {', '.join(map(repr, unread))}"] if unread else []),
            "[[source]]",
            f"files = {toml(self.looked.name)}",
            *self.writing.lines(),
        ]
        for load in loads:
            lines += ["", "[[source.load]]", f"dataset = {toml(load.dataset)}", *load.conditions]
            if self.looked.each:
                lines.append(f"each = {toml(self.looked.each)}")
            lines += [f"columns.{name} = {reading}" for name, reading in load.columns.items()]
        return "\n".join(lines) + "\n"

    def _ask_of_others(self, unread: list[str]) -> None:
        """Ask about what a draft of one kind of record, one figure in a cell, cannot say."""
        for name in unread:
            if not self.looked.each and self.writing.texts(name).str.contains(OBJECT).any():
                self.questions.append(
                    f"the cells of {name!r} hold figures of their own: name one by its path, such as {name}.likes"
                )
        streams = next((name for name in STREAMS if name in self.looked.header), None)
        if streams and (kinds := self.writing.texts(streams).unique(maintain_order=True)).len() > 1:
            told = ", ".join(map(repr, kinds.head(5)))
            self.questions.append(
                f"{streams!r} names several kinds of records, {told}: write a load for each, "
                f"with where = {{ {toml(streams)} = {toml(kinds[0])} }}"
            )

    def _loads(self) -> list[_Load]:
        self.writing.settle_numbers(self.columns)
        platforms = list(dict.fromkeys(one.platform for one in self.columns.values() if one.platform))
        groups = platforms if len(platforms) > 1 else [platforms[0] if platforms else None]
        return [load for group in groups for load in self._loads_of(group, apart=len(platforms) > 1)]

    def _loads_of(self, platform: str | None, *, apart: bool) -> list[_Load]:
        has: dict[str, str] = {}
        for name, meaning in self.columns.items():
            if meaning.column and (not apart or meaning.platform in (None, platform)):
                # Beside a column of each network, one that speaks of none is of the person, not of an account there.
                is_of_person = apart and meaning.platform is None
                if is_of_person and meaning.column in ("account_id", *OF_RATES):
                    continue
                has.setdefault(
                    "display_name" if is_of_person and meaning.column == "username" else meaning.column, name
                )
        datasets = self._datasets(has)
        if apart and {"display_name", "username"} <= has.keys():
            datasets.append("creators")
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
            found.append("accounts" if {"followers_count", *OF_PROFILES} & has.keys() else "niches")
        if {"price", "price_min", "price_max"} & has.keys() and not is_posts:
            found.append("rates")
        if set(CLAIMS) & has.keys() and not is_posts:
            found += [f"published_metrics:{claim}" for claim in CLAIMS if claim in has]
        if not found and "brand" in has and {"account_id", "username", "alias"} & has.keys():
            found.append("brands")
        return found

    def _load(self, dataset: str, has: dict[str, str], platform: str | None, *, apart: bool) -> _Load:
        dataset, _, claim = dataset.partition(":")
        load = _Load(dataset, platform)
        self._say_platform(load, has, platform)
        schema = polars_schema(DATASETS[dataset])
        if dataset == "posts":
            self._say_post(load, has)
        if dataset != "brands" or {"account_id", "username"} & has.keys():
            self._say_account(load, has, apart=apart)
        if dataset == "creators":
            load.columns["creator"] = reading(self.writing.origin(has["display_name"]))
        if dataset in EDGES.values():
            member = next(column for column, of in EDGES.items() if of == dataset)
            load.columns[member] = reading(self.writing.origin(has[member]))
            if "post_id" in schema:
                self._say_post(load, has)
        wanted = {"accounts": OF_ACCOUNTS, "posts": (*OF_POSTS, "followers_count"), "rates": OF_RATES, **OF_LISTS}.get(
            dataset, ()
        )
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
            load.columns["metric"] = f"{{ value = {toml(claim)} }}"
            self._say(load, "value", has[claim])
            load.columns["unit"] = f"{{ value = {toml(CLAIMS[claim])} }}"
        return load

    @staticmethod
    def _taken(load: _Load) -> set[str]:
        return set(load.columns.values())

    def _say_platform(self, load: _Load, has: dict[str, str], platform: str | None) -> None:
        if platform is None and "platform" in has:
            load.columns["platform"] = reading(self.writing.origin(has["platform"]))
            return
        platform = platform or platform_in(self.looked.name) or self._platform_of_cells()
        if platform is None:
            platform = "instagram"
            self.questions.append('platform = "instagram" is a guess: write the network that the file is of')
        load.columns["platform"] = f"{{ value = {toml(platform)} }}"

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
        texts = self.writing.texts(source)
        is_handle = (names[0] == "username" and bool(texts.str.contains(r"@|/").any())) or (
            names[0] == "username"
            and not texts.str.contains(r"\s").any()
            and not texts.str.contains(r"^(UC[\w-]{22}|\d+)$").all()
        )
        load.columns["account_id"] = reading(self.writing.origin(source), 'key = "handle"' if is_handle else "")
        if apart or texts.len() < self.looked.rows.height:
            load.conditions.append(f"where = {{ {toml(source)} = {{ blank = false }} }}")
        if totals := [cell for cell in texts.unique(maintain_order=True) if is_total(cell)]:
            load.conditions.append(f"where_not = {{ {toml(source)} = {toml_list(totals)} }}")
            self.questions.append(
                f"{', '.join(map(repr, totals))} in {source!r} is taken for a row of totals, and left out"
            )

    def _say_post(self, load: _Load, has: dict[str, str]) -> None:
        if "post_id" in has:
            load.columns["post_id"] = reading(self.writing.origin(has["post_id"]))
            texts = self.writing.texts(has["post_id"])
            if totals := [cell for cell in texts.unique(maintain_order=True) if is_total(cell)]:
                load.conditions.append(f"where_not = {{ {toml(has['post_id'])} = {toml_list(totals)} }}")
                self.questions.append(
                    f"{', '.join(map(repr, totals))} in {has['post_id']!r} is taken for a row of totals, and left out"
                )
        elif "post_link" in has:
            load.columns["post_id"] = reading(self.writing.origin(has["post_link"]), 'key = "post_link"')
        elif self.looked.format == "json":
            self.questions.append("no path names the post: write it as columns.post_id")
        else:
            load.columns["post_id"] = '{ key = "row_hash" }'
            self.questions.append("no column names the post: equal records count as one post")

    def _say(self, load: _Load, column: str, name: str) -> None:
        if column == "username":
            self._say_username(load, name)
            return
        said = self.writing.reading_of(load.dataset, column, name)
        if said is not None:
            load.columns[column] = said

    def _say_username(self, load: _Load, name: str) -> None:
        """The handle beside an id, bare of its @ and of the address around it."""
        origin = self.writing.origin(name)
        is_linked = self.writing.texts(name).str.contains(r"@|/").any()
        if load.columns.get("account_id", "").removeprefix("{ from = ").startswith(origin):
            return
        load.columns["username"] = reading(origin, 'key = "handle"' if is_linked else "")
