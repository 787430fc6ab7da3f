#!/bin/bash
# ./test.sh                 sets up what is missing, builds with the analyzers on, runs every test, ends with one line:
#                           N passed, N failed, N skipped
# ./test.sh long [NAME...]  runs the long forms of the system tests, all or those named
# ./test.sh Project...      runs the named test projects only (StreamForecaster.Tests ...)
set -euo pipefail
# shellcheck source=build/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/build/common.sh"

results=$root/artifacts/test-results
stamp=$root/artifacts/.tests-built
passed=0 failed=0 skipped=0
long_names="kill faults kafka outage disk-full rebalance soak fuzz"
filter=()

# What the system tests start: a database of each kind, a browser, a foreign Kafka client, and Java for the real broker.
set_up_packages() {
    local -a missing=()
    command -v chromium >/dev/null || missing+=(chromium)
    command -v influxd >/dev/null || missing+=(influxdb)
    command -v victoria-metrics >/dev/null || missing+=(victoria-metrics)
    command -v kcat >/dev/null || missing+=(kcat)
    command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing for the tests: ${missing[*]} ..."
    apt_install "${missing[@]}" && return 0
    # One that is not to be had must not keep the others away.
    local package
    for package in "${missing[@]}"; do
        apt_install "$package" \
            || say "$package is missing and could not be installed: the tests that need it are skipped. Install it with: apt-get install $package"
    done
}

build_all() {
    if ! sources_changed "$stamp" src tests build StreamForecaster.sln .editorconfig BannedSymbols.txt; then
        return
    fi
    need_dotnet
    need_page
    mkdir -p "$root/artifacts"
    touch "$stamp.new" "$root/artifacts/.worker-built.new"
    say "Building everything, analyzers on, warnings as errors ..."
    (cd "$root" && quietly dotnet build StreamForecaster.sln -c Release -v quiet) || fail "The build failed: see above."
    say "Checking the formatting ..."
    (cd "$root" && quietly dotnet format whitespace StreamForecaster.sln --no-restore --verify-no-changes) \
        || fail "The formatting is off: run 'dotnet format whitespace StreamForecaster.sln'."
    mv "$stamp.new" "$stamp"
    mv "$root/artifacts/.worker-built.new" "$root/artifacts/.worker-built"
}

# Adds a project's totals to the sums; a project that ends without telling its totals is one failure.
count() {
    local name=$1 status=$2 log=$3 line total errors bad skip
    line=$(grep -aE "$name +Total: " "$log" | tail -n 1 || true)
    if [ -z "$line" ]; then
        say "$name ended with status $status and told no totals."
        failed=$((failed + 1))
        return
    fi
    total=$(number Total "$line") errors=$(number Errors "$line") bad=$(number Failed "$line") skip=$(number Skipped "$line")
    passed=$((passed + total - bad - skip))
    failed=$((failed + bad + errors))
    skipped=$((skipped + skip))
    # Status 1 with nothing counted as failed: the run itself broke.
    [ "$status" = 0 ] || [ $((bad + errors)) -gt 0 ] || [ "$total" = 0 ] || failed=$((failed + 1))
}

number() { sed -n "s/.*$1: \([0-9]*\).*/\1/p" <<<"$2"; }

# Runs a project's tests: what they say goes into its log, how they ended beside it.
run_project() {
    local name=$1 status=0
    "$(executable "$name")" -noColor -parallel collections -xml "$results/$name.xml" "${filter[@]}" >"$results/$name.log" 2>&1 </dev/null || status=$?
    printf '%d\n' "$status" >"$results/$name.status"
}

tell_project() {
    local name=$1 log=$results/$1.log
    say "--- $name"
    grep -avE '^(xUnit\.net|  (Discover|Start|Finish)ing:|  (Discover|Finish)ed: )' "$log" || true
    count "$name" "$(cat "$results/$name.status")" "$log"
}

# The system tests wait most of their time: the other projects run beside them, one after the other and only where they leave a core. They are told
# in order, at the end.
run_projects() {
    local project
    {
        renice -n 19 "$BASHPID" >/dev/null
        for project in "$@"; do
            [ "$project" = StreamForecaster.SystemTests ] || run_project "$project"
        done
    } &
    for project in "$@"; do
        [ "$project" != StreamForecaster.SystemTests ] || run_project "$project"
    done
    wait
    for project in "$@"; do
        tell_project "$project"
    done
}

need_long_names() {
    local name
    for name in "$@"; do
        [[ " $long_names " == *" $name "* ]] || fail "No long test is named '$name'; allowed: $long_names."
    done
}

main() {
    local -a projects=("$@")
    if [ "${1:-}" = long ]; then
        shift
        need_long_names "$@"
        export STREAMFORECASTER_LONG_TESTS=${*:-all}
        local name
        for name in ${*:-$long_names}; do
            filter+=(-trait "Long=$name")
        done
        projects=(StreamForecaster.SystemTests)
    elif [ $# = 0 ]; then
        mapfile -t projects < <(cd "$root/tests" && for folder in *Tests; do
            # ContainerTests have a switch of their own.
            [ "$folder" = StreamForecaster.ContainerTests ] || printf '%s\n' "$folder"
        done)
    fi
    set_up_packages
    need_native_kafka
    build_all
    mkdir -p "$results"
    run_projects "${projects[@]}"
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ]
}

main "$@"
