# Everything runs in .venv, made once from requirements.lock. Only python3 (>= 3.11) is needed.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
WORKERS ?= 2
PACKAGES := agent core evals memory models studio tools ui

.DEFAULT_GOAL := help
.PHONY: help setup chat ui doctor test check lint fast format lock clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

setup: $(STAMP)  ## install everything into .venv (runs once, again after the lock changes)

# uv installs the lock in a fraction of pip's time; where uv cannot be had, pip does the same work.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Vitrine needs Python 3.11 or newer, {sys.executable} is {sys.version.split()[0]}: make setup PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv \
	  || echo "uv could not be installed, pip will be used" >&2
	@if $(BIN)/python -m uv --version >/dev/null 2>&1 \
	  && $(BIN)/python -m uv pip install --python $(BIN)/python --require-hashes -r requirements.lock; then :; else \
	  echo "installing with pip" >&2; $(BIN)/python -m pip install --require-hashes -r requirements.lock; fi
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

chat: $(STAMP)  ## talk to the shop in the terminal
	@$(BIN)/vitrine chat

ui: $(STAMP)  ## talk to the shop in the browser
	@$(BIN)/vitrine ui

doctor: $(STAMP)  ## check the installation
	@$(BIN)/vitrine doctor

test: $(STAMP)  ## all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

check: lint fast  ## format, lint, types, import rules, fast tests

lint: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/lint-imports

fast: $(STAMP)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not browser" $(PYTEST_ARGS)

format: $(STAMP)  ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: $(STAMP)  ## resolve pyproject.toml into requirements.lock (versions and hashes, no hosts)
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m uv pip compile pyproject.toml --all-extras \
	  --quiet --generate-hashes --universal --python-version 3.11 --no-annotate --no-emit-index-url \
	  --no-emit-find-links --output-file requirements.lock

clean:  ## remove the environment and caches
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache build dist ./*.egg-info
