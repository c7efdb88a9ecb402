"""What `tierwise serve` needs beside Prefect: processes that end with it, and a server that strangers cannot talk to."""
