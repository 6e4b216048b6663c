# make setup    .venv with everything in it (done by the other targets as well)
# make demo     trains on synthetic people without locations and shows the result
# make test     the tests, two at a time; PYTEST_ARGS='tests/models -x' for some of them, PYTEST_JOBS=8
# make test-fast  the tests without the slow ones, in two minutes
# make test-faults  50 kills of trainings, 200 of writers, 20,000 damaged tag files, 5,000 exports of
#   other programs, each command on a full and on a read-only disk, 70 damaged weight files, 200
#   damaged images and videos
# make test-label-studio  a round trip through a running Label Studio, not part of make test
# make lint     ruff and the layers of the package; `make format` corrects what it can
# make types    mypy
# make docs     the documentation site in site/; warnings are errors
# make browser  the same with the models of the page docs/try, which runs them in the browser (npm)
# make clean    removes what builds and tests leave; `make clean-venv` removes .venv
#
# Choices: PYTHON=/path/to/python3.11, CXX=/path/to/g++, MAX_JOBS=1 (less memory),
# TORCH_INDEX=<url> (a CPU or CUDA build of torch), FORCE_CUDA=1 (mmcv's GPU operators too).

PYTHON ?=
TORCH_INDEX ?=
PYTEST_ARGS ?=
PYTEST_JOBS ?= 2
VENV := .venv/bin
FAULTS := $(addprefix fault-,trainings writers tag-files importers disks weights pictures)
LABEL_STUDIO := .venv-label-studio/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast test-faults $(FAULTS) test-label-studio docs browser lint types format clean \
  clean-venv

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# Any Python that runs can start the script, which then looks for a suitable one by itself.
setup:
	@for python in .venv/bin/python "$(PYTHON)" python3 python3.11 python3.12 python3.10 python; do \
	  if [ -n "$$python" ] && "$$python" -c 'import sys, fcntl; sys.exit(sys.version_info < (3, 6))' \
	    >/dev/null 2>&1; then \
	    exec "$$python" tools/setup_env.py --python "$(PYTHON)" --torch-index "$(TORCH_INDEX)"; \
	  fi; \
	done; \
	echo 'Nothing was set up. No Python runs here; Python 3.10, 3.11 or 3.12 is needed.' >&2; \
	echo 'Remedy: sudo apt install python3 python3-venv python3-dev, or the like;' >&2; \
	echo 'or name one: make setup PYTHON=/path/to/python3.11' >&2; \
	exit 2

demo: setup
	@$(VENV)/python -m lfhpe_mmpose demo

test: setup
	@OMP_NUM_THREADS=1 $(VENV)/python -m pytest -n $(PYTEST_JOBS) --dist loadfile $(PYTEST_ARGS)

# In an environment of its own: Label Studio needs other versions than MMPose.
test-label-studio: setup
	@test -x $(LABEL_STUDIO)/label-studio || { $(VENV)/python -m venv .venv-label-studio && \
	  $(LABEL_STUDIO)/python -m pip install -q -r tests/label_studio/requirements.txt; }
	@$(VENV)/python tests/label_studio/round_trip.py --label-studio $(LABEL_STUDIO)/label-studio

test-fast: setup
	@OMP_NUM_THREADS=1 $(VENV)/python -m pytest -n $(PYTEST_JOBS) --dist loadfile -m 'not slow' $(PYTEST_ARGS)

# Two parts at a time, all of them even if one fails.
test-faults: setup
	@OMP_NUM_THREADS=1 $(MAKE) --no-print-directory -k -j2 $(FAULTS)

fault-trainings:
	@$(VENV)/python -W ignore -m tests.faults.trainings --kills 50
fault-writers:
	@$(VENV)/python -W ignore -m tests.faults.writers --trials 200
fault-tag-files:
	@$(VENV)/python -W ignore -m tests.annotation.check.fuzz 20000
fault-importers:
	@$(VENV)/python -W ignore -m tests.annotation.converters.fuzz 5000
fault-disks:
	@$(VENV)/python -W ignore -m tests.faults.disks
fault-weights:
	@$(VENV)/python -W ignore -m tests.faults.weights
fault-pictures:
	@$(VENV)/python -W ignore -m tests.faults.pictures

lint: setup
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/lint-imports --no-logo

types: setup
	@$(VENV)/mypy

docs: setup
	@$(VENV)/python -m pip install -q --no-compile -r requirements/docs.txt
	@$(VENV)/python tools/write_reference.py
	@NO_MKDOCS_2_WARNING=1 $(VENV)/python -m mkdocs build

# Before the site, which copies what this writes.
browser: setup
	@$(VENV)/python -W ignore tools/build_browser.py
	@$(MAKE) --no-print-directory docs

format: setup
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

clean:
	rm -rf build dist site *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .setup.lock
	find . -name __pycache__ -not -path './.venv*/*' -prune -exec rm -rf {} +

clean-venv:
	rm -rf .venv .venv-label-studio .setup.lock lfhpe_mmpose/.mim
