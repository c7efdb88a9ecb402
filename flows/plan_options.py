"""The options of a plan for a budget, once for all who ask for one: the command line and the deployment of Prefect."""

import inspect
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from annotated_types import Ge
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from flows.settings import Settings
from schemas.errors import UsageError
from schemas.plans import Objective

if TYPE_CHECKING:
    from marts.plan import Request

BUDGET_MAX = 10**12
ACCOUNT = "as platform:id or @handle"


class PlanOptions(BaseModel):
    """What a plan is asked for, as text and numbers. Names are looked up in the warehouse when it is made."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True, extra="forbid")

    budget: str = Field(description="Choose accounts for so much money")
    currency: str | None = Field(None, description="Of the budget; the only one if absent")
    objective: Objective = Field(Objective.ENGAGEMENTS, description="What to have most of")
    platform: str | None = Field(None, description="Only accounts of it")
    niche: str | None = Field(None, description="Only accounts of this topic")
    tier: str | None = Field(None, description="Only accounts of this tier")
    media_type: str | None = Field(None, description="Only prices for this kind of post")
    min_rate: float | None = Field(None, description="Least shrunk rate, from 0 to 1: 0.02 is 2 %")
    max_accounts: int | None = Field(None, ge=1, description="Most accounts")
    posts_each: int = Field(1, ge=1, le=1000, description="Posts booked of each")
    include: list[str] = Field([], description=f"In every set, {ACCOUNT}")
    exclude: list[str] = Field([], description=f"In no set, {ACCOUNT}")
    exclude_brand: str | None = Field(None, description="No account that mentions this brand")
    new_to: str | None = Field(None, description="Count only people who do not follow this account yet")
    rates: Path | None = Field(
        None, description="CSV file of dated exchange rates to convert prices in other currencies"
    )
    booked_on: str | None = Field(
        None, description="Day of the booking, for exchange rates; that of the figures if absent"
    )
    frontier: bool = Field(False, description="Also show plans of higher mean rates")

    @classmethod
    def of(cls, given: dict[str, Any]) -> "PlanOptions":
        """The options of a command or a run.

        Raises:
            UsageError: One of them is of a wrong kind or out of bounds.
        """
        try:
            return cls(**given)
        except ValidationError as error:
            wrong = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False)]
            raise UsageError(
                "; ".join(wrong), fix="tierwise plan --help and docs/plan.md say what is allowed"
            ) from None


def as_arguments(function: Callable[..., None]) -> Callable[..., None]:
    """A command whose `**options` are the options of a plan, each with its flag; a budget may be absent."""
    return _with(function, [_flag(name, field) for name, field in PlanOptions.model_fields.items()])


def as_parameters(function: Callable[..., Any]) -> Callable[..., Any]:
    """A flow whose `**options` are the options of a plan, each described in its docstring, where Prefect looks."""
    _with(function, [_parameter(name, field) for name, field in PlanOptions.model_fields.items()])
    told = "\n".join(f"    {name}: {field.description}." for name, field in PlanOptions.model_fields.items())
    function.__doc__ = f"{inspect.getdoc(function)}\n{told}"
    return function


def _with(function: Callable[..., Any], options: list[inspect.Parameter]) -> Callable[..., Any]:
    """Whoever asks for its signature finds the options in the place of `**options`, and first."""
    own = inspect.signature(function, eval_str=True).parameters.values()
    kept = [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for each in own
        if each.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    everything = [*options, *kept]
    function.__signature__ = inspect.Signature(everything)  # type: ignore[attr-defined]
    function.__annotations__ = {each.name: each.annotation for each in everything}
    return function


def _flag(name: str, field: FieldInfo) -> inspect.Parameter:
    is_budget = name == "budget"
    kind = str | None if is_budget else field.annotation
    bounds = dict(_bounds(field))
    option = typer.Option(f"--{name.replace('_', '-')}", help=field.description, **bounds)
    default = None if is_budget else field.get_default()
    return _keyword(name, Annotated[kind, option], default)


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    kind, rules = (float, [Ge(0)]) if name == "budget" else (field.annotation, field.metadata)
    default = inspect.Parameter.empty if field.is_required() else field.get_default()
    return _keyword(name, Annotated[(kind, *rules)] if rules else kind, default)


def _keyword(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _bounds(field: FieldInfo) -> Iterator[tuple[str, Any]]:
    """As an option of the command line has them."""
    for rule in field.metadata:
        for own, typers in (("ge", "min"), ("le", "max")):
            if (bound := getattr(rule, own, None)) is not None:
                yield typers, bound


def request_of(options: PlanOptions, settings: Settings, *, with_frontier: bool | None) -> "Request":
    """What the plan is made of; `with_frontier` where it is not asked for, null for where it is quick."""
    # What computes takes half a second to import, which a question for --help need not wait for.
    from ingest.cast.currencies import code_named
    from ingest.exchange_rates import read_exchange_rates
    from marts.plan import Request
    from transforms.exchange import Exchange
    from transforms.plan_candidates import Wish

    rates = read_exchange_rates(options.rates) if options.rates else ()
    currency = options.currency or ""
    wish = Wish(
        _hundredths(options.budget), code_named(currency) or currency, options.objective, options.platform, options.niche, options.tier,
        options.media_type, _rate(options.min_rate), options.posts_each,
    )  # fmt: skip
    return Request(
        wish, options.max_accounts, tuple(options.include), tuple(options.exclude), options.exclude_brand, options.new_to,
        Exchange(rates, _day(options)), options.frontier or with_frontier, settings.plan_seconds,
    )  # fmt: skip


def _hundredths(text: str) -> int:
    """A budget in whole hundredths; parts of one buy nothing."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= BUDGET_MAX:
        raise UsageError(
            f"--budget {text!r}: not an amount of money", fix="write a number from 0 on without separators, as 5000"
        )
    return int(amount * 100)


def _rate(given: float | None) -> float | None:
    if given is not None and not 0 <= given <= 1:
        is_percent = 1 < given <= 100
        raise UsageError(
            f"--min-rate {given:g}: not a rate, which is from 0 to 1",
            fix=f"write {given / 100:g} for {given:g} %" if is_percent else "write it as a fraction: 0.02 is 2 %",
        )
    return given


def _day(options: PlanOptions) -> date | None:
    """The day that the rates are for."""
    if options.booked_on is None:
        return None
    if options.rates is None:
        raise UsageError(
            "--booked-on is for exchange rates, and there are none", fix="add --rates FILE, or leave it out"
        )
    try:
        return date.fromisoformat(options.booked_on)
    except ValueError as error:
        raise UsageError(f"--booked-on {options.booked_on!r}: not a day", fix="write it as 2026-05-31") from error
