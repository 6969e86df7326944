# What the jobs' own `run` steps find here of GitHub's ubuntu-latest: a shell, and jq, which one example uses.
ARG BASE
FROM ${BASE}
# Any version of jq will do: no result depends on it.
# hadolint ignore=DL3008
RUN apt-get update -q \
 && apt-get install -y -q --no-install-recommends jq \
 && rm -rf /var/lib/apt/lists/*
