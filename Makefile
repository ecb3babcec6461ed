# On a new machine, the tracker requires Python 3.11 or newer, make and git.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# The number of workers for a test run. Browsers and databases use the same cores.
JOBS ?= 2
SECONDS ?= 600
SEED ?= 1
NUMBER ?= 100
# The packages with the rules, each of which needs 95 % branch coverage.
MEASURED := issues/access issues/text issues/actions issues/sync packages/bracketed-text/src

.PHONY: lint-code lint-templates lint-types lint-imports lint-migrations lint-deployment docs nightly coverage mutants package clients sample schema schemathesis help run test test-sqlite test-postgresql lint audit format bench load fuzz access faults fixtures requirements screenshots messages clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The stamp files ensure that an environment is updated only when its list of packages has changed.
$(VENV)/.run: requirements.txt | $(BIN)/python
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.nightly: requirements-nightly.txt | $(BIN)/python
	$(PIP) -r requirements-nightly.txt
	@touch $@ $(VENV)/.dev

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	$(PIP) -r requirements-dev.txt
	@touch $@

# `npm ci` installs exactly the packages in the lock file, and checks their hashes.
$(VENV)/.node: tests/clients/typescript/package-lock.json $(VENV)/.dev
	$(BIN)/python -m tests.clients.node ci --loglevel=error
	@touch $@

