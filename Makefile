# Needs make and python3 (3.11 or newer, with venv). Everything else is installed into .venv.
# The system's own Python is built for speed: hits and misses are a fifth faster than on one that was compiled with the
# defaults. Another one on the PATH is used where the system has none that will do.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell /usr/bin/python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo /usr/bin/python3 || echo python3)
endif
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FLOORS := tests.model tests.semantics tests.matching tests.caching tests.hierarchy tests.routing tests.config
CONFIG ?= etc/

.DEFAULT_GOAL := help
.PHONY: help setup run test check lint types layers floors news docs bench deep doors clean

help:
	@echo "make setup   install everything into .venv (the other commands do that by themselves)"
	@echo "make run     start a node with the configuration in etc/ (CONFIG=folder for another one)"
	@echo "make test    run all tests"
	@echo "make check   run all gates: lint, types, layers, coverage, news, documentation"
	@echo "make docs    build the manual into build/docs/html"
	@echo "make bench   compare with other proxies on this machine (see docs/bench.rst)"
	@echo "make deep    run the laws with many more examples (long)"
	@echo "make doors   write down the public names anew after a deliberate change"
	@echo "make clean   remove everything that make made"

setup: $(READY)

$(READY): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
	  echo "There is no $(PYTHON) here. Install it, on Debian with: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "tsnode needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)."; \
	  echo "Install a newer one and name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) comes without venv here. Install it, on Debian with: apt-get install python3-venv"; exit 1; }
	@echo "Installing tsnode and its tools into $(VENV), once; this takes about a minute."
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

run: setup
	@exec $(BIN)/twistd --nodaemon --pidfile= tsnode --config $(CONFIG)

test: setup
	@$(BIN)/python -m tests

check: lint types layers floors news docs
	@echo "All gates passed."

lint: setup
	$(BIN)/ruff check --quiet .

types: setup
	$(BIN)/mypy --no-error-summary

layers: setup
	@mkdir -p build
	$(BIN)/lint-imports --config pyproject.toml > build/layers.txt || { cat build/layers.txt; exit 1; }

# every branch of the floors below ports is reached by the tests of these floors
floors: setup
	@mkdir -p build
	COVERAGE_FILE=build/coverage $(BIN)/coverage run -m twisted.trial tests.project $(FLOORS)
	COVERAGE_FILE=build/coverage $(BIN)/coverage report

news: setup
	@mkdir -p build
	$(BIN)/towncrier build --draft > build/news.rst

docs: setup
	@mkdir -p build
	$(BIN)/docutils --halt=warning README.rst build/README.html
	$(BIN)/docutils --halt=warning CONTRIBUTING.rst build/CONTRIBUTING.html
	$(BIN)/sphinx-build -q -W -E -b doctest docs build/docs/doctest
	$(BIN)/sphinx-build -q -W -E -b html docs build/docs/html

bench: setup
	$(BIN)/python -m bench.micro
	$(BIN)/python -m bench.rules
	$(BIN)/python -m bench

deep: setup
	TSNODE_HYPOTHESIS=deep $(BIN)/python -m tests

doors: setup
	$(BIN)/python -m tests.project.doors

clean:
	rm -rf $(VENV) build dist *.egg-info _trial_temp* .hypothesis .mypy_cache .ruff_cache .import_linter_cache .coverage
	find tsnode tests bench twisted docs -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f twisted/plugins/dropin.cache
