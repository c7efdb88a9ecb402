"""Whose profile an address leads to: of each site which parts of it name an account, and which pages are nobody's."""

import re
from typing import NamedTuple

import polars as pl


class Site(NamedTuple):
    """The addresses of a site, as patterns of what stands behind its domain.

    `ids` and `names` hold what the account is called in their group 1: an id as it is written, or a handle. `kinds` are
    first parts that belong to the name behind them. Pages that begin with `nobody` name no account. The first part of
    any other address is a handle.
    """

    domains: str
    ids: str = ""
    names: str = ""
    kinds: str = ""
    nobody: str = ""


YOUTUBE_CHANNEL = r"(?:[^?#]*/)?channel/((?-i:UC)[A-Za-z0-9_-]{22})(?:[/?#]|$)"
SITES = (
    Site(
        "instagram.com instagr.am",
        names=r"(?:_u|_n|stories)/([^/?#]+)",
        nobody="p reel reels tv share s explore accounts direct stories _u web about legal ar audio "
        "a api challenge developer emails create popular topics lite oauth session graphql l.php",
    ),
    Site("ig.me", names=r"m/([^/?#]+)", nobody="m j"),
    Site(
        "facebook.com fb.com",
        ids=r"(?:profile|permalink|story)\.php\?(?:[^#]*&)?id=([0-9]+)"
        r"|(?:people|pages)/[^/?#]+/([0-9]+)(?:[/?#]|$)"
        r"|(?:p|pages/category/[^/?#]+)/(?:[^/?#]*-)?([0-9]{5,})(?:[/?#]|$)"
        r"|(?:groups/[^/?#]+/)?user/([0-9]+)(?:[/?#]|$)"
        r"|([0-9]+)(?:[/?#]|$)",
        names=r"(?:pg|gaming)/([^/?#]+)",
        nobody=r"[^/?#]*\.php p people pages pg groups events share sharer hashtag search home settings watch reel reels stories "
        "photo photos videos marketplace gaming login help policies business ads privacy notifications messages bookmarks "
        "friends memories media dialog plugins public directory permalink user",
    ),
    Site(
        "x.com twitter.com",
        ids=r"i/user/([0-9]+)|intent/[^?#]*\?(?:[^#]*&)?user_id=([0-9]+)",
        names=r"intent/[^?#]*\?(?:[^#]*&)?screen_name=@?([^&#]+)",
        nobody="i intent share home search search-advanced explore settings hashtag notifications messages compose login signup "
        "logout tos privacy about jobs download account statuses status who_to_follow",
    ),
    Site(
        "tiktok.com",
        ids=r"share/user/([^/?#]+)",
        nobody="share t v video embed tag music discover foryou following friends live explore search login signup upload place "
        "channel topics about legal business creators messages h5 sticker effect playlist",
    ),
    Site(
        "youtube.com",
        ids=YOUTUBE_CHANNEL,
        kinds="user c",
        nobody="watch shorts live playlist results embed v feed hashtag gaming premium post clip source redirect "
        "attribution_link account t about music trending channel user c",
    ),
    Site(
        "linkedin.com",
        kinds="in company school showcase",
        nobody="feed posts pulse groups jobs learning events newsletters search sales talent pub login signup help legal profile "
        "in company school showcase mynetwork messaging notifications",
    ),
    Site("snapchat.com", names=r"add/([^/?#]+)", nobody="add p t discover spotlight story stories lens unlock download u map"),
    Site("threads.net threads.com", nobody="t search settings login activity"),
    Site("bsky.app", names=r"profile/([^/?#]+)", nobody="profile search feeds hashtag settings starter-pack notifications lists"),
    Site(
        "reddit.com", names=r"(?:u|user)/([^/?#]+)", kinds="r", nobody="u user r comments search settings submit gallery login"
    ),
    Site(
        "weibo.com weibo.cn",
        ids=r"(?:u/|profile/)?([0-9]+)(?:[/?#]|$)",
        names=r"n/([^/?#]+)",
        nobody="u n profile status detail tv ajax login search p",
    ),
    Site(
        "xiaohongshu.com rednote.com",
        ids=r"user/profile/([^/?#]+)",
        nobody="user explore discovery search_result login board",
    ),
    Site("douyin.com", ids=r"(?:share/)?user/([^/?#]+)", nobody="user share video note search discover hashtag music"),
    Site("bilibili.com", ids=r"(?:space/)?([0-9]+)(?:[/?#]|$)", nobody="space video bangumi read opus search"),
    Site(
        "spotify.com",
        ids=r"(?:intl-[^/]+/)?(?:artist|show|user)/([^/?#]+)",
        nobody="artist show user intl-[^/]+ track album playlist episode search",
    ),
    Site("pinterest.com", nobody="pin search ideas today login settings"),
    Site("twitch.tv", names=r"(?:popout|moderator|u)/([^/?#]+)", nobody="videos directory search settings downloads p login popout u"),
    Site("t.me telegram.me", names=r"s/([^/?#]+)", nobody=r"s joinchat addstickers share c \+[^/?#]*"),
    # Addresses that lead somewhere else, or hold the number of a post alone.
    Site(
        "youtu.be t.co vm.tiktok.com vt.tiktok.com fb.watch fb.me lnkd.in bit.ly goo.gl tinyurl.com pin.it redd.it "
        "xhslink.com v.douyin.com b23.tv spotify.link spoti.fi l.instagram.com l.facebook.com lm.facebook.com",
        nobody="[^/?#]*",
    ),
)  # fmt: skip
# A site that is not listed.
OTHER = Site("", ids=YOUTUBE_CHANNEL, names=r"(?:profile|users|u|add|_u)/([^/?#]+)", kinds="user c in company")
SITE_OF = {domain: site for site in SITES for domain in site.domains.split()}
LISTED = "|".join(re.escape(domain) for domain in sorted(SITE_OF))
# A name behind an @ is one on every site, whichever parts go before it.
AT_NAME = r"(?:[^?#]*/)?@([^/?#]+)"
# What stands in the place of a name and is none: `stories/highlights`.
NO_NAMES = ("highlights",)
HOST = r"^(?i:(?:https?:)?//)?((?:[\w-]+\.)+[A-Za-z]{2,})(?::[0-9]+)?"
_BEFORE_PATH = rf"{HOST}/*(?:#!/)?"


