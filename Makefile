PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run train test check supply content-check unit rasa-tests stack safeguarding heads encoder training bench bench-find demo screenshots \
	bench-log load faults evaluate lint format requirements static images

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: ## make both environments and .env, if they are not there
	@$(PYTHON) scripts/setup.py

setup-dev:
	@$(PYTHON) scripts/setup.py --dev

run: setup ## set up what is missing and start the whole service
	@$(BIN)/gateway run

train: setup ## train the bot if its data changed; WHY="…" uses a model that finds less than the last
	@$(BIN)/gateway train $(if $(WHY),--because "$$WHY")

test: setup-dev ## set up what is missing and run every test
	@$(PYTHON) scripts/test.py

check: lint supply test ## lint and types, what we are built of, then every test

supply: setup-dev ## bills of materials in var/, and an audit of every pinned package
	@$(BIN)/python -m scripts.supply

unit: setup-dev ## only the quick tests, no service started
	$(BIN)/python -m pytest tests -m "not stack and not browser" --ignore=tests/rasa -n 2 --dist loadfile

safeguarding: training ## teach the risk network anew (an hour and more); ARGS="--further --passes 2" goes on with the one in use
	@bot/.venv-training/bin/python -m bot.training $(ARGS)

heads: training ## fit the risk network's heads anew on all messages (minutes)
	@bot/.venv-training/bin/python -m bot.training.heads $(ARGS)

encoder: training ## write the sentence encoder anew from the published weights
	@bot/.venv-training/bin/python -m bot.training.encoder

training: setup # what both need
	@test -x bot/.venv-training/bin/python || $(PYTHON) -m venv bot/.venv-training
	@bot/.venv-training/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/training.txt

bench: setup-dev train ## measure a running service, then the console with 1,000 and with 1,000,000 concerns (half an hour)
	@$(BIN)/python -m scripts.bench
	@$(BIN)/python -m scripts.bench_find

bench-find: setup-dev ## only the queue and each kind of search; ARGS="--counts 1000 50000 --times 40"
	@$(BIN)/python -m scripts.bench_find $(ARGS)

demo: setup ## fill a database of its own under var/demo with invented concerns, to try the console with
	@VAR_DIR=var/demo DATABASE_URL= $(BIN)/python -m scripts.demo --yes

screenshots: setup-dev ## take pictures of the console's pages with the data of the demo, into docs/console/ (minutes)
	@$(BIN)/python -m scripts.screenshots

bench-log: setup-dev ## measure the log: events made durable and rows verified, a second
	@$(BIN)/python -m scripts.bench_log

content-check: setup-dev ## whether what families read is sourced, up to date, plain and short
	@$(BIN)/python -m scripts.content

load: setup-dev train ## send texts and chats at a steady rate to a running service; ARGS="--rate 60 --seconds 300"
	@$(BIN)/python -m scripts.load $(ARGS)

faults: setup-dev ## break the service on purpose, ten thousand times, and balance the books (half an hour); ARGS="--faults 100000"
	@$(BIN)/python -m faults $(ARGS)

evaluate: setup-dev train ## how well families are understood: a table and var/report/; ARGS="--only risks --keep"
	@$(BIN)/python -m evaluation $(ARGS)

lint: setup-dev ## style and types
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

format: setup-dev ## put the code into shape
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

images: setup train ## try what the container images install and hold, without Docker (slow, 4 GB for a while)
	@sh scripts/check_images.sh

requirements: setup ## pin all requirement files anew, with hashes
	@sh scripts/requirements.sh

static: ## build the pages' styles and scripts from npm packages (needs Node; the result is committed)
	cd web/frontend && npm install --no-package-lock --no-audit --no-fund && npm run build
