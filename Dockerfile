# The service as an image: docker build --tag pipedrive-connector .
#
# It runs as user 10001, reads /etc/pipedrive-connector/connector.yaml, and writes only below
# /var/lib/pipedrive-connector: the root file system may be read-only.

ARG DEBIAN=debian:bookworm-slim

FROM ${DEBIAN} AS build
WORKDIR /src
COPY scripts/install-deps.sh scripts/
RUN scripts/install-deps.sh build
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY proto proto
COPY src src
RUN cmake --preset release -DCONNECTOR_BUILD_TESTS=OFF \
 && cmake --build --preset release --target pipedrive-connector \
 && strip build/release/pipedrive-connector

FROM ${DEBIAN}
# What the binary is linked with; tests/image/run holds this list against it.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates \
      libabsl20220623 libcurl4 libgrpc++1.51 libgrpc29 libphonenumber8 libprometheus-cpp-core1.0 libprotobuf32 \
      libsimdjson14 libsqlite3-0 libpq5 libyaml-cpp0.7 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log \
 && groupadd --gid 10001 connector \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/pipedrive-connector \
      --shell /usr/sbin/nologin connector \
 && install -d -m 0750 -o 10001 -g 10001 /var/lib/pipedrive-connector \
 && install -d -m 0755 /etc/pipedrive-connector
COPY --from=build /src/build/release/pipedrive-connector /usr/local/bin/

ARG VERSION=0.1.0
ARG REVISION=""
LABEL org.opencontainers.image.title="pipedrive-connector" \
      org.opencontainers.image.description="Keeps a Pipedrive account and a Brevo account in step" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

USER 10001:10001
WORKDIR /var/lib/pipedrive-connector
VOLUME /var/lib/pipedrive-connector
# gRPC, webhooks and OAuth, metrics and health.
EXPOSE 9090 8080 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=1m --retries=3 CMD ["pipedrive-connector", "health"]
ENTRYPOINT ["pipedrive-connector"]
CMD ["serve", "--config", "/etc/pipedrive-connector/connector.yaml"]
