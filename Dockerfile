# The gateway as a container: production dependencies only, an unprivileged user, TypeScript run as it is.
#
#   docker build -t didfarm-gateway .
#   docker run --rm -v gateway-data:/app/data didfarm-gateway node src/main.ts token create --name noc --role OPERATOR
#   docker run -p 4000:4000 -v gateway-data:/app/data -e DIDFARM_API_KEY=df_live_… -e PUBLIC_URL=https://graph.example.com didfarm-gateway
#
# Other machines reach it, so it asks everybody who they are: by the tokens of ACCESS_FILE, which lies in the volume; by JWTs alone with
# -e ACCESS_FILE=. Where ACCESS_FILE is elsewhere, mount its folder and not the file: a changed file is another one of the same name.
# PUBLIC_URL is the address that callers use: requests for other hosts than its own and loopback are refused (421).

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
ENV HOST=0.0.0.0
ENV ACCESS_FILE=/app/data/access.json
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
RUN mkdir data && chown node:node data
USER node
VOLUME ["/app/data"]
EXPOSE 4000
# Alive, not ready: a container that waits for DIDfarm to come back is no better off restarted.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The exec form: signals reach the gateway itself, which stops in good order.
CMD ["node", "--disable-warning=ExperimentalWarning", "src/main.ts"]
