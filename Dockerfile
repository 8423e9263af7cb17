# One image for every process: `serve` (the default), `worker`, `migrate` and the operator's verbs.
FROM python:3.13-slim AS build
COPY requirements.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin minqing \
    && install -d -m 0700 -o minqing -g minqing /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/minqing
COPY . .
RUN /opt/venv/bin/python -m compileall -q app qr migrations
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MINQING_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000
USER minqing
VOLUME /data
EXPOSE 8000
# A worker or a migration answers no requests: start those with --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/livez\", timeout=4)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
