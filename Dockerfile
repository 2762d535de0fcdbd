# docker build -t tr-05-pulsedive .
# docker run -dp 9090:9090 tr-05-pulsedive
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/pulsedive-relay ./cmd/pulsedive-relay \
 && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/pulsedive-relay /pulsedive-relay
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV TMPDIR=/data
EXPOSE 9090
HEALTHCHECK --interval=30s --timeout=5s --start-period=2s CMD ["/pulsedive-relay", "healthcheck"]
ENTRYPOINT ["/pulsedive-relay"]
