"""The Prefect flow `campaign-plan`: whom to book with a budget, asked from the UI, answered in artifacts."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.artifacts import show_plan, shown
from flows.plan_options import PlanOptions, as_parameters, request_of
from flows.settings import Settings, not_served
from schemas.errors import TierwiseError, UsageError


def name_of_run() -> str:
    """What is asked for."""
    asked = flow_run.get_parameters()
    return shown(f"{asked.get('objective', '')} for {asked.get('budget', '')} {asked.get('currency') or ''}".strip())


@flow(name="campaign-plan", flow_run_name=name_of_run, persist_result=False, validate_parameters=False)
@as_parameters
def campaign_plan(home: Path | None = None, **options: Any) -> Any:
    """Choose accounts for a budget, and say how much more any other set could bring at most.

    Args:
        home: Folder of the lake and the warehouse; TIERWISE_HOME if absent.
    """
    settings = Settings(home=Path(home)) if home else Settings()
    if refused := not_served(settings):
        return Failed(message=shown(refused))
    # What computes is imported by a run that plans, and not by every process that registers the flow.
    from flows.commands import booking
    from marts.plan_words import title

    try:
        # A form sends an empty field as an empty text.
        asked = PlanOptions.of({name: value for name, value in options.items() if value != ""})
        asked = asked.model_copy(update={"rates": in_home(asked.rates, settings)})
        found = booking.plan(request_of(asked, settings, with_frontier=False), settings)
    except TierwiseError as error:
        return Failed(message=shown(f"{error} (fix: {error.fix})"))
    show_plan(found)
    return Completed(message=shown(title(found)))


def in_home(rates: Path | None, settings: Settings) -> Path | None:
    """A file of exchange rates in the home folder: a run reads no other, and shows nobody a line of it."""
    if rates is None:
        return None
    home = settings.home.resolve()
    path = (home / rates).resolve()
    if path.suffix.lower() != ".csv" or not path.is_relative_to(home):
        raise UsageError(
            f"rates {str(rates)!r}: not a CSV file of the home folder", fix="put it there, and give its name alone"
        )
    return path
