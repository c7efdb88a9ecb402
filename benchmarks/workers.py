"""The pieces of one filled lake's publication, done by the workers of a Dask cluster: what a second worker saves.

    python benchmarks/workers.py [--job edges] [--scale 0.3] [--rounds 3] [--workers 1 2] [--folder kept]

With `--job counts` the lake has accounts and posts, which are worked out in parts of a million; of scale 1 ten million.
Each worker is a process with one thread, for Dask and for Polars, as if it were a machine of one core; they and the
scheduler listen on this machine alone. A round publishes the lake anew, without its caches, as a tracked run does. The span
is from the start of the first such task to the end of the last, by the Prefect server's own record; what a run
does before and after that stays with whoever started it, however many workers there are.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships none

from benchmarks import counts, edges
from benchmarks.contest import apart

# What a task is called that does a piece of the job.
PIECES = {"edges": "count-buckets", "counts": "work-out-posts"}
LOCAL = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")


@contextmanager
def started(contact: Path, *command: str) -> Iterator[psutil.Popen]:
    """A `dask` command that stays, ended at the end."""
    process = psutil.Popen(
        [sys.executable, "-m", "dask", *command, *LOCAL, "--scheduler-file", str(contact)],
        env=os.environ | {"POLARS_MAX_THREADS": "1"},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def until_it_exists(path: Path) -> None:
    while not path.exists():
        time.sleep(0.1)


def span_of(job: str, began: float) -> float:
    """Wall seconds of the pieces, in the run that began then."""
    from prefect.client.orchestration import get_client

    time.sleep(3)  # the server hears of tasks by events
    with get_client(sync_client=True) as client:
        runs = [run for run in client.read_task_runs(limit=200) if run.name.startswith(PIECES[job])]
    spans = [(run.start_time.timestamp(), run.end_time.timestamp()) for run in runs if run.start_time and run.end_time]
    spans = [span for span in spans if span[0] >= began]
    return max(end for _, end in spans) - min(begin for begin, _ in spans)


def cpu_of(workers: list[psutil.Popen]) -> float:
    return float(sum(used.user + used.system for used in (worker.cpu_times() for worker in workers)))


def generate(job: str, folder: Path, scale: float) -> None:
    """The exports of a job, where they are not there yet."""
    if not (folder / "posts.csv").exists():
        if job == "edges":
            apart(edges.generate, folder, scale)
        else:
            apart(counts.generate, folder, int(1_000_000 * scale), int(10_000_000 * scale))
    if job == "edges":
        (folder / "sources.toml").write_text(edges.PSEUDONYMS, encoding="utf-8")


def measure(job: str, folder: Path, home: Path, count: int, rounds: int) -> list[dict[str, float]]:
    """Rounds with this many workers; one before them fills the home and has the workers import the program."""
    from flows.pipeline import run_tracked
    from flows.settings import Settings

    found: list[dict[str, float]] = []
    with ExitStack() as stack, tempfile.TemporaryDirectory() as scratch:
        contact = Path(scratch) / "scheduler.json"
        stack.enter_context(started(contact, "scheduler", "--port", "0"))
        until_it_exists(contact)
        flags = ("--nthreads", "1", "--no-nanny", "--local-directory", scratch)
        workers = [stack.enter_context(started(contact, "worker", *flags)) for _ in range(count)]
        settings = Settings(home=home, dask=json.loads(contact.read_text(encoding="utf-8"))["address"])
        for number in range(rounds + 1):
            shutil.rmtree(home / "lake" / "cache", ignore_errors=True)
            (home / "warehouse.duckdb").unlink(missing_ok=True)
            began, used = time.time(), cpu_of(workers)
            run_tracked(folder, settings, None)
            whole, cpu = time.time() - began, cpu_of(workers) - used
            if number:
                found.append({"pieces": span_of(job, began), "worker_cpu": cpu, "run": whole})
                print(f"{count} workers: {json.dumps({k: round(v, 2) for k, v in found[-1].items()})}", file=sys.stderr)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", choices=PIECES, default="edges")
    parser.add_argument("--scale", type=float, default=0.3, help="1 is 30M follows and 60M likes, or 10M posts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--folder", type=Path, help="keep the generated files here between runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.folder or Path(scratch) / "exports").absolute()
        generate(options.job, folder, options.scale)
        # Read when Prefect is first imported: nothing of the machine's Prefect is touched.
        os.environ |= {"PREFECT_HOME": f"{scratch}/prefect", "PREFECT_LOGGING_LEVEL": "WARNING"}
        from prefect.testing.utilities import prefect_test_harness

        import flows.pipeline  # noqa: F401  # it sets what Prefect must not report

        with prefect_test_harness(server_startup_timeout=120):
            home = Path(scratch) / "home"
            found = {count: measure(options.job, folder, home, count, options.rounds) for count in options.workers}
    print("| workers | pieces, wall s | CPU s of the workers | whole run, wall s | speed-up of the pieces |")
    print("|---:|---:|---:|---:|---:|")
    middle = {
        count: {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
        for count, rounds in found.items()
    }
    base = middle[options.workers[0]]["pieces"]
    for count, own in middle.items():
        print(
            f"| {count} | {own['pieces']:.1f} | {own['worker_cpu']:.1f} | {own['run']:.1f} | {base / own['pieces']:.2f} |"
        )


if __name__ == "__main__":
    main()
