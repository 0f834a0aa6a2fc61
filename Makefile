# serve · test · check · bench · model: each makes .venv and installs what it needs on first use
PYTHON ?= python3
BIN := .venv/bin
HOME_DIR ?= home
SHARED ?= ../shared

.PHONY: serve test check bench model

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $@

serve: .venv/.installed
	$(BIN)/zhifa --home $(HOME_DIR) serve

test: .venv/.installed
	$(BIN)/python -m pytest -q

check: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m "not slow and not browser and not shared"

model: .venv/.installed
	$(BIN)/python -m index.train $(HOME_DIR)

bench: .venv/.installed
	$(BIN)/python -m app.bench $(SHARED)
