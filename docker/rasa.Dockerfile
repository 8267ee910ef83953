# Rasa with the trained model. Train first: `make train` writes models/gateway.tar.gz, which goes into the image.
#   docker build --file docker/rasa.Dockerfile --tag family-gateway-rasa .
# Large, because Rasa 3.6 cannot be imported without TensorFlow, though no model of ours uses it. Python 3.10 is the
# newest that Rasa accepts and gets no more security fixes: keep this container on an internal network.
# How the base is pinned: docker/web.Dockerfile.
FROM python:3.10-slim-bookworm AS packages
COPY requirements/rasa.txt /
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement /rasa.txt \
    && /opt/venv/bin/pip uninstall --yes pip

FROM python:3.10-slim-bookworm
# What `gateway rasa` sets as well: no telemetry, and no log level at which Rasa would print what families write.
# HOME, because some of Rasa's parts want a place for a cache.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    RASA_TELEMETRY_ENABLED=false LOG_LEVEL=WARNING \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 PYTHONWARNINGS=ignore
WORKDIR /srv/gateway
COPY --from=packages /opt/venv /opt/venv
COPY credentials.yml endpoints.yml ./
COPY data/encoder data/encoder
COPY data/safeguarding data/safeguarding
COPY bot bot
COPY models/gateway.tar.gz models/
COPY docker/rasa_understands.py docker/
USER 10001:10001
EXPOSE 5005
# Rasa answers at / even when it could not load its model, so it is asked what a message means. Loading takes 20 seconds.
HEALTHCHECK --interval=15s --timeout=6s --start-period=90s CMD ["python", "docker/rasa_understands.py"]
# RASA_TRACKER_URL and ACTIONS_URL, which endpoints.yml names, come from docker/compose.yml.
CMD ["rasa", "run", "--model", "models/gateway.tar.gz", "--interface", "0.0.0.0", "--port", "5005", \
     "--credentials", "credentials.yml", "--endpoints", "endpoints.yml"]
