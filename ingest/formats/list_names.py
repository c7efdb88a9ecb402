"""Lists whose entries look alike, whatever they are lists of: what one holds is told by the name of its file."""

import re
from functools import lru_cache

from schemas.errors import FileRefused

FOLLOWERS, FOLLOWING, LIKES = "followers", "following", "likes"
_WORDS = {
    "follower": FOLLOWERS, "followers": FOLLOWERS, "fans": FOLLOWERS,
    "following": FOLLOWING, "followings": FOLLOWING, "followed": FOLLOWING,
    "liked": LIKES, "likes": LIKES, "liker": LIKES, "likers": LIKES, "liking": LIKES,
}  # fmt: skip
# What lists of something else are called: none of them tells who follows or likes now.
_OTHERS = frozenset({
    "block", "blocked", "blocking", "blocklist", "comments", "hashtag", "hashtags", "mute", "muted", "muting", "pending", "removed",
    "reposted", "reposters", "requests", "restricted", "retweeted", "retweeters", "saved", "unfollowed",
})  # fmt: skip


@lru_cache(maxsize=64)  # asked for each entry of a file
def list_named(name: str) -> str | None:
    """Which list a file holds by its name, or by those of the folders that it is in; null where they tell nothing, or two things.

    `FileRefused` where it is called like a list of something else.
    """
    for part in reversed(name.lower().split("/")):
        words = set(re.findall(r"[^\W\d_]+", part))
        if words & _OTHERS:
            raise _another_list(
                f"{name}: by its name a list of something else than {FOLLOWERS}, {FOLLOWING} or {LIKES}"
            )
        if len(kinds := {_WORDS[word] for word in words & _WORDS.keys()}) == 1:
            return kinds.pop()
    return None


def list_asked(name: str) -> str:
    """The same where nothing else would tell. `FileRefused` with the question where the name does not either."""
    if kind := list_named(name):
        return kind
    raise _another_list(
        f"{name}: its entries may be {FOLLOWERS}, {FOLLOWING}, {LIKES} or something else, and its name does not say which"
    )


def _another_list(allowed: str) -> FileRefused:
    return FileRefused(
        "another_list",
        allowed,
        fix="if it is one of these lists, call it as the download does (followers, following, liked_posts);"
        " if not, name it in ignore = [...] of sources.toml",
    )
