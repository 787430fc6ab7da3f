#!/bin/bash
# ./run.sh COMMAND ...: sets up what is missing, builds what has changed, and starts the daemon's executable with the arguments.
# A second run does neither. Try: ./run.sh demo, ./run.sh --help
set -euo pipefail
# shellcheck source=build/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/build/common.sh"

project=src/StreamForecaster.Worker/StreamForecaster.Worker.csproj
stamp=$root/artifacts/.worker-built
lock=$root/artifacts/.build-lock

build_worker() {
    need_dotnet
    mkdir -p "$root/artifacts"
    exec 8>"$lock"
    flock 8
    sources_changed "$stamp" src build || return 0
    need_page
    say "Building (once, until a source changes) ..."
    touch "$stamp.new"
    # The analyzers are test.sh's concern: without them the first start is twice as quick.
    (cd "$root" && quietly dotnet build "$project" -c Release -v quiet -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false 8>&-) \
        || fail "The build failed: see above."
    mv "$stamp.new" "$stamp"
    exec 8>&-
}

need_native_kafka
! sources_changed "$stamp" src build || build_worker
exec "$(executable StreamForecaster.Worker)" "$@"
