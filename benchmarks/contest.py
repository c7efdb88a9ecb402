"""What the contests share: measuring a command, reading its answer, comparing answers, the table of results."""

import multiprocessing
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

ROOT = Path(__file__).parents[1]
TOLERANCE = 1e-9
MEASURES = ("wall", "cpu", "peak_mb")

Figures = dict[str, list[dict[str, float]]]


def apart(function: Callable[..., None], *arguments: Any) -> None:
    """Call a function in a process of its own: Linux counts the peak memory of a parent towards its children."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{function.__name__} ended with {process.exitcode}")


def measure(command: list[str]) -> dict[str, float]:
    """Wall and CPU seconds and peak resident megabytes of a command, by the kernel's own accounting."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return {
        "wall": time.monotonic() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def answer(path: Path, sql: str) -> pl.DataFrame:
    """What a contender's warehouse says."""
    connection = duckdb.connect(str(path), read_only=True)
    try:
        rows: pl.DataFrame = connection.sql(sql).pl()
        return rows
    finally:
        connection.close()


def same(left: pl.DataFrame, right: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Whether two answers have equal keys, and other columns of numbers that differ by rounding alone."""
    if left.columns != right.columns or not left.select(keys).equals(right.select(keys)):
        return False
    numbers = [name for name in left.columns if name not in keys]
    if not numbers:
        return True
    if not left.select(pl.col(numbers).is_null()).equals(right.select(pl.col(numbers).is_null())):
        return False
    differences = (left.select(numbers) - right.select(numbers)).select(pl.max_horizontal(pl.all().abs().max()))
    return float(differences.item() or 0) < TOLERANCE


def report(
    figures: Figures,
    answers: Mapping[str, pl.DataFrame],
    keys: Sequence[str],
    folder: Path,
    beside: Mapping[str, str] | None = None,
) -> None:
    """A Markdown table of medians and ratios, and whether the answers agree.

    Each contender is compared with `ours`, or with that run of ours that `beside` names for it.
    """
    size = sum(path.stat().st_size for path in folder.glob("*.csv")) / 1e6
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {size:,.0f} MB of CSV\n")
    print("| contender | wall s | CPU s | peak MB | ours/its wall | ours/its CPU | ours/its memory | same answers |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    middle = {
        name: {key: sorted(run[key] for run in runs)[len(runs) // 2] for key in MEASURES}
        for name, runs in figures.items()
    }
    differ = []
    for name, own in middle.items():
        base = (beside or {}).get(name, "ours")
        ratios = [f"{middle[base][key] / own[key]:.2f}" if base in middle else "" for key in MEASURES]
        agree = ""
        if "ours" in answers and name in answers:
            agree = "yes" if same(answers["ours"], answers[name], keys) else "NO"
        if agree == "NO":
            differ.append(name)
        print(
            f"| {name} | {own['wall']:.1f} | {own['cpu']:.1f} | {own['peak_mb']:,.0f} | {' | '.join(ratios)} | {agree} |"
        )
    if differ:
        raise SystemExit(f"the answers differ: {', '.join(differ)}")
