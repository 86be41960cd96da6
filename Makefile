# `make run` opens a desk with a sample month; `make test` runs all tests. Everything is set up by itself.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# No settings of whoever calls: what works here works on a bare machine.
# Certificates of the machine, so that it works behind an office proxy too.
export UV_SYSTEM_CERTS ?= 1
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: run setup test check check-code check-postgres bench docs pictures supply audit messages lock clean

run: setup
	@$(BIN)/broadsheet start --sample

setup: .venv/desk-is-set-up
dev: .venv/dev-is-set-up

.venv/uv-is-set-up: requirements/uv.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Broadsheet needs Python 3.11 or newer; $(PYTHON) is {v[0]}.{v[1]}. Name another: make run PYTHON=python3.12")'
	@test -x $(BIN)/python || { echo "Making the environment .venv"; $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/desk-is-set-up: .venv/uv-is-set-up requirements/desk.txt pyproject.toml
	@test -e .venv/dev-is-set-up || { echo "Installing what the desk needs (once; a minute or two)"; \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/desk.txt; }
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev-is-set-up: .venv/uv-is-set-up requirements/dev.txt pyproject.toml
	@echo "Installing what tests and documentation need (once; a minute or two)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

test: dev
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: check-code check-postgres test

check-code: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings tests.settings

# The same tests of everything with tables, on a PostgreSQL that is made for the run and removed after it.
check-postgres: dev
	.ci/with-postgres $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not browser" \
	  --ignore tests/commands/test_wheel.py --ignore tests/commands/test_contracts_hold.py --ignore tests/commands/test_without_django.py \
	  tests/people tests/jobs tests/news tests/library tests/issues tests/desk tests/archive tests/commands tests/mailing tests/search tests/keeping

bench: dev
	@for script in bench/bench_*.py; do echo "== $$script"; $(BIN)/python $$script; done

# The documentation as a site, in build/docs; a warning is an error. tests/test_site.py builds it in the same way.
docs: dev
	@$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -b html docs build/docs
	@echo "The documentation is in build/docs: open build/docs/index.html."

# All pictures of the documentation, from a desk that is made for it; needs Chromium.
pictures: dev
	@$(BIN)/python docs/pictures/take.py

# What Broadsheet is made of, into build/supply: parts, licences, weak spots where the network is, the wheel.
supply: dev
	@$(BIN)/python -m supply

# Known weak spots of what is locked; fails where there is one, or where nobody could be asked.
audit: dev
	@$(BIN)/python -m supply.audit

# All words on screen into the catalogues of the translations, and those compiled; tells what is not translated.
messages: dev
	@$(BIN)/python -m tests.messages

# Pinned, with hashes, for every platform; no host is named.
lock: .venv/uv-is-set-up
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra desk --extra build pyproject.toml -o requirements/desk.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements/dev.txt
	echo uv | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header - -o requirements/uv.txt

clean:
	rm -rf .venv var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
