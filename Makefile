# `make run` and `make test` are all a new machine needs; it must have Python 3.11 or newer, and make.
#
# Everything is installed into .venv. A stamp in there records each set of extras that is installed,
# so that pip is asked again only after pyproject.toml or constraints.txt has changed.

SHELL := /bin/sh
VENV := .venv
PYTHON ?= python3
EXTRAS ?= overfit
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
export HOST PORT
# WORKERS reaches service/gunicorn.py through the environment as it is.

PY := $(VENV)/bin/python
EXAMPLE := $(firstword $(wildcard examples/logs/*.csv))
comma := ,

# What an example works with (MLflow, Airflow, Ray, Bolt) is installed into .venv-<example>: it would not fit in with ours.
workplaces := $(patsubst examples/%/requirements.txt,.venv-%/.installed,$(wildcard examples/*/requirements.txt))

for_run := $(VENV)/.installed-run-$(EXTRAS)
for_dev := $(VENV)/.installed-dev-$(EXTRAS)
for_integrations := $(VENV)/.installed-integrations-$(EXTRAS)
for_bench := $(VENV)/.installed-bench-$(EXTRAS)
pip_install = $(PY) -m pip install --disable-pip-version-check $(if $(CI),--quiet) --constraint constraints.txt --editable

.DEFAULT_GOAL := help
.PHONY: help run install dev test test-integrations check format docs golden bench clean
# Two installations into one .venv at the same time would break it; `make -j` changes nothing here.
.NOTPARALLEL:

help:
	@echo 'make run                install what is missing, start the service on $(HOST):$(PORT)'
	@echo '                        HOST=, PORT=, WORKERS= change where and how; EXTRAS= leaves torch out'
	@echo 'make test               install what is missing, run every test; ARGS=-x is passed to pytest'
	@echo 'make test-integrations  the tests that need frameworks or a browser'
	@echo 'make install            install into $(VENV), and do nothing else'
	@echo 'make check              format, lint, types, import contracts, Dockerfile'
	@echo 'make format             let ruff rewrite what it can'
	@echo 'make docs               write openapi.yaml, the pages of docs/ and the picture of the README anew'
	@echo 'make golden             write the missing expected files of the readers; ARGS=--force overwrites'
	@echo 'make bench              measure, beside other tools, and write benchmarks/RESULTS.md; see benchmarks/README.md'
	@echo 'make clean              remove $(VENV) and every cache'

run: $(for_run)
	@echo
	@echo 'curve-diagnosis: http://$(HOST):$(PORT) (Ctrl-C stops it). Open it in a browser; or, in another terminal, try:'
	@echo
	@echo "    curl -H 'Accept: text/plain' --data-binary @$(or $(EXAMPLE),metrics.csv) http://$(HOST):$(PORT)/diagnose"
	@echo
	@exec $(PY) -m gunicorn -c python:service.gunicorn service.wsgi:app

install: $(for_run)

dev: $(for_dev)

test: $(for_dev)
	$(PY) -m pytest -m 'not integration' --ignore=tests/integrations -n 2 --dist loadfile $(ARGS)

test-integrations: $(for_integrations) $(workplaces)
	$(PY) -m pytest -m integration $(ARGS)

check: $(for_dev)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/hadolint Dockerfile

format: $(for_dev)
	$(PY) -m ruff check --fix --exit-zero .
	$(PY) -m ruff format .

docs: $(for_dev)
	$(PY) scripts/pages.py
	$(PY) scripts/openapi.py
	$(PY) scripts/picture.py
	$(PY) scripts/readme.py

golden: $(for_dev)
	$(PY) scripts/golden.py $(ARGS)
	$(PY) scripts/reports.py

bench: $(for_bench)
	$(PY) -m benchmarks $(ARGS)

clean:
	rm -rf '$(VENV)' $(dir $(workplaces)) build dist .coverage htmlcov .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -path ./.git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

# A stamp is touched last: an installation that fails leaves none, and the next `make` tries again.
# A larger set of extras holds the smaller ones.
$(for_run): pyproject.toml constraints.txt $(VENV)/.made
	@echo 'Installing curve-diagnosis$(if $(EXTRAS), with $(EXTRAS) (make EXTRAS= leaves it out)) into $(VENV) …'
	@$(pip_install) '.$(if $(EXTRAS),[$(EXTRAS)])'
	@touch '$(VENV)/.installed-run-' '$@'

$(for_dev): pyproject.toml constraints.txt $(VENV)/.made
	@echo 'Installing curve-diagnosis$(if $(EXTRAS), with $(EXTRAS)) and its development tools into $(VENV) …'
	@$(pip_install) '.[$(if $(EXTRAS),$(EXTRAS)$(comma))dev]'
	@touch '$(VENV)/.installed-run-' '$(for_run)' '$@'

# What drives a browser, and the frameworks whose callbacks are tested: where they cannot be had, those tests are skipped, and say so.
$(for_integrations): $(for_dev)
	@echo 'Installing a browser'"'"'s driver and the frameworks of the callbacks into $(VENV) …'
	@$(pip_install) '.[$(if $(EXTRAS),$(EXTRAS)$(comma))dev,integrations]' || \
	  echo 'It cannot be had; tests that need it are skipped.' >&2
	@touch '$@'

# Peers come and go: where they cannot be had, their rules answer as re-implemented, and RESULTS.md says so.
$(for_bench): $(for_dev)
	@echo 'Installing the tools that are compared with into $(VENV) …'
	@$(pip_install) '.[$(if $(EXTRAS),$(EXTRAS)$(comma))dev,bench]' || \
	  echo 'They cannot be had; their rules answer as re-implemented.' >&2
	@touch '$@'

# Without the network, the tests that need one of these are skipped, and say so.
.venv-%/.installed: examples/%/requirements.txt
	@echo 'Installing what examples/$* works with into $(@D) …'
	@{ '$(PYTHON)' -m venv --clear '$(@D)' && \
	  '$(@D)/bin/python' -m pip install --disable-pip-version-check --quiet --requirement '$<' && touch '$@'; } || \
	  { rm -rf '$(@D)'; echo 'It cannot be had; its tests will be skipped.' >&2; }

$(VENV)/.made:
	@command -v '$(PYTHON)' >/dev/null || { \
	  echo 'There is no $(PYTHON) on the PATH. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "curve-diagnosis needs Python 3.11 or newer, and $(PYTHON) is $$('$(PYTHON)' --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@'$(PYTHON)' -m venv '$(VENV)' || { \
	  echo 'No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@touch '$@'
