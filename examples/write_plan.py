"""Write the plan that README.md and docs/plan.md print anew: what the command of docs/plan.md says of the examples."""

import io
import re
import shlex
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from examples.write_guide import example_warehouse
from flows.cli import app

ROOT = Path(__file__).parents[1]
PAGE, README = ROOT / "docs" / "plan.md", ROOT / "README.md"
COMMAND = re.compile(r"```sh\ntierwise (plan .*)\n```\n\n```\n(.*?)\n```", re.DOTALL)
# The readme shows it up to the line on what no set exceeds.
LAST = re.compile(r"\nbest .*")


def said_of(home: Path) -> str:
    """What the command says of a home."""
    (found,) = COMMAND.finditer(PAGE.read_text(encoding="utf-8"))
    with redirect_stdout(io.StringIO()) as out:
        app([*shlex.split(found[1]), "--home", str(home)], standalone_mode=False)
    return out.getvalue().rstrip()


def pages(said: str) -> dict[Path, str]:
    """Both pages with what the command says."""
    page, readme = (path.read_text(encoding="utf-8") for path in (PAGE, README))
    (found,) = COMMAND.finditer(page)
    last = LAST.search(said)
    assert last
    shown = f"$ tierwise {found[1]}\n{said[: last.end()]}\n```"
    block = re.compile(re.escape(f"$ tierwise {found[1]}\n") + r".*?\n```", re.DOTALL)
    return {
        PAGE: page[: found.start(2)] + said + page[found.end(2) :],
        README: block.sub(lambda _: shown, readme),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = pages(said_of(example_warehouse(Path(folder)).parent))
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
