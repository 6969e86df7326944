# Everything here does its own set-up: Python >= 3.11 and make are all that a fresh machine needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The demo has an environment of its own: each can be made while the other is in use.
DEMO_VENV := .venv-demo
DEMO_STAMP := $(DEMO_VENV)/.installed
# Two tools are Go programs, built from modules that are locked by hash. Where Go is missing they are left out, and say so.
GO := $(shell command -v go)
GO_TOOLS := .tools

# The prose check is a program of npm's, locked by hash too, and left out in the same way.
NPM := $(shell command -v npm)
PROSE := tools/prose/node_modules/.package-lock.json
READ = $(wildcard *.md docs/*.md examples/*.yml) action.yml $(COMMENTED)
# The Python files whose docstrings and comments it reads, and the sentences of the renderers.
COMMENTED = $(wildcard *.py tools/prose/*.py) $(shell find bench demo image requirements src -name '*.py' -not -name chinese.py)

# What GitHub's runner reads, here or in a user's repository.
WORKFLOWS = $(wildcard .github/workflows/*.yml examples/*.yml tests/runner/workflows/*.yml)

.PHONY: setup demo test coverage coverage-plain coverage-all mutate simulate schedules long crash check build-args image sbom audit e2e moments runner browser clients pictures bench bench-image prove repeat soak probe lock clean

setup: $(STAMP)

# Build tools come first: with them, and with nothing else, pip builds the one package that comes as source only.
$(STAMP): requirements/build.lock requirements/dev.lock requirements/install.py
	@$(PYTHON) requirements/install.py $(VENV) $(filter %.lock,$^) --for "Testing" \
	  --size "70 MB to download, 325 MB on disk" --time "one to four minutes"
	@touch $@

$(DEMO_STAMP): requirements/build.lock requirements/demo.lock requirements/install.py
	@$(PYTHON) requirements/install.py $(DEMO_VENV) $(filter %.lock,$^) --lean --for "The demo" \
	  --size "3 MB to download, 45 MB on disk" --time "about 10 seconds"
	@touch $@

# A Go program, at the version of its go.mod.
$(GO_TOOLS)/%: tools/%/go.mod tools/%/go.sum
	GOTOOLCHAIN=auto GOFLAGS=-mod=readonly $(GO) -C tools/$* build -o $(CURDIR)/$(GO_TOOLS)/ tool
	touch $@

$(PROSE): tools/prose/package-lock.json
	npm ci --prefix tools/prose
	touch $@

check: $(STAMP) $(if $(GO),$(GO_TOOLS)/actionlint) $(if $(NPM),$(PROSE))
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet --no-progress --pedantic $(WORKFLOWS) action.yml .github/dependabot.yml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema -q --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	$(BIN)/hadolint Dockerfile tests/runner/runner.dockerfile
	$(if $(GO),$(GO_TOOLS)/actionlint -shellcheck= -pyflakes= $(WORKFLOWS),@echo "actionlint: left out, there is no Go to build it with")
	$(if $(NPM),PYTHON=$(BIN)/python node --test --test-reporter=dot tools/prose/check.test.js,@echo "prose: left out, there is no npm to install it with")
	$(if $(NPM),PYTHON=$(BIN)/python node tools/prose/check.js $(READ))

# The main job against the emulator: three objects and a lost answer, then a failure, and what the server counted.
demo: $(DEMO_STAMP)
	@$(DEMO_VENV)/bin/python demo/run.py

TESTS := -m "not docker and not long and not browser and not runner and not clients"
# As many processes as there are processors. Who has run out of tests takes some of another's.
PARALLEL := -n auto --dist worksteal
# pytest rewrites the tests' assertions. That takes a tenth of the time, so it keeps the result, whatever the environment
# says.
test repeat: export PYTHONDONTWRITEBYTECODE =
test: $(STAMP)
	@echo "The quick tests: some 80 seconds on two processors."
	$(BIN)/pytest $(TESTS) $(PARALLEL)

# Runs `make test`'s tests N times, each time in another order, and stops where one fails: the seed in the head of that
# pass gives the same order once more (`pytest --randomly-seed=…`).
repeat: N = 200
repeat: $(STAMP)
	for pass in $$(seq $(N)); do echo "pass $$pass"; $(BIN)/pytest $(TESTS) $(PARALLEL) -p no:cacheprovider || exit 1; done

# Every branch of what decides, of what waits, and of what keeps secrets and commands out of the log is run by the tests of
# plain values and virtual time alone.
COVERED := */domain/*,*/engine/*,*/render/markup.py,*/hosts/github/*
PLAIN := $(addprefix tests/unit/,domain engine studio) $(wildcard tests/unit/test_*.py) tests/simulation/test_found.py
PLAIN += $(addprefix tests/unit/render/test_,attention.py harmless.py preview.py summary.py)
# What applies the redaction: every branch too, with the tests over HTTP.
REDACTING := */journal.py,*/post.py,*/wiring.py,*/hosts/inputs/credentials.py,*/dataworks/transport.py,*/dataworks/service.py,*/hosts/here.py
MEASURED := --cov --cov-report=
coverage: coverage-plain
	PYTEST_ADDOPTS="$(MEASURED)" $(MAKE) test
	$(MAKE) coverage-all

coverage-plain: $(STAMP)
	$(BIN)/pytest -q $(TESTS) $(PARALLEL) $(MEASURED) $(PLAIN)
	$(BIN)/coverage report --include "$(COVERED)" --fail-under=100

# After `make test` with MEASURED among pytest's options: it runs tests in processes of their own as well. What is not
# covered by plain tests has 95 % of its lines and branches run.
coverage-all: $(STAMP)
	$(BIN)/coverage report --include "$(REDACTING)" --fail-under=100
	$(BIN)/coverage report --omit "$(COVERED)" --fail-under=95

# Changes what decides in one place at a time and looks whether a test notices: some minutes on two processors.
# Installs its tool beside the others, by hash. `mutmut results` lists what survived; see docs/mutation.md.
mutate: $(STAMP)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-build-isolation -r requirements/mutation.lock
	nice -n 19 $(BIN)/mutmut run --max-children 2

# What takes longer: twenty thousand schedules of faults on virtual time, which use all processors by themselves; and real
# signals and kills, many objects, installations. Some must end within real seconds: one of those runs at a time.
SCHEDULES := tests/simulation/test_simulation.py::test_no_schedule_breaks_an_invariant
simulate: schedules long
schedules: $(STAMP)
	$(BIN)/pytest $(SCHEDULES)
long: $(STAMP)
	$(BIN)/pytest -m long --deselect $(SCHEDULES) -n 2 --dist loadgroup

# Kills the step at each event of each way. `make long` takes every fifth event of the longer ways.
crash: $(STAMP)
	CRASH_EVERY=1 $(BIN)/pytest tests/crash

# BASE replaces the Dockerfile's base image where no image registry can be reached: see .ci/base-image.
BASE ?=
export IMAGE ?= dataworks-deploy:local
image:
	DOCKER_BUILDKIT=$$(docker buildx version >/dev/null 2>&1 && echo 1 || echo 0) \
	  docker build $(if $(BASE),--build-arg BASE=$(BASE)) \
	    $$($(MAKE) -s build-args | sed 's/^/--build-arg /') --tag $(IMAGE) .

# What an image is built with, here and by a release: where it comes from, and its time, for the same layer again.
build-args:
	@echo REVISION=$$(git rev-parse HEAD 2>/dev/null)
	@echo SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || echo 0)
	@echo VERSION=$$(sed -n 's/^__version__ = "\(.*\)"$$/\1/p' src/dataworks_deploy/__init__.py)

