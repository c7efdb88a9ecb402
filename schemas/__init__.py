"""What every table holds, as plain values that Pandera schemas are made of: one file per noun, grain first.

A canonical *dataset* is what a validated row of an export is (`accounts.AccountObservations`);
a *mart* is a table of the published warehouse (`accounts.Accounts`). Naming: `_count` for counts,
`_at` for UTC instants without a zone, `_id` for text ids, rates named by their denominator,
`is_` and `has_` for flags. Null means "not known" and is never zero.
"""
