# Yinuo: `make demo` shows the product, `make test` proves it. Nothing to install by hand beyond
# Python 3.11+, make and (for the browser tests, installed here where possible) Chromium.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export YINUO_SKIP_WEB := 1
# Without compiled files every process would read its libraries anew from source.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo up test check bench rush dev migrate console console-check api lock browser clean

help: ## show what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(STAMPS)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Yinuo needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@mkdir -p $(STAMPS)
	@test -x $(BIN)/python || { echo "==> Making a virtual environment"; $(PYTHON) -m venv $(VENV); }
	@touch $@

$(STAMPS)/run: $(STAMPS)/python requirements/run.txt pyproject.toml
	@echo "==> Installing what Yinuo needs (about a minute the first time)"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements/dev.txt
	@echo "==> Installing what the tests need"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMPS)/console: $(STAMPS)/python requirements/node.txt hatch_build.py tools/node.py \
		$(shell find console -type f -not -path '*/node_modules/*' -not -path '*/dist/*' \
		-not -path '*/locales/*' 2>/dev/null)
	@echo "==> Building the console"
	@$(BIN)/python tools/node.py ensure requirements/node.txt
	@$(BIN)/python tools/node.py build
	@touch $@

console: $(STAMPS)/console ## build the web console

demo: $(STAMPS)/run $(STAMPS)/console ## install, start everything and show live orders
	@$(BIN)/yinuo demo

up: $(STAMPS)/run $(STAMPS)/console ## start the product with your own settings
	@$(BIN)/yinuo up

dev: $(STAMPS)/dev $(STAMPS)/console ## as demo, restarting the web process when code changes
	@$(BIN)/yinuo demo --reload

migrate: $(STAMPS)/run ## bring the database's tables to this release
	@$(BIN)/yinuo migrate

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
		|| command -v google-chrome >/dev/null || tools/install-chromium

check: $(STAMPS)/dev $(STAMPS)/console ## format, lint, types, import ladder, house rules, console checks
	@echo "==> ruff"; $(BIN)/ruff format --check -q . && $(BIN)/ruff check -q .
	@echo "==> mypy"; $(BIN)/mypy
	@echo "==> import ladder"; $(BIN)/lint-imports --no-cache >$(STAMPS)/ladder.txt \
		|| { cat $(STAMPS)/ladder.txt; exit 1; }
	@echo "==> house rules"; $(BIN)/pytest -q tests/test_architecture.py >$(STAMPS)/house.txt 2>&1 \
		|| { cat $(STAMPS)/house.txt; exit 1; }
	@echo "==> console"; $(BIN)/python tools/node.py check

test: $(STAMPS)/dev $(STAMPS)/console browser check ## everything that must hold before a commit lands
	@echo "==> tests"; $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: $(STAMPS)/dev $(STAMPS)/console ## measure, with ratios against a baseline of the same run
	@for bench in reservations stock_at_scale order_desk pipeline live addresses messages mapping intake; do $(BIN)/python bench/$$bench.py || exit 1; done

rush: $(STAMPS)/dev ## all channels at 50 orders a second with all that goes wrong, until the day proves itself
	@$(BIN)/python bench/all_channels.py

api: $(STAMPS)/dev ## write the OpenAPI file and the console's types from the code
	@$(BIN)/python tools/openapi.py console/openapi.json
	@$(BIN)/python tools/node.py npm run api

lock: $(STAMPS)/dev ## resolve dependencies anew: names, versions and hashes only
	@tools/lock $(BIN)

clean: ## remove everything that was built or installed here (not the data)
	rm -rf $(VENV) $(STAMPS) src/yinuo/web/static console/node_modules
