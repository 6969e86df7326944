# What the jobs' own `run` steps find here of GitHub's ubuntu-latest: a shell, and jq and gh, which examples use.
ARG BASE
FROM ${BASE}
# Any version of them will do: no result depends on it.
# hadolint ignore=DL3008
RUN apt-get update -q \
 && apt-get install -y -q --no-install-recommends gh jq \
 && rm -rf /var/lib/apt/lists/*
