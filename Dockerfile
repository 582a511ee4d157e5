# The gateway as a container: a few files of JavaScript made of its sources and packages, and an unprivileged user.
#
#   docker build -t didfarm-gateway .
#   docker run --rm -v gateway-data:/app/data didfarm-gateway node dist/main.js token create --name noc --role OPERATOR
#   docker run -p 4000:4000 -v gateway-data:/app/data -e DIDFARM_API_KEY=df_live_… -e PUBLIC_URL=https://graph.example.com didfarm-gateway
#
# Other machines reach it, so it asks everybody who they are: by the tokens of ACCESS_FILE, which lies in the volume; by JWTs alone with
# -e ACCESS_FILE=. Where ACCESS_FILE is elsewhere, mount its folder and not the file: a changed file is another one of the same name.
# PUBLIC_URL is the address that callers use: requests for other hosts than its own and loopback are refused (421).

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src ./src
COPY tools ./tools
RUN node --disable-warning=ExperimentalWarning tools/build.ts

FROM node:24-slim
ENV NODE_ENV=production
# V8 lets new objects take 64 MB before it looks what of them is needed, and keeps those. A gateway that starts or idles needs 16.
ENV NODE_OPTIONS=--max-semi-space-size=8
# What is not V8's is given back as it is freed: otherwise 12 MB more stay of the start.
ENV MALLOC_ARENA_MAX=1
ENV MALLOC_TRIM_THRESHOLD_=131072
ENV NODE_COMPILE_CACHE=/app/compiled
ENV HOST=0.0.0.0
ENV ACCESS_FILE=/app/data/access.json
WORKDIR /app
COPY package.json ./
COPY --from=build /app/dist ./dist
RUN mkdir data compiled && chown node:node data compiled
USER node
# Compiled once, here, by the user who runs it: V8 takes the result of nobody else. Then it is nobody's to change.
RUN node -e "import('./dist/app.js')" && node dist/main.js token --help > /dev/null
USER root
RUN chown -R 0:0 compiled && chmod -R a=rX compiled
USER node
VOLUME ["/app/data"]
EXPOSE 4000
# Alive, not ready: a container that waits for DIDfarm to come back is no better off restarted.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The exec form: signals reach the gateway itself, which stops in good order.
CMD ["node", "--disable-warning=ExperimentalWarning", "dist/main.js"]
