"""What must not change a number: how rows are cut into files, named, ordered, written and delivered, and chance."""

import random
import shutil
import tempfile
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hypothesis import event, given, settings
from hypothesis import strategies as st

from flows.run import run
from flows.settings import Settings
from flows.summary import RunSummary
from tests.example_home import Examples
from tests.oracle import Row
from tests.property.deliveries import (
    MEMBER,
    NOON,
    SEEDED,
    account_rows,
    broken_cells,
    claim_rows,
    post_rows,
    quote_rows,
    write_csv,
    write_rows,
)
from tests.sample import how_many
from warehouse.published import open_published

EXAMPLES = Path(__file__).parents[2] / "examples" / "exports"
ENDINGS = (".csv", ".csv.gz", ".csv.xz", ".csv.zst", ".csv.utf16", ".zip", ".ndjson", ".json", ".parquet")
Delivery = dict[str, list[Row]]
# Verdict, then rows read, loaded, duplicate and rejected.
Account = tuple[str, int, int, int, int]
REPEATED: Account = ("repeated", 0, 0, 0, 0)


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """Rows of four datasets, a few of them broken."""
    posts: list[Row] = draw(post_rows)
    broken: list[Row] = draw(broken_cells)
    bad = [post | cells for post, cells in zip(posts, broken, strict=False)]
    return {
        "accounts": draw(account_rows),
        "posts": [*posts, *bad],
        "rates": draw(quote_rows),
        "published_metrics": draw(claim_rows),
    }


@dataclass(frozen=True)
class Part:
    """A file to write: some rows of a dataset, or the bytes of another file once more."""

    path: str
    rows: list[Row]
    copy_of: str | None = None

    @property
    def file(self) -> str:
        """What the ledger calls it: of an archive its one member."""
        return f"{self.path}/{MEMBER}" if self.path.endswith(".zip") else self.path


def arranged(delivery: Delivery, chance: random.Random) -> list[Part]:
    """The same rows shuffled, cut, named and written anyhow; some rows and some files more than once."""
    parts = []
    for dataset, rows in delivery.items():
        shuffled = chance.sample(rows, len(rows)) + chance.choices(rows, k=chance.randrange(4))
        cuts = sorted(chance.sample(range(1, len(shuffled)), min(len(shuffled) - 1, chance.randrange(4))))
        for start, stop in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
            ending = chance.choice(ENDINGS)
            path = f"{chance.choice(('', 'new/', 'deep/er/'))}{dataset}-{chance.randrange(10**9)}{ending}"
            parts.append(Part(path, shuffled[start:stop]))
    copied = chance.choice(parts)
    again = Part(f"zz/again-{copied.path.replace('/', '-')}", copied.rows, copy_of=copied.path)
    return [*chance.sample(parts, len(parts)), again]


def loaded_of(row: Row) -> Row | None:
    """What the generator meant the row to become: an optional cell that cannot be read is null, a key costs the row."""
    if row.get("post_id") == "1.78E+16" or row["account_id"] is None:
        return None
    unread = {"like_count": ("1.7", "NaN"), "comment_count": (-4,)}
    return row | {name: None for name, cells in unread.items() if row.get(name) in cells}


def write_part(exports: Path, part: Part, chance: random.Random) -> None:
    target = exports / part.path
    if part.copy_of:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(exports / part.copy_of, target)
    else:
        write_rows(target, part.rows, chance)


def run_plainly(delivery: Delivery, folder: Path) -> RunSummary:
    """One CSV file per dataset, one run."""
    for dataset, rows in delivery.items():
        write_csv(folder / "exports" / f"{dataset}.csv", rows)
    return run(folder / "exports", Settings(home=folder / "home"))


def ledger(home: Path) -> dict[str, Account]:
    """What became of each file."""
    with open_published(home / "warehouse.duckdb") as connection:
        columns = "file, verdict, rows_read, rows_loaded, rows_duplicate, rows_rejected"
        return {file: (*counts,) for file, *counts in connection.sql(f"SELECT {columns} FROM load_ledger").fetchall()}


def accounted(rows: list[Row]) -> Account:
    """What the ledger must say of a file that holds these rows."""
    good = [tuple(sorted(found.items())) for row in rows if (found := loaded_of(row))]
    loaded = len(set(good))
    return "loaded", len(rows), loaded, len(good) - loaded, len(rows) - len(good)


def by_bytes(exports: Path, accounts: dict[str, Account]) -> dict[bytes, list[Account]]:
    """Files of the same bytes together: one of them is read, whichever is met first."""
    groups: dict[bytes, list[Account]] = defaultdict(list)
    for file, account in sorted(accounts.items(), key=lambda item: item[1]):
        archive, inside, _ = file.partition(f"/{MEMBER}")
        if inside:
            with zipfile.ZipFile(exports / archive) as opened:
                content = opened.read(MEMBER)
        else:
            content = (exports / file).read_bytes()
        groups[content].append(account)
    return groups


