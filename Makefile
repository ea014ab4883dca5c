# The commands of the project; `make` alone lists them.
PORT ?= 8000
DATA ?= .weiban
NAME ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test test-long test-nightly check bench clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: ## .venv with the locked dependencies, web assets; quick when up to date
	@sh .ci/setup runtime

setup-dev:
	@sh .ci/setup dev

run: setup ## everything on one machine: make run [PORT=8000] [DATA=.weiban]
	@$(BIN)/weiban up --port $(PORT) --data-dir "$(DATA)"

# On up to four cores, each taking the next file in the order of tests/conftest.py.
SPREAD := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: setup-dev ## every test but the long ones
	@$(BIN)/python -m pytest -m "not long" $(SPREAD)

test-long: setup-dev ## the long tests too
	@$(BIN)/python -m pytest

test-nightly: setup-dev ## the properties alone, each with 100,000 examples
	@WEIBAN_HYPOTHESIS=nightly $(BIN)/python -m pytest -m thorough $(SPREAD)

check: setup-dev ## format, lint, types, import contracts, migrations in step, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/weiban migrate --check
	@$(MAKE) --no-print-directory test

bench: setup-dev ## benchmarks against their limits: make bench [NAME=…]
	@$(BIN)/python -m tests.bench $(NAME)

clean: ## removes what can be made again; data folders stay
	rm -rf .venv node_modules app/assets build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(DATA)/*' -prune -exec rm -rf {} +
