"""The only place that knows Prefect, the clock and the environment: settings, steps, the flow, the command line."""

import os

# Set before Prefect reads its settings: nothing is reported to anybody, and a throw-away server gets time to start.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