run: $(VENV)/.run  ## serve the site on http://localhost:8000/ with facts, demonstration texts and users (PORT=…, FACTS=only)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_fixtures --if-empty $(if $(filter only,$(FACTS)),--facts-only)
	@$(BIN)/python manage.py demo_users
	@echo "Serving http://localhost:$(PORT)/ – stop with Ctrl-C"
	@LOG_LEVEL=$${LOG_LEVEL:-WARNING} SITE_URL=$${SITE_URL:-http://localhost:$(PORT)} \
		$(BIN)/gunicorn --bind 127.0.0.1:$(PORT)

test: test-sqlite test-postgresql  ## run the suite on SQLite and on PostgreSQL

test-sqlite: $(VENV)/.dev  ## run the suite on SQLite
	env -u DATABASE_URL $(BIN)/python -m pytest -n $(JOBS) --dist loadscope --durations=10 $(ARGS)

coverage: $(VENV)/.dev  ## run the suite on SQLite; fail if a package with the rules has less branch coverage than 95 %
	env -u DATABASE_URL $(BIN)/python -m pytest -n $(JOBS) --dist loadscope --durations=10 --cov --cov-report= $(ARGS)
	@failed=0; for package in $(MEASURED); do \
		printf 'Branch coverage of %s, in per cent: ' $$package; $(BIN)/coverage report --include="$$package/*" --format=total || failed=1; \
	done; exit $$failed

test-postgresql: $(VENV)/.dev  ## run the suite on a running PostgreSQL server or one from a wheel
	$(BIN)/python -m tests.postgresql $(BIN)/python -m pytest -n $(JOBS) --dist loadscope --durations=10 $(ARGS)

# The parts run at the same time with `make -j2 lint`.
lint: docs lint-code lint-templates lint-types lint-imports lint-migrations lint-deployment  ## check code, templates, scripts, types, documentation, import contract, migrations and deployment

lint-code: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/oxlint static/js

lint-templates: $(VENV)/.dev
	git ls-files 'templates/*.html' | xargs $(BIN)/djade --check --target-version 5.2
	$(BIN)/djlint --lint --quiet templates

lint-types: $(VENV)/.dev
	$(BIN)/mypy

lint-imports: $(VENV)/.dev
	PYTHONPATH=.:packages/bracketed-text/src $(BIN)/lint-imports --no-cache

lint-migrations: $(VENV)/.dev
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check_migrations

lint-deployment: $(VENV)/.dev
	PRODUCTION=1 ALLOWED_HOSTS=tracker.example SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

docs: $(VENV)/.dev  ## build the documentation in site/ and fail if a link is broken
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clients: $(VENV)/.node  ## generate typed clients in Python and TypeScript from the schema, use them, and lint the schema
	env -u DATABASE_URL $(BIN)/python -m pytest -q tests/clients

audit: $(VENV)/.dev  ## check pinned packages for known vulnerabilities (AUDIT_REQUIRED=1: fail if the advisories cannot be read)
	$(BIN)/python .ci/audit.py

format: $(VENV)/.dev  ## format code and templates
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-git ls-files 'templates/*.html' | xargs $(BIN)/djade --target-version 5.2

bench: $(VENV)/.dev  ## run the benchmarks and write the table in docs/reference/benchmarks.md (PARTS="engine pages")
	$(BIN)/python -m benchmarks $(PARTS)

load: $(VENV)/.dev  ## simulate a plenary day in three minutes, with 500 readers, 50 loggers and 20 programs
	$(BIN)/python -m benchmarks load

fuzz: $(VENV)/.dev  ## test the engine's guarantees on generated texts (SECONDS=600)
	PYTHONPATH=packages/bracketed-text/src:packages/bracketed-text/tests $(BIN)/python -m fuzz $(SECONDS)

sample: $(VENV)/.dev  ## draw events of real texts at random, to be read against both texts (SEED=1 NUMBER=100)
	PYTHONPATH=packages/bracketed-text/src $(BIN)/python packages/bracketed-text/tests/sample_events.py $(SEED) $(NUMBER)

nightly: $(VENV)/.nightly  ## run the checks that take hours and are not part of CI: all tests on both databases, mutants and packaging
	NIGHTLY=1 ACCESS_STEPS=10000 $(MAKE) test ARGS=--ignore=tests/mutation
	$(MAKE) fuzz SECONDS=3600
	NIGHTLY=1 env -u DATABASE_URL $(BIN)/python -m pytest -q tests/mutation
	$(MAKE) mutants package schemathesis EXAMPLES=200

mutants: $(VENV)/.nightly  ## introduce 200 small faults into the packages that contain rules; fail if the tests detect fewer than 85 %
	rm -f var/mutation/results.jsonl
	env -u DATABASE_URL $(BIN)/python -m tests.mutation collect -m "not browser" --ignore tests/running
	env -u DATABASE_URL $(BIN)/python -m tests.mutation run

package: $(VENV)/.nightly  ## build and check the engine's wheel and sdist, and install the wheel in an empty environment
	rm -rf packages/bracketed-text/dist var/package
	$(BIN)/python -m build --outdir packages/bracketed-text/dist packages/bracketed-text
	$(BIN)/python -m twine check --strict packages/bracketed-text/dist/*
	$(PYTHON) -m venv var/package
	var/package/bin/pip install --quiet packages/bracketed-text/dist/*.whl
	! var/package/bin/python -c 'import django' 2>/dev/null
	printf 'Each Party [CAN propose: shall] act.\n' >var/package/text.txt && var/package/bin/bracketed-text check var/package/text.txt

fixtures: $(VENV)/.dev  ## build fixtures/*.json from ../shared/data and the demonstration texts
	$(BIN)/python -m fixtures.build

schema: $(VENV)/.dev  ## write docs/openapi.yaml from the API
	env -u DATABASE_URL WRITE_SCHEMA=1 $(BIN)/python -m pytest -q tests/api/test_schema.py -k "committed_schema or example_of"

schemathesis: $(VENV)/.dev  ## send unusual requests to the API in every role (EXAMPLES=50)
	env -u DATABASE_URL $(BIN)/python -m tests.api.long_run

requirements: $(VENV)/.dev  ## pin the dependencies of pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --quiet --extra dev --python-version 3.11 --universal --generate-hashes --no-emit-index-url -o requirements-dev.txt
	$(BIN)/uv pip compile pyproject.toml --quiet --extra dev --extra nightly --python-version 3.11 --universal --generate-hashes --no-emit-index-url -o requirements-nightly.txt

access: $(VENV)/.dev  ## try each action in each role and write docs/reference/access.md
	env -u DATABASE_URL WRITE_ACCESS=1 $(BIN)/python -m pytest -q tests/confidentiality/test_access_table.py

faults: $(VENV)/.dev  ## make servers fail while the site runs and write docs/reference/faults.md
	WRITE_FAULTS=1 $(BIN)/python -m tests.postgresql $(BIN)/python -m pytest -q tests/running/test_faults.py
	env -u DATABASE_URL WRITE_FAULTS=1 $(BIN)/python -m pytest -q tests/running/test_faults.py

screenshots: $(VENV)/.dev  ## take the documentation's screenshots from a temporary site
	$(BIN)/python -m tests.screenshots

messages: $(VENV)/.dev  ## collect messages in locale/ and compile the translations (requires GNU gettext)
	$(BIN)/python manage.py makemessages --locale fr --locale es --add-location file --no-wrap --ignore .venv --ignore 'tests/*' --ignore 'benchmarks/*'
	$(BIN)/python manage.py compilemessages --locale fr --locale es --verbosity 0

clean:  ## delete the environment and the local database
	rm -rf $(VENV) var staticfiles
