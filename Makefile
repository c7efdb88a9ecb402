.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Processes of tests, each of which gets a whole module at a time (tests/conftest.py).
SIDE_BY_SIDE := --numprocesses logical --maxprocesses 8 --dist loadfile

help: ## Say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@echo "setting up .venv from requirements.lock (a minute or two the first time)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m reports.script_bundle
	@touch $(READY)

run: $(READY) ## Run the pipeline on examples/exports as a tracked Prefect flow
	@echo "running the engagement pipeline as a tracked Prefect flow; a throw-away server takes about half a minute to start"
	@$(BIN)/tierwise run examples/exports --track

test: $(READY) chromium ## Run every test, a process for each processor; of kills and random inputs a sample
	@echo "running every test; the slow kinds (flows, crash) begin"
	@$(BIN)/pytest $(SIDE_BY_SIDE)

test-unit: $(READY) ## Run the tests of single functions alone, in less than a minute
	@$(BIN)/pytest $(SIDE_BY_SIDE) tests/unit

test-long: $(READY) chromium ## Run every test, with every kill and all random inputs
	@$(BIN)/pytest $(SIDE_BY_SIDE) --hypothesis-profile=long

chromium: ## Install the browser that tests look at pages with, where this account may
	@command -v chromium >/dev/null || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
		echo "installing Chromium for the browser tests"; \
		apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core; } >/dev/null || true

check: $(READY) ## Lint, check the format and the types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: $(READY) ## Time the jobs beside hand-written DuckDB SQL, Polars and pandas (10M posts, 90M edges, many minutes)
	@$(BIN)/python -m benchmarks.small_run
	@$(BIN)/python benchmarks/small_files.py
	@$(BIN)/python benchmarks/counts.py
	@$(BIN)/python benchmarks/estimates.py
	@$(BIN)/python benchmarks/edges.py

docs: $(READY) ## Write the generated pages of docs/ again
	@$(BIN)/python -m warehouse.dictionary docs/data_dictionary.md
	@$(BIN)/python -m examples.draw_rate_on_followers
	@$(BIN)/python -m examples.draw_shrunk_rates
	@$(BIN)/python -m examples.write_guide
	@$(BIN)/python -m examples.write_plan

clean: ## Remove what run, test and set-up made
	@rm -rf .venv tierwise build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help run test test-unit test-long chromium check bench docs clean
