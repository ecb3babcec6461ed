# Builds an image that serves the site: docker build -t jsi-tracker .
# The Python version is the one used in CI. Debian 13 provides the PostgreSQL 17 client, which can back up the server in
# compose.yaml.
FROM python:3.11-slim-trixie AS wheels
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.11-slim-trixie
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home tracker
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PRODUCTION=1
COPY --from=wheels /venv /venv
WORKDIR /site
COPY manage.py gunicorn.conf.py ./
COPY fixtures fixtures
COPY jsi_tracker jsi_tracker
COPY members members
COPY issues issues
COPY packages/bracketed-text/src packages/bracketed-text/src
COPY static static
COPY templates templates
COPY locale locale
# The collected files do not depend on this key. The actual key is supplied when the site starts.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(64))') python manage.py collectstatic --noinput \
    && mkdir var && chown tracker var
USER tracker
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000"]