@settings(SEEDED, max_examples=how_many(4, long=8))
@given(delivery=deliveries(), seed=st.integers(0, 2**32), in_two_runs=st.booleans())
def test_the_arrangement_of_files_changes_nothing(delivery: Delivery, seed: int, in_two_runs: bool) -> None:
    chance = random.Random(seed)  # chance that can be repeated is the point
    parts = arranged(delivery, chance)
    with tempfile.TemporaryDirectory() as folder:
        plain = run_plainly(delivery, Path(folder) / "plain")
        exports, home = Path(folder) / "exports", Path(folder) / "home"
        for number, part in enumerate(parts):
            write_part(exports, part, chance)
            if in_two_runs and number == len(parts) // 2:
                run(exports, Settings(home=home))
        summary = run(exports, Settings(home=home))
        assert summary.content_hash == plain.content_hash
        wanted = by_bytes(exports, {part.file: accounted(part.rows) for part in parts})
        assert by_bytes(exports, ledger(home)) == {
            content: [accounts[0], *[REPEATED] * (len(accounts) - 1)] for content, accounts in wanted.items()
        }
    event(f"in two runs: {in_two_runs}")
    event(f"broken rows: {plain.rows_rejected > 0}")


def test_another_delivery_has_another_hash(tmp_path: Path) -> None:
    """Else equal hashes would say nothing."""
    row: Row = {"platform": "instagram", "account_id": "a", "followers_count": 1, "observed_at": NOON}
    hashes = set()
    changes: list[Row] = [{}, {"followers_count": 2}, {"followers_count": None}, {"account_id": "b"}]
    for number, changed in enumerate(changes):
        hashes.add(run_plainly({"accounts": [row | changed]}, tmp_path / str(number)).content_hash)
    assert len(hashes) == 4


def test_a_fraction_of_a_second_is_kept_by_every_format(tmp_path: Path) -> None:
    """Two observations of one second are two, in a Parquet file as in text."""
    row: Row = {"platform": "instagram", "account_id": "a", "followers_count": 1, "observed_at": NOON}
    rows = [row, row | {"followers_count": 2, "observed_at": NOON + timedelta(milliseconds=250)}]
    plain = run_plainly({"accounts": rows}, tmp_path / "plain")
    for ending in (".ndjson", ".json", ".parquet"):
        folder = tmp_path / ending.removeprefix(".")
        write_rows(folder / "exports" / f"accounts{ending}", rows, random.Random(0))  # repeatable
        assert run(folder / "exports", Settings(home=folder / "home")).content_hash == plain.content_hash, ending


def test_a_key_first_met_late_in_an_ndjson_file_is_read(tmp_path: Path) -> None:
    """What is null is absent in NDJSON: likes that are hidden for a hundred posts must not cost all later ones."""
    post: Row = {"platform": "instagram", "account_id": "a", "comment_count": 1, "followers_count": 100}
    rows = [post | {"post_id": f"p{number:03d}", "like_count": 7 if number >= 150 else None} for number in range(200)]
    plain = run_plainly({"posts": rows}, tmp_path / "plain")
    never = random.Random(0)  # repeatable
    never.random = lambda: 1.0  # type: ignore[method-assign]  # so that no null is written
    write_rows(tmp_path / "exports" / "posts.ndjson", rows, never)
    assert run(tmp_path / "exports", Settings(home=tmp_path / "home")).content_hash == plain.content_hash


def test_runs_have_one_hash(examples: Examples, tmp_path: Path) -> None:
    """Sums over many rows are where the order of threads would show."""
    more = range(how_many(2, long=9))
    hashes = {run(EXAMPLES, Settings(home=tmp_path / str(number))).content_hash for number in more}
    assert hashes == {examples.summary.content_hash}


def test_a_second_run_loads_nothing_and_leaves_the_file_alone(examples: Examples, tmp_path: Path) -> None:
    first = examples.summary
    shutil.copytree(examples.home, tmp_path, dirs_exist_ok=True)
    published = (tmp_path / "warehouse.duckdb").stat()
    second = run(EXAMPLES, Settings(home=tmp_path))
    assert (first.published, second.published) == (True, False)
    assert first.files_read == second.files_seen > 0
    assert (second.files_read, second.rows_read, second.rows_loaded, second.rows_rejected) == (0, 0, 0, 0)
    assert second.content_hash == first.content_hash
    now = (tmp_path / "warehouse.duckdb").stat()
    assert (now.st_ino, now.st_mtime_ns, now.st_size) == (published.st_ino, published.st_mtime_ns, published.st_size)
    assert {verdict for verdict, *_ in ledger(tmp_path).values()} == {"loaded"}
