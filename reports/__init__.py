"""The report: what the published warehouse says, as one page that needs no server and no network."""