# What the image says is in it, as CycloneDX JSON.
sbom:
	mkdir -p build
	docker run --rm --network none --entrypoint /opt/dataworks-deploy/bin/python $(IMAGE) -I -c \
	  'print(open("/opt/dataworks-deploy/sbom.cdx.json", encoding="utf-8").read(), end="")' >build/sbom.cdx.json

# Looks up known vulnerabilities of the packages that an image is made of and with, left-out ones included. Needs the
# lists of the package index; a package that is not found there is a failure, and not a pass.
AUDITED := requirements/runtime.lock requirements/build.lock requirements/image.lock
audit:
	$(PYTHON) -m venv --clear .audit
	.audit/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/audit.lock
	.audit/bin/pip-audit --strict --progress-spinner off --disable-pip --require-hashes $(AUDITED:%=-r %)

# Runs the image that `make image` has built last.
e2e: $(STAMP)
	$(BIN)/pytest -m docker

# Cancels that image at fifty moments of a step's life, and says what came of it: some minutes.
moments: $(STAMP)
	$(BIN)/pytest -s tests/e2e/moments.py

# What GitHub's pages are made of, by hash, and a browser to look at them: needs npm and Chromium.
PAGES := pictures/node_modules/.package-lock.json
$(PAGES): pictures/package-lock.json
	npm ci --prefix pictures
	touch $@

browser: $(STAMP) $(PAGES)
	$(BIN)/pytest -m browser

