#!/bin/bash
# healthcheck live|ready: asks the daemon in this container; exit status 0 where it answers 200. Images have bash, but no curl.
# The token is taken from where the daemon takes it.
set -u
check=${1:-live}
port=${STREAMFORECASTER_HEALTH_PORT:-8080}
token=${STREAMFORECASTER__HTTP__TOKEN:-}
file=${STREAMFORECASTER__HTTP__TOKENFILE:-}
[ -n "$token" ] || [ -z "$file" ] || token=$(<"$file")

exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
printf 'GET /healthz/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n' "$check" "$token" >&3
IFS= read -r -t 4 status <&3 || exit 1
case $status in
    *' 200 '*) exit 0 ;;
    *) cat <&3 >&2; exit 1 ;;
esac
