"""Which files a declaration is about: globs inside the exports folder, and what they take from a path."""

from typing import Annotated

from pydantic import AfterValidator

# What a glob may take from the path: whose list a file is, of which post, and columns that are the same in all its rows.
OF_THE_FILE = ("owner", "post")
TOLD = (*OF_THE_FILE, "niche", "observed_at")


GLOB_MAX = 500


def _inside_the_folder(glob: str) -> str:
    if len(glob) > GLOB_MAX:
        raise ValueError(f"a glob has at most {GLOB_MAX} characters, and this one {len(glob):,}")
    if twice := [name for name in TOLD if glob.count(f"{{{name}}}") > 1]:
        raise ValueError(f"{glob!r} has {{{twice[0]}}} more than once; write * for the others")
    if any(part in ("", ".", "..") for part in glob.split("/")):
        raise ValueError(f'{glob!r} names no file; write a path inside the exports folder, such as "rankings/*.csv"')
    return glob


Glob = Annotated[str, AfterValidator(_inside_the_folder)]


def _takes_nothing(glob: str) -> str:
    if taken := [name for name in TOLD if f"{{{name}}}" in glob]:
        raise ValueError(f"{glob!r} takes {{{taken[0]}}} from the path of files that are not read; write * there")
    return glob


GlobWithoutParts = Annotated[Glob, AfterValidator(_takes_nothing)]
