# Rayfolio. `make demo` shows it, `make test` checks it; both set up first what they need.
SHELL := /bin/bash
# Nothing that is started from here reaches beyond this machine (the set-up, which fetches locked packages, excepted).
export RAYFOLIO_LOOPBACK = 1
PYTHON := .venv/bin/python
STUDY ?=
# The files of the corpus, as an absolute folder; by default those beside the checkout.
RAYFOLIO_TEST_DATA ?= $(if $(wildcard ../shared/data/.),$(abspath ../shared/data))
export RAYFOLIO_TEST_DATA

.PHONY: help setup demo test app test-long test-corpus table bench screens lock
help:
	@echo "make demo [STUDY=DIR]  the whole journey on this machine, between two people"
	@echo "make test              set up, then every check"
	@echo "make app               the window"
	@echo "make setup             set up only; names what is missing"
	@echo "make test-long         Python 3.11, 3.12 and 3.13, and what takes minutes"
	@echo "make test-corpus       the files in RAYFOLIO_TEST_DATA"
	@echo "make table             docs/pixels.md: their pixels by two decoders"
	@echo "make bench             speed, as ratios to other programs on this machine"
	@echo "make screens           photograph the viewer anew, for docs/screens"
	@echo "make lock              write the lock files anew"

setup:
	@packaging/setup.sh

demo: setup
	@packaging/missing.sh demo
	@$(PYTHON) packaging/demo.py $(if $(STUDY),"$(STUDY)")

test: setup
	@packaging/test.sh

app: setup
	@$(PYTHON) -m app.ui.main

test-long: setup
	@packaging/test-long.sh

test-corpus: setup
	@packaging/missing.sh test
	@test -n "$(RAYFOLIO_TEST_DATA)" -a -d "$(RAYFOLIO_TEST_DATA)" || \
	  { echo "make test-corpus needs RAYFOLIO_TEST_DATA, a folder of DICOM files" >&2; exit 1; }
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(PYTHON) -m pytest -m corpus --timeout 3600 -q

table: setup
	@test -n "$(RAYFOLIO_TEST_DATA)" -a -d "$(RAYFOLIO_TEST_DATA)" || \
	  { echo "make table needs RAYFOLIO_TEST_DATA, a folder of DICOM files" >&2; exit 1; }
	@PYTHONPATH=. $(PYTHON) tests/corpus/second_opinion.py "$(RAYFOLIO_TEST_DATA)" >docs/pixels.md.new
	@mv docs/pixels.md.new docs/pixels.md

bench: setup
	@$(PYTHON) -m pip install --quiet --no-input --disable-pip-version-check --require-hashes -r packaging/bench.lock
	@$(PYTHON) benchmarks/run.py

screens: setup
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} PYTHONPATH=. $(PYTHON) packaging/viewer_screens.py docs/screens

lock:
	@packaging/lock.sh
