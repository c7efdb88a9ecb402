"""The examples: CPU seconds of a run into a fresh home, report included, and of a second one with nothing new.

    python -m benchmarks.small_run [--runs 5]

Imports and other fixed costs are nearly all of it. What is kept for each user, the script of the charts, is made first.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.contest import ROOT, measure
from reports.script_bundle import script_bundle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    script_bundle()
    seconds: dict[str, list[float]] = {"fresh": [], "nothing new": [], "importing Polars": []}
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        run = [sys.executable, "-m", "flows.cli", "run", str(ROOT / "examples" / "exports"), "--home", str(home)]
        for _ in range(chosen.runs):
            seconds["fresh"].append(measure(run)["cpu"])
            seconds["nothing new"].append(measure(run)["cpu"])
            # How busy the machine is: the same work costs up to twice as much beside other work.
            seconds["importing Polars"].append(measure([sys.executable, "-c", "import polars"])["cpu"])
            shutil.rmtree(home)
    print("| run | CPU s, median | each |\n|---|---:|---|")
    for name, each in seconds.items():
        print(f"| {name} | {median(each):.2f} | {', '.join(f'{cpu:.2f}' for cpu in each)} |")


if __name__ == "__main__":
    main()