def accounts_at(addresses: pl.Series) -> pl.Series:
    """The account that each address leads to: an id, a handle without @ in small letters, or `kind/name`; digits that
    are a handle with @. Null where it names none."""
    frame = pl.DataFrame({"address": addresses}).with_row_index("place")
    frame = frame.with_columns(
        host=pl.col("address").str.extract(HOST, 1).str.to_lowercase(),
        path=pl.col("address").str.replace(_BEFORE_PATH, ""),
    )
    hosts = frame.get_column("host").unique().drop_nulls().to_list()
    domain = pl.col("host").replace_strict(hosts, list(map(_domain, hosts)), default="", return_dtype=pl.String)
    told = [
        own.select("place", named=_account(SITE_OF.get(str(domain), OTHER)))
        for (domain,), own in frame.group_by(domain.alias("domain"))
    ]
    if not told:
        return pl.Series(addresses.name, [], pl.String)
    return pl.concat(told).sort("place").get_column("named")


def _domain(host: str) -> str:
    """The listed domain that a host belongs to, the longest one; nothing where none is."""
    labels = host.split(".")
    ends = (".".join(labels[at:]) for at in range(len(labels)))
    return next((end for end in ends if end in SITE_OF), "")


def _account(site: Site) -> pl.Expr:
    path = pl.col("path")
    handle = pl.coalesce(_found(path, AT_NAME), _found(path, site.names))
    ways = [_found(path, site.ids), pl.when(~handle.is_in(NO_NAMES)).then(_as_handle(handle))]
    if site.kinds:
        kind_and_name = rf"(?i)^((?:{'|'.join(site.kinds.split())})/[^/?#]+)"
        ways.append(path.str.extract(kind_and_name).str.to_lowercase())
    first = _as_handle(path.str.extract(r"^([^/?#]+)"))
    if site.nobody:
        first = pl.when(~path.str.contains(rf"(?i)^(?:{'|'.join(site.nobody.split())})(?:[/?#]|$)")).then(first)
    return pl.coalesce(*ways, first)


def _found(path: pl.Expr, patterns: str) -> pl.Expr:
    """The group of whichever alternative fits, from the beginning."""
    if not patterns:
        return pl.lit(None, pl.String)
    pattern = rf"(?i)^(?:{patterns})"
    return pl.coalesce(path.str.extract(pattern, group + 1) for group in range(re.compile(patterns).groups))


def _as_handle(name: pl.Expr) -> pl.Expr:
    bare = name.str.strip_chars_start("@").str.to_lowercase()
    return pl.when(bare.str.contains(r"^[0-9]+$")).then("@" + bare).when(bare != "").then(bare)
