# Everything is built here; the image that runs has no compiler, no npm and no package of the tests.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /opt/assent
ENV XDG_CACHE_HOME=/var/cache \
    CI=true \
    # The worker is always built, on Debian's libraries: Debian's security updates then reach it too.
    MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD=true

# The worker takes minutes and changes rarely: a layer of its own, before the sources.
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN node scripts/build.mjs worker

COPY tsconfig.json ./
COPY src src
COPY client client
RUN node scripts/build.mjs client

# The Node that runs is the locked one, under a path that does not name the processor.
RUN mkdir /out \
 && cp /var/cache/assent/sfu-worker/*/mediasoup-worker /out/ \
 && cp node_modules/node-linux-*/bin/node /out/ \
 && npm prune --omit=dev --omit=optional \
 && rm -rf node_modules/mediasoup/worker


FROM debian:bookworm-20260824-slim
RUN apt-get update \
 && apt-get upgrade --yes \
 && apt-get install --yes --no-install-recommends \
    libabsl20220623 libatomic1 libsrtp2-1 libssl3 libstdc++6 libuv1 tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin assent \
 && install --directory --owner=assent --group=assent --mode=0700 \
    /var/lib/assent /var/lib/assent-guard /var/lib/assent-backups \
 # There is no npx here: what the documents call by it is a command.
 && printf '#!/bin/sh\nexec node /opt/assent/src/cli/main.ts "$@"\n' > /usr/local/bin/assent \
 && chmod 0755 /usr/local/bin/assent

COPY --from=build /out/node /usr/local/bin/node
COPY --from=build /out/mediasoup-worker /usr/local/lib/assent/mediasoup-worker
WORKDIR /opt/assent
COPY package.json ./
COPY config config
COPY --from=build /opt/assent/node_modules node_modules
COPY --from=build /opt/assent/dist dist
COPY src src

ENV NODE_ENV=production \
    MEDIASOUP_WORKER_BIN=/usr/local/lib/assent/mediasoup-worker \
    ASSENT_DATA_DIR=/var/lib/assent \
    ASSENT_GUARD_FILE=/var/lib/assent-guard/guard \
    # Apart from the vault: a copy of the data alone opens nothing.
    ASSENT_VAULT_KEY_FILE=/var/lib/assent-guard/vault.key \
    ASSENT_BACKUP_DIR=/var/lib/assent-backups

# Nothing but the three folders is written to: the rest of the file system can be read-only.
USER assent
VOLUME ["/var/lib/assent", "/var/lib/assent-guard", "/var/lib/assent-backups"]
EXPOSE 4443/tcp 44443/tcp 44443/udp

HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# tini takes the place of process 1: it passes signals on and buries the recorder's processes.
ENTRYPOINT ["tini", "--", "node", "src/main.ts"]
CMD ["--config", "/etc/assent/assent.json"]
