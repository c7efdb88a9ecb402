"""How exports write the same few things: one table for kinds of posts, times, and texts whose characters were mangled."""

from typing import Any

EPOCH = "epoch"
X_TIME = "%a %b %d %H:%M:%S %z %Y"

# Kinds of posts, as the platforms name them, by what all of them mean.
MEDIA_TYPES = {
    "IMAGE": "image", "GraphImage": "image", "Image": "image", "XDTGraphImage": "image", "1": "image",
    "VIDEO": "video", "GraphVideo": "video", "Video": "video", "XDTGraphVideo": "video", "2": "video",
    "CAROUSEL_ALBUM": "carousel", "GraphSidecar": "carousel", "Sidecar": "carousel", "XDTGraphSidecar": "carousel",
    "8": "carousel", "TEXT_POST": "text", "AUDIO": "audio",
}  # fmt: skip
REELS = frozenset({"REELS", "clips"})
STORIES = frozenset({"STORY", "story"})
# What stands in place of the name of an account that is gone.
NO_NAME = frozenset({"", "n/a"})


def media_type(kind: Any, product: Any = None) -> str | None:
    """The kind of a post; an unknown one as delivered."""
    if str(product) in REELS:
        return "reel"
    if str(product) in STORIES:
        return "story"
    return MEDIA_TYPES.get(str(kind), str(kind)) if kind is not None else None


def repaired(text: Any) -> Any:
    r"""Text whose UTF-8 bytes were written as one character each (`\u00c3\u00bc` for u-umlaut), as it was meant."""
    if not isinstance(text, str) or text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
