"""What is wrong with a home folder and what to do about it; what is safe to fix, fixed if asked."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version

from rich.text import Text

from flows import console
from flows.run import only_run
from flows.settings import Settings, now_utc
from schemas.errors import TierwiseError, UsageError
from warehouse import home_health as home
from warehouse.atomic_write import free_bytes, remove
from warehouse.lake.commits import Counts, Entry
from warehouse.lake.forget import open_lake
from warehouse.lake.forgotten import request_path
from warehouse.lake.health import damaged, unreferenced
from warehouse.lake.ledger import Lake
from warehouse.lake.ledger_files import ledger_faults
from warehouse.lake.member_key import known_secret
from warehouse.published import published_state

# Free space below which the next run may not be able to publish, whatever it reads.
FREE_MIN = 100 << 20
NAMED_MAX = 5
RUN = "run `tierwise run EXPORTS`"
REBUILD = "run `tierwise run EXPORTS --rebuild`"
FIX = "run `tierwise doctor --fix`"


@dataclass(frozen=True)
class Check:
    """One thing looked at: what was found, how to fix it where it is wrong, and whether it just was."""

    name: str
    found: str
    is_wrong: bool = False
    fix: str | None = None
    is_fixed: bool = False


def doctor(settings: Settings, out: str | None, back: str | None, *, fix_it: bool, as_json: bool) -> bool:
    """What the command does: take a file out, or back, or examine the home. Returns whether all is well."""
    if out is None and back is None:
        return show(examine(settings, fix_it=fix_it), as_json=as_json)
    for file, change in ((out, retire), (back, unretire)):
        if file is not None:
            console.err.print(console.plain(change(settings, file)))
    return True


def examine(settings: Settings, *, fix_it: bool) -> list[Check]:
    """Every check, in the order that what they need is there. With `fix_it` what is safe is fixed, under the run's lock."""
    if not settings.home.is_dir():
        return [Check("home", f"{settings.home}: there is no home folder", True, RUN)]
    first = [Check("home", str(settings.home.resolve())), _locks(settings)]
    if fix_it:
        with only_run(settings):
            return [*first, *_checks(settings, fix_it=True)]
    return [*first, *_checks(settings, fix_it=False)]


def _checks(settings: Settings, *, fix_it: bool) -> Iterator[Check]:
    yield _permissions(settings, fix_it=fix_it)
    yield _wal(settings, fix_it=fix_it)
    yield _disk(settings)
    yield _versions(settings)
    if not (settings.lake / "ledger").is_dir():
        yield Check("ledger", "nothing was read yet", True, RUN)
        return
    try:
        lake = Lake.open(settings.lake)
    except UsageError as error:
        yield Check("ledger", str(error), True, error.fix)
        return
    if fix_it:
        with suppress(UsageError):  # which a check below tells
            lake = open_lake(settings.lake, settings.member_key_or_file, now_utc())
    yield _ledger(settings)
    yield _orphans(lake, settings, fix_it=fix_it)
    yield _segments(lake, fix_it=fix_it)
    yield _key(lake, settings)
    yield _clock(lake)
    yield _published(lake, settings)


def _locks(settings: Settings) -> Check:
    names = (("run.lock", "a run"), ("serve.lock", "`tierwise serve`"))
    held = [who for name, who in names if home.is_held(settings.home / name)]
    return Check("locks", f"{' and '.join(held)} at work" if held else "nobody is at work")


def _fixable(check: Check, fixing: Callable[[], object], *, fix_it: bool) -> Check:
    if not (fix_it and check.is_wrong):
        return check
    fixing()
    return replace(check, is_fixed=True)


def _permissions(settings: Settings, *, fix_it: bool) -> Check:
    found = home.open_to_others(settings.home)
    if not found:
        return Check("permissions", "its owner alone may read it")
    said = f"other accounts may read or write {_named([str(path) for path in found])}"
    return _fixable(Check("permissions", said, True, FIX), lambda: home.make_private(found), fix_it=fix_it)


def _wal(settings: Settings, *, fix_it: bool) -> Check:
    if home.is_open_for_writing(settings.warehouse):
        return Check("wal", "some program has the warehouse open for writing", True, "close it, or open it read-only")
    wal = home.foreign_wal(settings.warehouse)
    if wal is None:
        return Check("wal", "nobody wrote to the published file")
    said = f"{wal}: some program opened the published file for writing"
    if not fix_it:
        return Check("wal", said, True, f"{FIX}, which moves it aside; open the file read-only")
    return Check("wal", f"{said}; now it is {home.move_aside(wal, now_utc()).name}", True, is_fixed=True)


def _disk(settings: Settings) -> Check:
    free, published = free_bytes(settings.home), settings.warehouse
    needed = max(FREE_MIN, 2 * published.stat().st_size if published.is_file() else 0)
    return Check("disk", f"{free:,} bytes are free, {needed:,} should be", free < needed, "free some space")


def _versions(settings: Settings) -> Check:
    state = published_state(settings.warehouse)
    of = state.runs.item(-1, "tierwise_version") if state else None
    return Check("versions", f"tierwise {version('tierwise')}, the warehouse by {of or 'none that can be told'}")


def _ledger(settings: Settings) -> Check:
    found = ledger_faults(settings.lake / "ledger")
    said = _named(found) or "every commit is as it was written"
    return Check("ledger", said, bool(found), "put lake/ledger back from a backup")


