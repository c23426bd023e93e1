FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends \
        libgomp1 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/uv.txt requirements/run.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && uv pip install --system --no-cache --require-hashes -r requirements/run.txt
COPY . .
# What pages load, from its own lock; the packages it was made with are not kept.
RUN python -m serving.assets.build && rm -rf serving/assets/node_modules /root/.npm
# What is mounted here is owned by who runs in here, and read by nobody else.
RUN uv pip install --system --no-cache --no-deps --no-build-isolation . \
    && useradd --create-home --uid 10001 lamppost \
    && install -d -o lamppost -m 0700 \
        /store /keys/pseudonym /keys/audit /keys/service /keys/tokens /anchors /mlflow \
    && install -d -o lamppost -m 0700 /home/lamppost/.mlflow
USER 10001
ENV LAMPPOST_STORE=/store OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
ENTRYPOINT ["lamppost"]
CMD ["--help"]
