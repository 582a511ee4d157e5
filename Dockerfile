# The gateway as a container: production dependencies only, an unprivileged user, TypeScript run as it is.
#
#   docker build -t didfarm-gateway .
#   docker run --network host -v gateway-data:/app/data -e DIDFARM_API_KEY=df_live_… didfarm-gateway
#
# HOST is left at 127.0.0.1, and a HOST that other machines can reach is refused as long as there is no access control: whoever reached
# the port could spend the account's money. So published ports (-p) lead nowhere. Give the container the host's network as above, or
# put a proxy that checks its callers into the container's own network (a sidecar in its pod, --network container:NAME).

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
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