def _orphans(lake: Lake, settings: Settings, *, fix_it: bool) -> Check:
    beside = home.half_written(settings.home)
    found = [*unreferenced(lake), *beside]
    if not found or (home.is_held(settings.lock) and not fix_it):
        return Check("orphans", "a run is at work with them" if found else "nothing lies about")

    def sweep() -> None:
        lake.sweep()
        for path in beside:
            remove(path)

    said = f"a run that was killed left {_named([str(path) for path in found])}"
    return _fixable(Check("orphans", said, True, f"{FIX}, or wait for the next run"), sweep, fix_it=fix_it)


def _segments(lake: Lake, *, fix_it: bool) -> Check:
    if request_path(lake).exists() and not fix_it:
        return Check("segments", "forgetting people was stopped in the middle", True, f"{RUN}, which ends it")
    faults = damaged(lake)
    if not faults:
        return Check("segments", f"{len(lake.deliveries()):,} deliveries are in the lake whole")
    files = {entry.file: faults[entry.delivery] for _, entry in lake.entries() if entry.delivery in faults}
    said = _named([f"{file}: {fault}" for file, fault in files.items()])
    fix = f"{FIX}, and the next run reads these files again; one that is gone is taken out with --retire FILE"

    def forget() -> None:
        gone = [_again(entry) for _, entry in lake.entries() if entry.delivery in faults]
        lake.commit(gone, now_utc(), sorted(faults))

    return _fixable(Check("segments", said, True, fix), forget, fix_it=fix_it)


def _key(lake: Lake, settings: Settings) -> Check:
    try:
        secret = known_secret(lake, *settings.member_key_or_file)
    except TierwiseError as error:
        return Check("key", str(error), True, error.fix)
    return Check("key", "the key of pseudonyms is the lake's" if secret else "no members were read yet")


def _clock(lake: Lake) -> Check:
    fault = lake.clock_fault(now_utc())
    return Check("clock", fault or f"{now_utc():%Y-%m-%d %H:%M} UTC", bool(fault), "set the clock of this machine")


def _published(lake: Lake, settings: Settings) -> Check:
    fault = home.published_fault(settings.warehouse, lake)
    return Check("warehouse", fault or "it is what was published, and has every delivery", bool(fault), REBUILD)


def retire(settings: Settings, file: str) -> str:
    """Take what a file brought out of all figures, by a commit. It is not read again until its bytes change."""
    with only_run(settings):
        lake = open_lake(settings.lake, settings.member_key_or_file, now_utc())
        entry = _entry(lake, file)
        live = lake.deliveries()
        if entry.verdict == "retired" and entry.sha256:
            raise UsageError(f"{file}: is retired already", fix=f"read it again with --unretire {shlex.quote(file)}")
        note = "retired: it is left out until its bytes change or it is taken back with tierwise doctor --unretire"
        gone = replace(_again(entry), stamp=entry.stamp, sha256=entry.sha256, delivery=entry.delivery, note=note)
        # What shares a damaged segment with it is lost too, and read again.
        lost = {delivery for delivery in damaged(lake) if delivery in live} - {entry.delivery}
        others = [_again(other) for _, other in lake.entries() if other.delivery in lost]
        lake.commit([gone, *others], now_utc(), sorted({*lost, *(live.keys() & {entry.delivery})}))
    return f"{file} is retired; figures are without it after the next run"


def unretire(settings: Settings, file: str) -> str:
    """Have the next run read a retired file again."""
    with only_run(settings):
        lake = open_lake(settings.lake, settings.member_key_or_file, now_utc())
        entry = _entry(lake, file)
        if entry.verdict not in ("retired", "quarantined"):
            raise UsageError(f"{file}: is not retired but {entry.verdict}", fix="see the files with: tierwise ledger")
        lake.commit([_again(entry)], now_utc(), [entry.delivery])
    return f"{file} is read again by the next run"


def _entry(lake: Lake, file: str) -> Entry:
    if found := next((entry for _, entry in lake.entries() if entry.file == file), None):
        return found
    raise UsageError(f"{file}: the ledger has no such file", fix="see their names with: tierwise ledger")


def _again(entry: Entry) -> Entry:
    """An entry that says nothing of the file's bytes, so that the next run reads it."""
    return replace(
        entry, stamp="", sha256=None, delivery=f"again:{entry.delivery}", verdict="retired", format=None,
        note="to be read again by the next run", counts=(Counts(None),), segments=(), rejects=None,
    )  # fmt: skip


def _named(found: list[str]) -> str:
    more = len(found) - NAMED_MAX
    return "; ".join(found[:NAMED_MAX]) + (f"; and {more:,} more" if more > 0 else "")


def show(checks: list[Check], *, as_json: bool) -> bool:
    """Print them. Returns whether all is well now."""
    is_healthy = not any(check.is_wrong and not check.is_fixed for check in checks)
    if as_json:
        listed = [asdict(check) for check in checks]
        print(console.json_text({"schema_version": 1, "is_healthy": is_healthy, "checks": listed}))
        return is_healthy
    for check in checks:
        word, style = ("fixed", "bold") if check.is_fixed else ("wrong", "bold red") if check.is_wrong else ("well", "")
        console.out.print(Text(f"{word:<7}", style=style) + console.plain(f"{check.name:<12} {check.found}"))
        if check.is_wrong and not check.is_fixed and check.fix:
            console.out.print(Text("  fix: ", style="bold") + console.plain(check.fix))
    return is_healthy
