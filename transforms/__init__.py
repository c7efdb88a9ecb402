"""Pure Polars: frames in, frames out. No files, no clock, no environment, no Prefect."""

import numpy as np
import polars as pl

# Polars looks numpy up when the first array reaches it, and fails ("'module' object does not support item assignment")
# where two threads make it do so at once. Expressions that call numpy run in threads, so it is looked up here, in one.
pl.Series(np.empty(0))
