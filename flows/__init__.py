"""The only place that knows Prefect, the clock and the environment: settings, steps, the flow, the command line."""
