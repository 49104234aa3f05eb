# One node of Marketcast. This file has not been built in this repository's checks, which have no container engine; a test
# starts the server from exactly the files that .dockerignore lets in, and runs the two commands below.
FROM node:24-slim

WORKDIR /app

# What is installed changes less often than the code, so it is a layer of its own. Where npm ran no install scripts, the
# second command puts Bun in place: later, the user below could not.
COPY package.json package-lock.json .npmrc ./
COPY scripts/ensure-bun.mjs scripts/
RUN npm ci --omit=dev && node scripts/ensure-bun.mjs && npm cache clean --force

COPY . .

# Ordinary users write nowhere but here.
RUN mkdir /data && chown node:node /data
ENV DATA_DIR=/data
VOLUME /data
USER node

EXPOSE 8000
# The process lives. Whether it should be sent visitors is /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8000) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# Without a shell or npm between: a stop is a signal to the server itself, which then hands its sockets over.
CMD ["node_modules/.bin/bun", "--no-env-file", "server/main.ts"]
