"""The files of the ledger.

<number>-<hash>.json           one commit
<first>-<last>-<hash>.json     many, laid together once there are many files of one
"""

import hashlib
from pathlib import Path

import msgspec

from schemas.errors import UsageError
from warehouse.atomic_write import write_text_durably
from warehouse.lake.commits import Commit

# So many files of one commit each, and they are laid together with what was laid together before.
FILES = 256


def read_commits(folder: Path) -> list[Commit]:
    """Every commit, in the order of their numbers.

    Raises:
        UsageError: A file is damaged.
    """
    return [commit for path in _counting(folder) for commit in _commits_of(path)]


def write_commit(folder: Path, commit: Commit) -> None:
    """Write a commit; it counts once its file has its name."""
    _write(folder, [commit])


def lay_together(folder: Path) -> None:
    """Make one file of all where there are many, as each is opened at every run. Nobody else may write to the lake.

    The one file has its name before the others lose theirs: in between they do not count.
    """
    if sum(first == last for first, last in map(_numbers, _counting(folder))) >= FILES:
        _write(folder, read_commits(folder))
    counting = _counting(folder)
    for path in _paths(folder):
        if path not in counting:
            path.unlink()


def rewrite(folder: Path, commits: list[Commit]) -> None:
    """Replace what the files say of their commits, file by file."""
    said = {commit.sequence: commit for commit in commits}
    for path in _counting(folder):
        now = [said[commit.sequence] for commit in _commits_of(path)]
        text = _text(now)
        if (name := _name(now, text)) != path.name:
            write_text_durably(path, text)
            path.rename(path.with_name(name))


def ledger_faults(folder: Path) -> list[str]:
    """Files whose bytes are not those that their name was made of, and commits that are missing."""
    paths = _counting(folder)
    changed = [path.name for path in paths if path.stem.rpartition("-")[2] != _digest(path.read_bytes())]
    numbers = [number for first, last in map(_numbers, paths) for number in range(first, last + 1)]
    gaps = sorted({*range(1, max(numbers, default=0) + 1)} - {*numbers})
    found = [f"{name} was changed" for name in changed] + [f"commit {number} is missing" for number in gaps]
    return found + ([] if len({*numbers}) == len(numbers) else ["two commits have one number"])


def _counting(folder: Path) -> list[Path]:
    """The files that count: those whose commits do not all stand in a longer one too."""
    paths = _paths(folder)
    longest = max((_numbers(path) for path in paths), key=lambda numbers: numbers[1] - numbers[0], default=(0, 0))
    if longest[0] == longest[1]:
        return paths
    first, last = longest
    return [path for path in paths if _numbers(path) == longest or not first <= _numbers(path)[0] <= last]


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _numbers(path: Path) -> tuple[int, int]:
    """The first and the last commit of a file, as its name says."""
    *numbers, _ = path.stem.split("-")
    return int(numbers[0]), int(numbers[-1])


def _commits_of(path: Path) -> list[Commit]:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Commit | list[Commit])
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"{path}: this file of the ledger is damaged: {error}",
            fix="put it back from a backup; without one, start a new home folder: it is filled from the same exports",
        ) from error
    return [found] if isinstance(found, Commit) else found


def _write(folder: Path, commits: list[Commit]) -> None:
    text = _text(commits)
    write_text_durably(folder / _name(commits, text), text)


def _text(commits: list[Commit]) -> str:
    """One commit for people to read; of many each on a line."""
    if len(commits) == 1:
        return msgspec.json.format(msgspec.json.encode(commits[0]), indent=1).decode()
    return "[" + ",\n".join(msgspec.json.encode(commit).decode() for commit in commits) + "]\n"


def _name(commits: list[Commit], text: str) -> str:
    numbers = dict.fromkeys((commits[0].sequence, commits[-1].sequence))
    return "-".join([*(f"{number:08d}" for number in numbers), _digest(text.encode())]) + ".json"


def _digest(written: bytes) -> str:
    return hashlib.sha256(written).hexdigest()[:12]
