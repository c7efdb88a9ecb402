"""The plan printed in docs/plan.md is what its command says of the examples."""

import re
import shlex
from pathlib import Path

from tests.command import in_process as tierwise
from tests.example_home import Examples

PAGE = (Path(__file__).parents[2] / "docs" / "plan.md").read_text(encoding="utf-8")


def test_the_page_prints_what_the_command_says(examples: Examples) -> None:
    (found,) = re.finditer(r"```sh\ntierwise (plan .*)\n```\n\n```\n(.*?)\n```", PAGE, re.DOTALL)
    run = tierwise(*shlex.split(found[1]), "--home", examples.home)
    assert run.exit_code == 0, run.stderr
    assert run.stdout.rstrip() == found[2]


def test_the_page_has_every_reason() -> None:
    from transforms.plan_candidates import LEFT_OUT

    assert [reason for reason in (*LEFT_OUT, "not_chosen") if f"`{reason}`" not in PAGE] == []
