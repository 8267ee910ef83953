#!/bin/sh
# Try what the images do, without Docker: for each one make a clean environment with its own install command, lay out
# the files that it copies, and import all that it will run. Takes some minutes and 4 GB under a temporary folder.
#
#   sh scripts/check_images.sh [web|worker|watcher|actions|rasa …]      (RASA_PYTHON names a Python 3.10 if none is found)
set -eu
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python_310() {
  for candidate in "${RASA_PYTHON:-}" "$(bot/.venv/bin/python -c 'import sys; print(sys.base_prefix)')/bin/python3.10" python3.10; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null; then echo "$candidate"; return; fi
  done
  echo "No Python 3.10: set RASA_PYTHON" >&2
  exit 1
}

# The install command as it stands in the Dockerfile, with its two absolute places moved under $work.
install() {
  sed -n '/^RUN python -m venv/,/[^\\]$/p' "docker/$1.Dockerfile" \
    | sed -e "s|^RUN python |RUN $2 |" -e 's|^RUN ||' -e "s|/opt/venv|$work/$3|g" -e "s|--requirement /|--requirement $root/requirements/|" \
    > "$work/install.sh"
  grep -q -- --require-hashes "$work/install.sh"
  sh -eu "$work/install.sh" >"$work/install.log" 2>&1 || { tail -n 40 "$work/install.log" >&2; exit 1; }
  # The slim images have no compiler: nothing may have been built for this kind of machine.
  if grep "Created wheel for .*-linux_" "$work/install.log" >&2; then exit 1; fi
}

# The files that the image copies from the repository. Each has the same place in both (tests/unit/test_docker.py).
lay_out() {
  mkdir -p "$work/$1"
  # Unquoted on purpose: the sources are patterns.
  tar --exclude=bot/.venv --exclude=web/frontend --exclude=__pycache__ -cf - \
    $(sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' "docker/$1.Dockerfile" | grep -v '^requirements/') | tar -C "$work/$1" -xf -
}

gateway_key() { python3 -c "import base64; print(base64.urlsafe_b64encode(bytes(32)).decode())"; }

try() {
  case $1 in
    web) (cd "$work/web" && "$work/gateway/bin/python" -m gateway --help >/dev/null \
      && SECRET_KEY=x DATA_KEYS=$(gateway_key) DATABASE_URL=postgresql://nowhere/x "$work/gateway/bin/python" -c "import web; web.create_app(); import gateway.commands.web_server") ;;
    worker) (cd "$work/worker" && "$work/gateway/bin/python" -m gateway --help >/dev/null \
      && SECRET_KEY=x DATA_KEYS=$(gateway_key) DATABASE_URL=postgresql://nowhere/x "$work/gateway/bin/python" -c "
from gateway import jobs, models, wording
from gateway.adapters import smtp_email, twilio_sms
from gateway.routing.routes import routing
import alembic.command, psycopg
jobs.app(), routing(), wording.say('chat.holding')") ;;
    watcher) (cd "$work/watcher" && SECRET_KEY=x DATA_KEYS=$(gateway_key) DATABASE_URL=postgresql://nowhere/x "$work/gateway/bin/python" -c "
import gateway.commands.watcher
from gateway.adapters import smtp_email, twilio_sms
from gateway.path import checks
checks.all_checks()") ;;
    actions) (cd "$work/actions" && SECRET_KEY=x DATA_KEYS=$(gateway_key) DATABASE_URL=postgresql://nowhere/x "$work/gateway/bin/python" -c "
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
executor = ActionExecutor()
executor.register_package('actions')
assert 'action_start_concern' in executor.actions, executor.actions
create_app(executor)") ;;
    rasa) (cd "$work/rasa" && RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3 PYTHONWARNINGS=ignore SQLALCHEMY_SILENCE_UBER_WARNING=1 \
      HOME="$work" "$work/python310/bin/python" -c "
import sys; sys.path.insert(0, '.')
import asyncio, psycopg2, bot.channels.gateway
from rasa.core.agent import Agent
found = asyncio.run(Agent.load('models/gateway.tar.gz').parse_message('what id do i need'))
assert found['intent']['name'] == 'visits', found['intent']
assert found['safeguarding']['level'] == 'none', found['safeguarding']") ;;
  esac
}

for image in ${*:-web worker watcher actions rasa}; do
  echo "=== $image"
  if [ "$image" = rasa ]; then python=$(python_310) venv=python310; else python=${PYTHON:-python3} venv=gateway; fi
  # web, worker, watcher and actions have the same install command (tests/unit/test_docker.py), so it is run once.
  [ -d "$work/$venv" ] || install "$image" "$python" "$venv"
  lay_out "$image"
  try "$image"
  echo "=== $image: its packages install and its files suffice ($(du -sm "$work/$venv" | cut -f1) MB of packages)"
done
