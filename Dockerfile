# Sluice for containers: docker build -t sluice .
# Debian with Node 18 or newer; the set-up brings Node 24, and compiles faiss-node where no prebuilt one is reached.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /sluice
COPY . .
RUN node infra/setup.mjs && npm prune --omit=dev --ignore-scripts

FROM ${BASE}
# What faiss-node is linked with, and ffmpeg for videos and cameras.
RUN apt-get update && apt-get install -y --no-install-recommends libopenblas0 libgomp1 ffmpeg && rm -rf /var/lib/apt/lists/*
COPY --from=build /sluice /sluice
# Where the output folder of a pipeline over cameras belongs: a volume that is mounted here has the same owner.
RUN install -d -o 10001 -g 10001 /var/lib/sluice
# No user of this image owns another file of it, and a worker over Kafka writes none.
USER 10001
ENTRYPOINT ["/sluice/node_modules/.bin/node", "/sluice/pipelines/cli.ts"]
CMD ["--help"]
