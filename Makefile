# make run    sets up what is missing and serves Linju; the first time takes a minute or two
# make test   every check and every test, as CI runs them
# make check  format, lint, types and import contracts only
# make bench  measures Linju beside its peers
# make clean  removes all that the set-up and the tests made; the office's data in instance/ stays

BIN := .venv/bin
# Each stamp is as new as the last success of its step: what is set up needs no network again.
RUN_STAMP := .venv/run.stamp
DEV_STAMP := .venv/dev.stamp
VENDOR_STAMP := static/vendor/run.stamp
AXE_STAMP := static/node_modules/test.stamp

PYTHONS := python3.13 python3.12 python3.14 python3 python
SAY := printf '%s\n'

.DEFAULT_GOAL := run
.PHONY: run test check bench clean test-system
.DELETE_ON_ERROR:
.NOTPARALLEL:

run: $(RUN_STAMP) $(VENDOR_STAMP)
	@$(BIN)/python -m flask --app wsgi demo --if-empty
	@exec $(BIN)/python wsgi.py

# pytest comes last: its closing line is the verdict.
test: check $(VENDOR_STAMP) $(AXE_STAMP) test-system
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(DEV_STAMP)
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

bench: $(DEV_STAMP) $(VENDOR_STAMP)
	$(BIN)/python -m tests.bench

clean:
	rm -rf .venv static/vendor static/node_modules tests/output
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find geodata webmap tests wsgi.py -name __pycache__ -prune -exec rm -rf {} +

# $(PYTHON), where given, is the only one tried.
$(BIN)/python:
	@for python in $${PYTHON:-$(PYTHONS)}; do \
	    "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' \
	        2>/dev/null || continue; \
	    $(SAY) "Making .venv with $$("$$python" --version)"; \
	    exec "$$python" -m venv .venv; \
	done; \
	$(SAY) 'Linju needs Python 3.12 or newer, with its venv module. None was found.' \
	    '  Debian, Ubuntu   apt-get install python3 python3-venv   (Debian 13, Ubuntu 24.04 or later)' \
	    '  macOS            brew install python@3.13' \
	    '  Windows          winget install Python.Python.3.13' \
	    '  anywhere else    pyenv install 3.13, or the installer from the Python home page' \
	    'Where it is installed but not found: make run PYTHON=/path/to/python3' >&2; \
	exit 1

NO_PACKAGES = { $(SAY) 'The Python packages could not be installed: see above. Is this machine online?' \
	'Without internet: run "pip download -r requirements.txt -d wheels" on the same kind of machine' \
	'that has it, bring the folder here, then: PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels make run' >&2; exit 1; }

$(RUN_STAMP): requirements.txt $(BIN)/python
	@$(SAY) 'Installing the Python packages (once, about a minute)'
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt || $(NO_PACKAGES)
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(RUN_STAMP)
	@$(SAY) 'Installing what the checks and tests need'
	@$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt || $(NO_PACKAGES)
	@touch $@

$(VENDOR_STAMP): static/package-lock.json webmap/vendor.py | $(RUN_STAMP)
	@$(SAY) 'Bringing the front-end libraries'
	@$(BIN)/python -m webmap.vendor
	@touch $@

$(AXE_STAMP): static/package-lock.json | $(VENDOR_STAMP)
	@$(BIN)/python -m webmap.vendor --for-tests
	@touch $@

# What pip cannot bring. Where the system may not be changed, the tests that need it are left
# out, and pytest names each; under CI=true nothing may be left out.
test-system:
	@missing=; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || missing="$$missing fonts-noto-cjk"; \
	ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 \
	    || missing="$$missing postgresql-postgis"; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    $(SAY) "Installing from the system's packages:$$missing"; \
	    apt-get update && DEBIAN_FRONTEND=noninteractive \
	        apt-get install --yes --no-install-recommends $$missing; \
	else \
	    $(SAY) "Left out for want of$$missing; on Debian: sudo apt-get install$$missing"; \
	fi
