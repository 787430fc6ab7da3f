#!/bin/bash
# InfluxQL (Grafana's dashboards) finds the bucket under a database's name. The image runs this once, after its own set-up.
set -euo pipefail
influx v1 dbrp create --org "$DOCKER_INFLUXDB_INIT_ORG" --token "$DOCKER_INFLUXDB_INIT_ADMIN_TOKEN" \
    --db "$DOCKER_INFLUXDB_INIT_BUCKET" --rp autogen --bucket-id "$DOCKER_INFLUXDB_INIT_BUCKET_ID" --default
