"""The plans of stated budgets, and what may stand in for a mega account: tables made when all others are."""

import polars as pl

from schemas.columns import polars_schema
from schemas.tables import MARTS

PLAN_MARTS = ("plans", "plan_accounts", "plan_frontier", "plan_left_out", "mega_alternatives")

Frames = dict[str, pl.DataFrame]


def no_plans() -> Frames:
    """The tables of a lake without prices."""
    return {name: polars_schema(MARTS[name]).to_frame() for name in PLAN_MARTS}
