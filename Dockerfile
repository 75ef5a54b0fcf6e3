# Two images from one file:
#
#   docker build --target service         -t curve-diagnosis .           POST /diagnose; a few hundred MB
#   docker build --target service-overfit -t curve-diagnosis:overfit .   with torch, for POST /overfit-check too
#   docker run --rm -e ALLOW_ANONYMOUS=1 -p 127.0.0.1:8000:8000 curve-diagnosis
#
# The tag names Python's minor version and Debian's release: 3.11 is what the tests run on, and within the tag
# come security fixes. Whoever needs the same bytes twice adds the digest: FROM python:3.11-slim-bookworm@sha256:…
FROM python:3.11-slim-bookworm AS python
ENV PATH=/app/venv/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /app


# What the service stands on, before its code: a change of the code alone does not install this again.
FROM python AS packages
COPY pyproject.toml constraints.txt ./
RUN python -m venv venv \
 && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
    > requirements.txt \
 && pip install --constraint constraints.txt --requirement requirements.txt


# On x86 the default torch brings CUDA's libraries, several GB of them: the image then runs on the CPU, and on
# a GPU with `docker run --gpus all` where the host has NVIDIA's driver and container toolkit. For a CPU-only
# image, of about 1.3 GB, give the address of PyTorch's index of CPU builds: --build-arg TORCH_INDEX=https://…
FROM packages AS packages-overfit
ARG TORCH_INDEX=""
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['overfit'], sep='\n')" \
    > requirements-overfit.txt \
 && pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \
    --constraint constraints.txt --requirement requirements-overfit.txt


FROM python AS code
COPY pyproject.toml LICENSE README.md openapi.yaml ./
COPY diagnosis/ diagnosis/
COPY schemas/ schemas/
COPY service/ service/
# The command is written for the Python of this stage, and is to run with that of the packages.
RUN pip install --no-deps --target code . \
 && sed -i '1s|.*|#!/app/venv/bin/python|' code/bin/curve-diagnosis


# HOST: inside a container, loopback would be reachable by nobody; who may reach the port is decided by `-p`
# or the cluster. So the image starts only with keys (API_KEYS or API_KEYS_FILE), or with ALLOW_ANONYMOUS=1; health
# needs no key.
# Temporary files of gunicorn's workers go to /dev/shm (service/gunicorn.py), for a container's /tmp may be a disk
# that stalls; nothing else is written, so `docker run --read-only --tmpfs /tmp` works.
FROM python AS runtime
RUN groupadd --gid 10001 service \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin service
ENV HOST=0.0.0.0 \
    PATH=/app/code/bin:$PATH \
    PORT=8000 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app/code \
    PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
CMD ["gunicorn", "-c", "python:service.gunicorn", "service.wsgi:app"]


FROM runtime AS service-overfit
COPY --from=packages-overfit /app/venv/ venv/
COPY --from=code /app/code/ code/


# The last one is what `docker build` makes when no target is named.
FROM runtime AS service
COPY --from=packages /app/venv/ venv/
COPY --from=code /app/code/ code/
