#!/bin/bash
# Makes the topics that the chain needs, where they are not there yet. Partitions bound how far the worker scales out.
set -euo pipefail
servers=${BOOTSTRAP_SERVERS:-localhost:9092}
partitions=${PARTITIONS:-6}
replicas=${REPLICAS:-1}

create() {
    /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$servers" --create --if-not-exists \
        --topic "$1" --partitions "$partitions" --replication-factor "$replicas" "${@:2}"
}

create metrics --config retention.ms=259200000
create forecasts --config retention.ms=259200000
create anomalies --config retention.ms=604800000
create dead-letters --config retention.ms=604800000
