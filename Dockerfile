# The action's container image. It is built from a plain checkout: by GitHub's runner at the start of a job, by `make
# image`, and on machines without BuildKit; hence no heredocs and no `RUN --mount`.

# The digest is that of the multi-platform index, and the tag before it is for readers. Where no image registry can be
# reached, `.ci/base-image` makes a stand-in, and `--build-arg BASE=` names it.
ARG BASE=python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

FROM ${BASE} AS builder

# Build tools live in an environment of their own, so that none of them can end up in the image.
COPY requirements/build.lock requirements/runtime.lock /src/requirements/
RUN python3 -m venv /build \
 && /build/bin/pip install -q --disable-pip-version-check --no-cache-dir --require-hashes \
      -r /src/requirements/build.lock \
 && /build/bin/pip wheel -q --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
      --no-build-isolation -w /wheels -r /src/requirements/runtime.lock

# An environment without pip. Its interpreter is a link to the base's own, wherever that is (/usr/local/bin or
# /usr/bin), and both stages have the same base: so one fixed path starts python in either.
# actions-toolkit installs its tests as a top-level package; nothing needs them.
RUN python3 -m venv --without-pip /opt/dataworks-deploy \
 && /build/bin/pip --python /opt/dataworks-deploy/bin/python install -q --disable-pip-version-check --no-cache-dir \
      --no-index --no-deps --no-compile /wheels/*.whl \
 && rm -rf /opt/dataworks-deploy/lib/python3*/site-packages/tests

COPY pyproject.toml README.md LICENSE /src/
COPY src/dataworks_deploy /src/src/dataworks_deploy
RUN /build/bin/pip wheel -q --disable-pip-version-check --no-cache-dir --no-deps --no-build-isolation -w /own /src \
 && /build/bin/pip --python /opt/dataworks-deploy/bin/python install -q --disable-pip-version-check --no-cache-dir \
      --no-index --no-deps --no-compile /own/*.whl

# action.yml's `post-entrypoint` names one file and gives no arguments. So every entry script can be started by itself
# too: the kernel hands on one word of options, and it says the same as ENTRYPOINT below.
COPY *entrypoint.py /opt/dataworks-deploy/
RUN sed -i '1i #!/opt/dataworks-deploy/bin/python -Iu' /opt/dataworks-deploy/*entrypoint.py \
 && chmod 755 /opt/dataworks-deploy/*entrypoint.py

# What runs, and nothing else: image/prune.py has the rule, image/keep.py every exception with its reason.
COPY requirements/image.lock /src/requirements/
RUN /build/bin/pip install -q --disable-pip-version-check --no-cache-dir --require-hashes -r /src/requirements/image.lock
COPY image /src/image
ARG SOURCE_DATE_EPOCH=0
WORKDIR /src
# 1. Makes the image's file system and describes it. 2. Has the image's own python, with nothing around it but the image,
# import and try everything: what is missing fails here, not at the user's. 3. Sets all times, so that the same sources
# give the same layer, whenever it is built.
RUN PYTHONPATH=src /build/bin/python -m image /opt/dataworks-deploy /image \
 && chroot /image /opt/dataworks-deploy/bin/python -I -B - <image/check.py \
 && find /image -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +


FROM scratch
COPY --from=builder /image /

# Fewer pools of memory for the threads of calls: three megabytes less with a thousand objects.
ENV MALLOC_ARENA_MAX=2

ARG BASE
ARG REVISION=
ARG VERSION=
LABEL org.opencontainers.image.title="DataWorks Deploy" \
      org.opencontainers.image.description="GitHub Action that deploys Alibaba Cloud DataWorks objects" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE}"

# No shell in between: python has to be process 1 and get the runner's signals, and a shell would drop the variables
# with a hyphen in their names, which the inputs are. No USER: the runner's files belong to root.
# -I: the working directory is the user's repository, and PYTHONPATH may come from the user's workflow; a json.py found
#     there must never be imported.
# -u: a line that the runner should act on has to leave at once; -I makes python blind to PYTHONUNBUFFERED.
ENTRYPOINT ["/opt/dataworks-deploy/bin/python", "-I", "-u", "/opt/dataworks-deploy/entrypoint.py"]
