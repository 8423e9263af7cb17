# Everything a person or CI runs here. Each target prepares what it needs; `make` alone lists them.
# ARGS reaches pytest: make test ARGS="-k urge". UPGRADE=1 makes `make lock` take newer versions.

SHELL := /bin/bash
BIN := .venv/bin
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help serve test test-full screenshots check lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: ## run the demo compound on http://127.0.0.1:8000 (HOST and PORT change that)
	@scripts/environment requirements.lock
	@MINQING_DEMO=1 exec $(BIN)/python -m app serve

test: ## every test but the slow ones
	@scripts/environment requirements-dev.lock
	@scripts/system-packages
	$(BIN)/python -m pytest -n auto -m "not full" $(ARGS)

test-full: ## the slow tests: every page and state, fuzzing per role, decoded print files
	@scripts/environment requirements-dev.lock
	@scripts/system-packages
	$(BIN)/python -m pytest -n auto -m full $(ARGS)

screenshots: ## a picture of every page and state into ./screenshots, for people to look at
	@scripts/environment requirements-dev.lock
	@scripts/system-packages
	SCREENSHOTS=screenshots $(BIN)/python -m pytest tests/browser/test_looks.py $(ARGS)

check: ## style, architecture, types, migrations
	@scripts/environment requirements-dev.lock
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python -m app migrate --check

lock: ## write the lock files anew from pyproject.toml
	@scripts/lock

clean: ## remove what tools leave behind; keeps ./data
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
