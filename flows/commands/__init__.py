"""What the commands do that are more than a call of a run."""
