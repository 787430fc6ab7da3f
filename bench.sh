#!/bin/bash
# ./bench.sh WORD ...: runs tests/StreamForecaster.Benchmarks (Release). Without a word it lists what can be measured.
set -euo pipefail
# shellcheck source=build/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/build/common.sh"

project=tests/StreamForecaster.Benchmarks/StreamForecaster.Benchmarks.csproj
stamp=$root/artifacts/.benchmarks-built

need_native_kafka
if sources_changed "$stamp" src build tests/StreamForecaster.Benchmarks; then
    need_dotnet
    say "Building the benchmarks (once, until a source changes) ..."
    mkdir -p "$root/artifacts"
    touch "$stamp.new"
    (cd "$root" && quietly dotnet build "$project" -c Release -v quiet -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false) \
        || fail "The build failed: see above."
    mv "$stamp.new" "$stamp"
fi
exec "$(executable StreamForecaster.Benchmarks)" "$@"
