# `make ask` and `make test` do everything by themselves; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(VENV)/bin/pip install --quiet --disable-pip-version-check --no-input
Q ?= How many National Guard troops were sent to Los Angeles?
SECONDS ?= 600

.PHONY: help ask chat run index watch test check coverage lint types types-of-code types-of-tests texts bench scale evaluate ablate train pictures engine milvus soak fuzz mutants doctor sbom lock clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

ask: export QUESTION = $(value Q)
ask: $(VENV)/.ready ## answer one question over the documents: make ask Q="Who said what?"
	@echo "Asking the documents ..."
	@$(RUN) -m bot ask --build "$$QUESTION"

chat: $(VENV)/.ready ## a conversation in the terminal
	@$(RUN) -m bot chat --build

run: $(VENV)/.ready ## the Discord bot (needs DISCORD_TOKEN in .env)
	@$(RUN) -m bot run --build

index: $(VENV)/.ready ## read the documents again; a running bot picks the new index up
	@$(RUN) -m embeddings build || [ $$? -eq 1 ] # 1: built, but some files could not be read

watch: $(VENV)/.ready ## the same, again and again: whenever the folder of documents changes
	@$(RUN) -m embeddings build --watch

test: $(VENV)/.ready-dev ## every test
	@echo "Running every test ..."
	@$(RUN) -m pytest -n auto

check: lint types ## while you work: lint, types and the fast tests
	@$(RUN) -m pytest -q -n auto -m "not slow"

coverage: $(VENV)/.ready-dev ## which lines no test runs: a report, no gate
	@$(RUN) -m pytest -q -n auto --cov=bot --cov=embeddings --cov-report=term:skip-covered --cov-report=html

lint: $(VENV)/.ready-dev
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

types: types-of-code types-of-tests # `make --jobs 2 types` checks both at once

types-of-code: $(VENV)/.ready-dev
	@$(RUN) -m mypy

types-of-tests: $(VENV)/.ready-dev
	@$(RUN) -m mypy --config-file tests/mypy.ini

texts: $(VENV)/.ready-dev ## what the bot says, into the catalogues of its translations
	@$(RUN) -m deploy.texts

bench: $(VENV)/.ready-dev ## speed beside four other systems: writes docs/benchmarks.md (long; the first time downloads them)
	@$(RUN) benchmarks/bench.py

scale: $(VENV)/.ready-dev ## how the index grows: builds, opens and asks one of 100,000 passages (SIZE=1000000: after that, one made of it)
	@$(RUN) benchmarks/scale.py $(if $(SIZE),--size $(SIZE))

evaluate: $(VENV)/.ready-dev ## how good the answers are: writes docs/evaluation.md (long; ONLY=golden for one part)
	@$(RUN) benchmarks/evaluate.py $(if $(ONLY),--only $(ONLY))

ablate: $(VENV)/.ready-dev ## what each rule of the grammar is worth: writes docs/ablation.md (half an hour)
	@$(RUN) benchmarks/ablate.py

train: $(VENV)/.ready-dev ## the reader's weights anew, from ../shared/train (many hours on two cores; stop and go on at any time)
	@$(RUN) -m training

pictures: $(VENV)/.ready-dev ## a picture of every kind of message into docs/pictures (needs Debian's chromium and fonts)
	@$(PIP) -e ".[pictures]" -c constraints.txt
	@$(RUN) tests/pictures.py docs/pictures

engine: $(VENV)/.ready-dev ## prose from a real engine: llama.cpp's server with tiny models that the test writes (compiles it once)
	@CMAKE_ARGS="-DGGML_NATIVE=OFF" $(PIP) -e ".[engine]" -c constraints.txt
	@$(RUN) -m pytest -q tests/test_engine.py

milvus: $(VENV)/.ready-dev ## an index in Milvus: installs its client and Milvus Lite, and tests both
	@$(PIP) -e ".[milvus]" -c constraints.txt
	@$(RUN) -m pytest -q tests/test_milvus.py

soak: $(VENV)/.ready-dev ## a bad day: everything goes wrong while 200 people use the bot (MINUTES=20)
	@$(RUN) tests/soak.py $(or $(MINUTES),20)

fuzz: $(VENV)/.ready-dev ## hostile input to every parser and surface: make fuzz SECONDS=600 (Linux, x86-64)
	@$(PIP) -e ".[fuzz]" -c constraints.txt
	@PYTHONPATH=tests $(RUN) -m fuzz --seconds $(SECONDS)
	@$(RUN) -m pytest -q tests/test_patterns.py

mutants: $(VENV)/.ready-dev ## changes of the code that must not pass its tests: evidence, citations, generations, access (an hour)
	@$(PIP) -e ".[mutation]" -c constraints.txt
	@$(RUN) tests/mutants.py

doctor: $(VENV)/.ready ## what keeps the bot from starting or answering, and what to do about it
	@$(RUN) -m bot doctor

sbom: $(VENV)/.ready ## what is installed, as CycloneDX JSON: writes sbom.json
	@$(RUN) -m deploy.sbom > sbom.json

lock: $(VENV)/.ready ## the hashes of the image's packages: writes deploy/*.lock (Linux, x86-64, Python 3.11)
	@$(VENV)/bin/pip install --quiet --dry-run --ignore-installed --only-binary :all: --report .lock.json . -c constraints.txt
	@$(RUN) -m deploy.lock < .lock.json
	@rm .lock.json

clean: ## remove what was built: environment, index, caches
	rm -rf $(VENV) index *.egg-info htmlcov .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis benchmarks/.cache tests/fuzz/.cache mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "Setting up $(VENV): installing Footnote and its model (once, a few minutes) ..."
	@$(PYTHON) -c 'import sys; sys.exit("Footnote needs Python 3.11 or newer: make PYTHON=python3.11 ...") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made; on Debian: apt install python3-venv"; exit 1; }
	@$(PIP) -e . -c constraints.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@echo "Installing the tools for tests ..."
	@$(PIP) -e ".[dev]" -c constraints.txt
	@touch $@
