# syntax=docker/dockerfile:1
# The daemon in a container: page packages, build, and a run-time image without compiler, running as nobody in particular.
# Written for a machine with a network; no image could be pulled where it was written, so it has not been built yet.

FROM node:22-bookworm-slim AS page
WORKDIR /page
COPY src/StreamForecaster.Worker/Live/Page/package.json src/StreamForecaster.Worker/Live/Page/package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json .editorconfig BannedSymbols.txt Directory.Build.props Directory.Packages.props ./
COPY src/ src/
COPY --from=page /page/node_modules/uplot/dist/uPlot.esm.js /page/node_modules/uplot/dist/uPlot.min.css src/StreamForecaster.Worker/Live/Page/vendor/
# librdkafka comes from its NuGet package here.
RUN dotnet publish src/StreamForecaster.Worker/StreamForecaster.Worker.csproj -c Release -o /app \
    -p:Librdkafka=redist -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
COPY configs/docker.json /etc/streamforecaster/settings.json
COPY --chmod=755 deploy/healthcheck.sh /usr/local/bin/healthcheck
# State, spool and result files; a volume of this folder takes over its owner.
RUN mkdir -p /var/lib/streamforecaster && chown "$APP_UID" /var/lib/streamforecaster
VOLUME /var/lib/streamforecaster
USER $APP_UID
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["healthcheck", "live"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "StreamForecaster.Worker.dll"]
CMD ["run", "--config", "/etc/streamforecaster/settings.json"]
