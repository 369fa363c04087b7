# v6sim: `make demo` and `make test` set up what they need.

PYTHON ?= python3.11
VENV   := .venv
PY     := $(VENV)/bin/python

# Hundreds of programs are started here: none of them is to compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo sandbox sandbox-down images dist docs pages screenshots test full lowest soak lint bench genuine door clean help

help:             ## say what there is
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: $(VENV)/installed  ## run the manual's averages on the built-in federation
	@$(VENV)/bin/v6sim demo

sandbox:          ## bring up a server and three nodes in Docker, with images made at the first time
	@docker image inspect $${V6SIM_IMAGES:-v6sim}/server >/dev/null 2>&1 || $(MAKE) --no-print-directory images
	@docker/sandbox

sandbox-down:     ## end that sandbox, and remove all that it keeps
	@docker/sandbox down

images: $(VENV)/installed  ## make the images of the sandbox anew
	docker/make-wheels $(PY)
	docker/sandbox build

dist: $(VENV)/developing  ## make a wheel and a source distribution in dist/
	rm -rf dist
	$(PY) -m build --installer pip

docs: $(VENV)/developing  ## build the documentation as a site, in site/
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet
	@echo site/index.html

pages: $(VENV)/developing  ## make the pages of docs/ that are made from the code anew
	$(PY) -m tests.docs.pages

screenshots: $(VENV)/developing  ## take pictures of the inspector, in docs/pictures/
	$(PY) -m tests.inspector.screenshots

test: $(VENV)/developing genuine  ## run the tests (ARGS="-k name" for some)
	$(PY) -m pytest -n auto --dist loadgroup -m "not wide" $(ARGS)

full: $(VENV)/developing genuine  ## run all tests, also of many like cases
	$(PY) -m pytest -n auto --dist loadgroup $(ARGS)

lowest: $(VENV)/developing  ## run a part of the tests with the lowest versions of all libraries
	$(PY) -m tests.release.lowest $(ARGS)

soak: $(VENV)/developing  ## play each fault 50 times, and look for what stays (ARGS="-k name")
	V6SIM_REPEATS=$(or $(V6SIM_REPEATS),50) $(PY) -m pytest -n 2 --dist worksteal --timeout 3600 -rP tests/soak $(ARGS)

lint: $(VENV)/developing  ## check style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

bench: $(VENV)/developing genuine  ## measure speed and memory
	$(PY) -m tests.bench.bench $(ARGS)

genuine: $(VENV)/developing  ## make environments with genuine parts of vantage6, for tests
	@$(PY) tests/genuine/environments.py

DOOR := v6sim/node/docker/door
DOOR_FLAGS := -Os -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-stack-protector -fno-pic \
    -fno-asynchronous-unwind-tables -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -s

door:             ## build the program of Docker's doors anew, in OUT
	gcc $(DOOR_FLAGS) -fcf-protection=none -o $(or $(OUT),$(DOOR))/door-x86_64 $(DOOR)/door.c
	aarch64-linux-gnu-gcc $(DOOR_FLAGS) -mno-outline-atomics -o $(or $(OUT),$(DOOR))/door-aarch64 $(DOOR)/door.c

clean:            ## remove what was installed and cached here
	rm -rf $(VENV) .venvs .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist site
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/installed: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is not there: install Python 3.11, or say make PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/developing: $(VENV)/installed
	$(PY) -m pip install -q --disable-pip-version-check --upgrade "pip>=25.1"
	$(PY) -m pip install -q --disable-pip-version-check --group dev
	@touch $@