# The official core libraries of other languages against the emulator, locked by hash (Maven: by version). What is missing
# on this machine is left out, and its tests are skipped.
CLIENTS := tests/clients
$(CLIENTS)/node/node_modules/.package-lock.json: $(CLIENTS)/node/package-lock.json
	npm ci --ignore-scripts --prefix $(CLIENTS)/node
	touch $@

$(CLIENTS)/java/target/lib: $(CLIENTS)/java/pom.xml $(wildcard $(CLIENTS)/java/src/main/java/*.java)
	mvn -q -B -f $(CLIENTS)/java/pom.xml compile dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=target/lib
	touch $@

$(CLIENTS)/go/caller: $(CLIENTS)/go/go.mod $(CLIENTS)/go/go.sum $(CLIENTS)/go/main.go
	GOTOOLCHAIN=auto GOFLAGS=-mod=readonly $(GO) -C $(CLIENTS)/go build -o caller .

NODE_CALLER := $(if $(NPM),$(CLIENTS)/node/node_modules/.package-lock.json)
CALLERS := $(NODE_CALLER)
CALLERS += $(if $(shell command -v mvn),$(CLIENTS)/java/target/lib) $(if $(GO),$(CLIENTS)/go/caller)
clients: $(STAMP) $(CALLERS)
	$(BIN)/pytest -m clients

# Draws the summary of the demonstration for the README, with two fonts of Debian's: fonts-liberation and
# fonts-noto-color-emoji.
pictures: $(STAMP) $(PAGES)
	$(BIN)/python -m pictures docs/pictures

# Runs the examples and the workflows of tests/runner with act, offline. Needs the image, and Go to build act once.
runner: $(STAMP) $(if $(GO),$(GO_TOOLS)/act)
	BASE=$(BASE) $(BIN)/pytest -m runner

# Measures time, calls and memory on the emulated service: less than 25 minutes, best on an idle machine. CASE names those
# to measure alone; `.venv/bin/python -m bench --help` lists them. The case `others` runs a Node script too, with the
# packages of `make clients`; without npm it leaves the script out, and says so.
CASE ?=
bench: $(STAMP) $(if $(filter others,$(or $(CASE),others)),$(NODE_CALLER))
	$(BIN)/python -m bench $(CASE)

# Measures size and start of the image that `make image` has built last, beside a plain image on the same base.
bench-image: $(STAMP)
	$(BIN)/python -m bench.image

# Plays N schedules of faults and holds each against the invariants; then tries FUZZ inputs and answers of the service.
N ?= 1000000
FUZZ ?= 1000000
prove: $(STAMP)
	$(BIN)/python -m tests.simulation.prove $(N)
	$(BIN)/python -m tests.fuzz $(FUZZ)

# A graph of a thousand objects in one step, one in twenty calls going wrong: what is lost, double or too early, what grows.
soak: $(STAMP)
	@$(BIN)/python -m tests.soak

# Tries on the live service what the action leans on: with the key in ALIBABA_CLOUD_ACCESS_KEY_ID and …_SECRET, and an
# object that nobody needs. Says what it will do, and asks.
probe: $(STAMP)
	@$(BIN)/python -m probe --project-id "$(PROJECT)" --object-id "$(OBJECT)" --region "$(REGION)"

# Only for maintainers who change a dependency: needs uv. `make lock UPGRADE=--upgrade` takes newer ones. Extras stay in
# the locks: without them pip 23 takes `coverage[toml]` for a package of its own, of the newest release and without a hash.
lock:
	for name in audit build image; do \
	  uv pip compile -q $(UPGRADE) --universal --no-strip-extras --generate-hashes --python-version 3.11 requirements/$$name.in -o requirements/$$name.lock; \
	done
	uv pip compile -q $(UPGRADE) --universal --no-strip-extras --generate-hashes --python-version 3.11 pyproject.toml -o requirements/runtime.lock
	uv pip compile -q $(UPGRADE) --universal --no-deps --no-strip-extras --generate-hashes --python-version 3.11 requirements/demo.in -c requirements/runtime.lock -o requirements/demo.lock
	uv pip compile -q $(UPGRADE) --universal --no-strip-extras --generate-hashes --python-version 3.11 pyproject.toml --group dev -o requirements/dev.lock
	uv pip compile -q $(UPGRADE) --universal --no-strip-extras --generate-hashes --python-version 3.11 pyproject.toml --group dev --group mutation -c requirements/dev.lock -o requirements/mutation.lock

clean:
	rm -rf $(VENV) $(DEMO_VENV) .audit .mypy_cache .pytest_cache .ruff_cache .import_linter_cache $(GO_TOOLS)
