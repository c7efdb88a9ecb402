"""Runs of tests draw no report, which takes a second or two, unless they are about it."""

import os

os.environ.setdefault("TIERWISE_DRAW_REPORT", "false")
