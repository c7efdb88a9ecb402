"""Each module turns one export format into canonical rows."""
