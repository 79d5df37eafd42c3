# make run: the demo office on http://localhost:8000. make test: every test. Nothing but Python >= 3.11 is needed.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Every command is a process of its own, and compiling its modules anew took it longer than most of them run.
export PYTHONDONTWRITEBYTECODE :=

# The first interpreter that is new enough; a name may exist and not work (a version manager's stub).
FIND_PYTHON = for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then found="$$candidate"; break; fi; done; \
	if [ -z "$$found" ]; then echo "Python 3.11 or later is needed; name it with PYTHON=..." >&2; exit 1; fi
HAVE_UV = uv --version >/dev/null 2>&1
# uv is ten times quicker; pip does the same. Both refuse whatever differs from the locked hashes.
INSTALL = install() { if $(HAVE_UV); then uv pip install --quiet --python $(BIN)/python "$$@"; \
	else $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
	$(BIN)/python -m pip install --quiet "$$@"; fi; }; install

.PHONY: help
help: ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

.PHONY: setup
setup: $(VENV)/.runtime ## Prepare .venv; the command is .venv/bin/setara

$(BIN)/python:
	@$(FIND_PYTHON); \
	if $(HAVE_UV); then uv venv --quiet --allow-existing --python "$$found" $(VENV); \
	else "$$found" -m venv $(VENV) || { \
	echo "This Python cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 1; }; fi

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages ..." >&2
	@$(INSTALL) --require-hashes -r requirements/runtime.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.lock $(VENV)/.runtime
	@echo "Installing the locked packages for tests ..." >&2
	@$(INSTALL) --require-hashes -r requirements/test.lock
	@touch $@

.PHONY: run
run: setup ## Run the demo office: PORT=8000, data in SETARA_HOME=var
	@SETARA_DEMO=1 exec $(BIN)/setara serve

.PHONY: browser
browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's Chromium for the browser tests ..." >&2; \
		{ apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null && exit 0; \
		reason="apt-get could not install it"; \
	else reason="it is not installed and only root may install it with apt-get"; fi; \
	printf '%s\n' "==================================================================" \
		"THE BROWSER TESTS WILL BE SKIPPED: no Chromium ($$reason)." \
		"Install a chromium and run make test again." \
		"==================================================================" >&2

.PHONY: test
test: $(VENV)/.test browser ## Run every test (ARGS="-k word" for some)
	@$(BIN)/python -m pytest -q -n $(JOBS) --maxschedchunk=1 $(ARGS)

.PHONY: broken
broken: $(VENV)/.test browser ## Take each protection away in a copy, see its test fail (ARGS="word", ARGS=--json=FILE)
	@$(BIN)/python -m tests.breaking $(ARGS)

.PHONY: lint
lint: $(VENV)/.test ## Check style, types, the storeys' borders and stray addresses
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory addresses

# No file holds a package index's address or a path of somebody's machine; the pattern does not find itself.
STRAY := (^|[^A-Za-z0-9_.])/(w[o]rk|r[o]ot|t[m]p|h[o]me/[a-z]+)/|--(extra-)?index-ur[l]|py[p]i\.org/simple|python[h]osted\.org
.PHONY: addresses
addresses:
	@if git grep -nIE '$(STRAY)' -- .; then \
		echo "The lines above hold a package index's address or a machine's path." >&2; exit 1; fi

.PHONY: bench
bench: $(VENV)/.test browser ## Run every benchmark (an hour and a half, on a quiet machine; ARGS=--quick to see it work)
	@short=; for place in benchmarks/*/; do [ -f "$$place/__main__.py" ] || continue; \
		echo "== $$place" >&2; $(BIN)/python "$$place" $(ARGS) || short="$$short $$place"; done; \
	[ -z "$$short" ] || { echo "Short or failed:$$short" >&2; exit 1; }

.PHONY: wheel
wheel: setup ## Build dist/setara-*.whl
	@$(BIN)/python -m hatchling build -t wheel

.PHONY: lock
lock: ## Lock the packages with hashes and no address (needs uv; UPGRADE=--upgrade for newer ones)
	@$(HAVE_UV) || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		requirements/runtime.in -o requirements/runtime.lock
	uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		requirements/test.in -o requirements/test.lock

.PHONY: clean
clean: ## Remove what can be made again; the data folder stays
	rm -rf $(VENV) dist build artefacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
