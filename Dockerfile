# Waypost as a service. Build: docker compose build. Settings: .env.example.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md ./
COPY catalog catalog
COPY graphql_schema graphql_schema
COPY lineage lineage
COPY loaders loaders
COPY server server
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.12-slim
# A number, so that an orchestrator can see that it is not root.
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin waypost \
    && install --directory --owner=10001 --group=10001 /home/waypost/var
# Only from the wheels of the first stage: no package of the same name from anywhere else.
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels waypost
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# The embedded store, sqlite:var/waypost.db, lies in /home/waypost/var: mount a volume there to keep it.
WORKDIR /home/waypost
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["waypost", "health"]
# Set WAYPOST_HOST=0.0.0.0 to be reached from outside the container; the server then refuses to start
# without WAYPOST_TOKENS.
CMD ["waypost", "serve"]
