"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from flows.settings import Settings

Exports = Annotated[Path, typer.Argument(help="Folder of export files")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Day or instant (UTC) the figures are for; newest observation or event if absent"),
]
Home = Annotated[
    Path | None, typer.Option("--home", help="Folder of lake and warehouse; TIERWISE_HOME, else ./tierwise")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document")]
All = Annotated[bool, typer.Option("--all", help="Show every row, not the first 1,000 alone")]
Timeout = Annotated[float, typer.Option("--timeout", min=0.001, metavar="SECONDS", help="Give up after so long")]


def settings_for(home: Path | None) -> Settings:
    return Settings(home=home) if home else Settings()


def show_version(wanted: bool) -> None:
    """An option that answers at once, without a command."""
    if wanted:
        from importlib.metadata import version

        print(f"tierwise {version('tierwise')}")
        raise typer.Exit
