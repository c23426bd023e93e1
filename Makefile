# Two commands matter: `make demo` and `make test`. Everything else serves them.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SERVE  ?= 1
# What pages load is made by a Node from the Python index; a moment if nothing changed.
PAGES  := $(BIN)/python -m serving.assets.build
# Two busy cores made LightGBM and BLAS four times slower with two threads than with one.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

# Else each of the many processes compiles anew all that it imports, four seconds of it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test pictures bench lock format clean help

help:  ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(VENV)/run.done  ## Install, then walk the simulated town to a served score (SERVE=0 ends instead)
	@$(PAGES)
	$(BIN)/lamppost demo $(if $(filter 0,$(SERVE)),--no-serve)

test: $(VENV)/test.done  ## Install what the tests need and run all of them
	@$(PAGES)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadscope $(ARGS)

bench: $(VENV)/bench.done  ## Make one figure of the README: make -s bench NAME=indicators ARGS="..."
	@$(PAGES)
	@$(BIN)/python -m benchmarks $(NAME) $(ARGS)

pictures: $(VENV)/test.done  ## Take the pictures of the README anew, after `make demo SERVE=0`
	$(BIN)/python -m tests.browser.pictures

format: $(VENV)/test.done  ## Put the code in its one form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/uv.done: requirements/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# hatchling is in the lock, so the project itself is built without fetching anything.
$(VENV)/%.done: requirements/%.txt pyproject.toml $(VENV)/uv.done
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/$*.txt
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

COMPILE := uv pip compile --quiet --universal --no-header --generate-hashes --python-version 3.11
lock: $(VENV)/uv.done  ## Resolve the locks anew; no index address is written
	echo 'uv>=0.9' | $(BIN)/$(COMPILE) - -o requirements/uv.txt
	$(BIN)/$(COMPILE) pyproject.toml -o requirements/run.txt
	$(BIN)/$(COMPILE) pyproject.toml --group test -c requirements/run.txt -o requirements/test.txt
	$(BIN)/$(COMPILE) pyproject.toml --group test --group bench -c requirements/test.txt -o requirements/bench.txt

clean:  ## Remove what was installed and what the demo made
	rm -rf $(VENV) var serving/static serving/assets/node_modules
