# `make help` lists everything. The first target that needs it makes the virtual environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help run test lint types imports check docs lock clean bench chaos mutants

help: ## list what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

# What a server installs, and `make run`: nothing that only a developer needs.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
$(VENV)/.run: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Växel needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.run ## start everything, play the sample day, stay up (ONCE=1: exit after it)
	$(BIN)/vaxel up $(if $(ONCE),--once)

test: $(VENV)/.dev ## run all tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## ruff
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/.dev ## imports run one way
	$(BIN)/lint-imports

check: lint types imports ## all checks but the tests

bench: $(VENV)/.dev ## the engine, the journey, the images, reminders, self-service and following the whole, measured, into bench/results and docs/bench.svg
	$(BIN)/python -m bench.engine
	$(BIN)/python -m bench.journey --sizes 1000,10000,100000
	$(BIN)/python -m bench.images
	$(BIN)/python -m bench.reminders
	$(BIN)/python -m bench.self_service
	$(BIN)/python -m bench.follow
	$(BIN)/python -m bench.chart

chaos: $(VENV)/.dev ## kill, restart and break everything while bookings go through, and judge
	$(BIN)/python -m bench.chaos

mutants: $(VENV)/.dev ## what the tests of routine/ let pass (ONLY=notice,text: of these modules; QUICK=1: an upper bound)
	$(BIN)/python -m bench.mutants $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

docs: $(VENV)/.dev ## write anew what docs/ draws from the code: the states, the reasons
	PYTHONPATH=. $(BIN)/python tests/docs/generated.py

lock: ## work out both locks anew, for a server and for a developer (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## forget the environment and all state of this folder
	rm -rf $(VENV) .vaxel
