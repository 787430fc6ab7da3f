# shellcheck shell=bash
# Sourced by run.sh, test.sh, bench.sh and the scripts beside it: where things are, how a step is announced, how it fails.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/streamforecaster
native_answer=$cache/native-kafka
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '%s\n' "$*" >&2; }

# One line that says what is missing, why it is wanted and what to do about it.
fail() {
    say "$*"
    exit 1
}

# Runs a command quietly; shows what it wrote only if it failed.
quietly() {
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 40 "$log" >&2
    rm -f "$log"
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        say "'$*' needs root: run it yourself, or start again as root."
        return 1
    fi
}

# Installs Debian packages without starting the services that they bring.
apt_install() {
    command -v apt-get >/dev/null || { say "No apt-get here: install $* by hand."; return 1; }
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e $policy ] && printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null; then
        as_root chmod +x $policy
        ours=yes
    fi
    local status=0
    if ! apt_packages_known "$@"; then
        quietly as_root apt-get update || status=1
    fi
    if [ $status = 0 ]; then
        quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" || status=1
    fi
    [ -z "$ours" ] || as_root rm -f $policy
    return $status
}

# Downloads of packages whose lists are older than a day fail when the mirror has moved on: such lists count as unknown.
apt_packages_known() {
    [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -1 -print -quit 2>/dev/null)" ] || return 1
    apt-cache show "$@" >/dev/null 2>&1
}

need_dotnet() {
    command -v dotnet >/dev/null \
        || fail "The .NET SDK is missing: install version 10 (https://dot.net) and put 'dotnet' on the PATH."
    (cd "$root" && dotnet --version >/dev/null 2>&1) \
        || fail "This .NET SDK does not satisfy global.json: install a .NET 10 SDK. Found: $(cd / && dotnet --list-sdks | tr '\n' ' ')"
}

# The native Kafka library, found or built once; tells MSBuild and the worker which.
need_native_kafka() {
    [ -s "$native_answer" ] || "$root/build/native-kafka" || exit 1
    local answer
    answer=$(head -n 1 "$native_answer")
    case $answer in
        redist) export Librdkafka=redist ;;
        /*)
            [ -e "$answer" ] || { rm -f "$native_answer"; "$root/build/native-kafka" || exit 1; answer=$(head -n 1 "$native_answer"); }
            export STREAMFORECASTER_LIBRDKAFKA=$answer ;;
    esac
}

# The page's npm packages, where the page is there.
need_page() {
    [ ! -x "$root/build/page" ] || "$root/build/page" || fail "The live page's packages could not be set up (build/page): see above."
}

# True where a source is newer than the stamp of the last build.
sources_changed() {
    local stamp=$1
    shift
    [ -e "$stamp" ] || return 0
    [ -n "$(cd "$root" && find "$@" Directory.Build.props Directory.Packages.props global.json \
        -name node_modules -prune -o -newer "$stamp" -print -quit)" ]
}

# Prints the absolute path of a project's executable in the Release build.
executable() { printf '%s/artifacts/bin/%s/release/%s\n' "$root" "$1" "$1"; }
