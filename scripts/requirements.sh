#!/bin/sh
# Pin every requirement file anew, with hashes. The *.in files say what is wanted and why.
set -eu
cd "$(dirname "$0")/.."
pin() { .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url "$@"; }
pin --universal --python-version 3.11 -o requirements/uv.txt requirements/uv.in
pin --universal --python-version 3.11 -o requirements/gateway.txt requirements/gateway.in
pin --universal --python-version 3.11 -o requirements/dev.txt requirements/dev.in
pin --python-version 3.10 -o requirements/rasa.txt requirements/rasa.in
pin --python-version 3.10 -o requirements/rasa-dev.txt requirements/rasa-dev.in
pin --python-version 3.11 -o requirements/training.txt requirements/training.in
python3 scripts/cpu_only.py requirements/training.txt
