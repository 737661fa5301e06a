# syntax=docker/dockerfile:1
# 信网 in one image. Without DATABASE_URL it starts a PostgreSQL of its own in the volume.
# docs/deploy.md says how to run it.

# -- the packages, all from wheels: nothing is compiled --------------------------------------------
FROM python:3.13-slim-bookworm AS packages
RUN python -m venv /opt/venv
# requirements-s3.txt where photos are in object storage (docs/scaling.md), requirements-freeze.txt
# for `freeze --wacz` (docs/freeze.md); of its packages surt has no wheel, and is Python alone.
ARG REQUIREMENTS=requirements.txt
COPY ${REQUIREMENTS} /tmp/requirements.txt
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --only-binary :all: --no-binary surt -r /tmp/requirements.txt

# -- the site --------------------------------------------------------------------------------------
FROM python:3.13-slim-bookworm
# The Song typeface that link previews are set in (docs/deploy.md).
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/*
# An account with a name: initdb refuses a user that /etc/passwd doesn't know.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /app --shell /usr/sbin/nologin xinwang
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=xinwang.settings \
    HOST=0.0.0.0 \
    DEMO=false

# The code stays root's; var/ alone belongs to the account that serves. A new volume starts as a
# copy of it, static files included, so the container has nothing left to collect.
RUN python -m compileall -q xinwang articles manage.py \
 && install -d -o xinwang -g xinwang var var/static var/media
USER xinwang
RUN python -c "import django; django.setup(); from xinwang import run; run.collect_static()"

VOLUME /app/var
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "deploy/healthcheck.py"]

# Migrates under a lock of the database, then serves; see docs/deploy.md for why here.
CMD ["python", "-m", "xinwang.run"]
