# make run      the demo school on http://127.0.0.1:8000 (PORT= changes the port)
# make school   your own school, set up in the browser
# make test     every test, on SQLite and on PostgreSQL
# make bench    the benchmark
SHELL := /bin/bash
PY := .venv/bin/python
DEMO := instance/demo.db
catalogues := $(patsubst %.po,%.mo,$(wildcard views/translations/*/LC_MESSAGES/*.po))

.PHONY: run school test bench setup tools
.DELETE_ON_ERROR:

run: export DATABASE_URL := sqlite:///$(DEMO)
run: setup $(DEMO)
	@$(PY) -m flask --app app migrate
	@exec $(PY) app.py

school: setup
	@$(PY) -m flask --app app migrate
	@exec $(PY) app.py

test: setup tools
	@.ci/test

bench: setup tools
	@$(PY) -m tests.bench

setup: .venv/ready $(catalogues)

tools: .venv/tested
	@.ci/tools

.venv/ready: requirements.txt
	@echo "Installing the packages Zhurnal needs (a minute or two, once)"
	@.ci/venv requirements.txt
	@touch $@

.venv/tested: requirements-dev.txt .venv/ready
	@.ci/venv requirements-dev.txt
	@touch $@

%.mo: %.po | .venv/ready
	@.venv/bin/pybabel -q compile --use-fuzzy -l ru -i $< -o $@

# Built beside its place and moved there whole: a build cut short leaves nothing behind.
$(DEMO): | .venv/ready
	@echo "Making the demo school (once)"
	@mkdir -p instance && rm -f $@.new $@.new-wal $@.new-shm
	@DATABASE_URL=sqlite:///$@.new $(PY) -m flask --app app demo
	@mv $@.new $@
