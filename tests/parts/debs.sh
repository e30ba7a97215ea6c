#!/bin/sh
# Debian packages, for those who are root and those who are not.
#   debs.sh install NAME...          as root: apt-get install
#   debs.sh unpack FOLDER NAME...    as anybody: unpack the named ones, and what they need that is not installed
set -eu
export DEBIAN_FRONTEND=noninteractive

fail() { printf 'parts: %s\n' "$*" >&2; exit 1; }
command -v apt-get >/dev/null || fail "this is no Debian: apt-get is missing"

install_all() {
    if apt-get install -qq -y -o DPkg::Lock::Timeout=120 --no-install-recommends "$@" </dev/null >/dev/null 2>&1; then return; fi
    apt-get update -qq </dev/null >/dev/null || fail "apt-get update failed"
    apt-get install -qq -y -o DPkg::Lock::Timeout=120 --no-install-recommends "$@" </dev/null >/dev/null || fail "apt-get could not install: $*"
}

unpack_all() {
    mkdir -p "$1"
    folder=$(cd "$1" && pwd)
    shift
    options="-qq -o Dir::Cache=$folder/cache -o Debug::NoLocking=1"
    mkdir -p "$folder/cache/archives/partial" "$folder/debs"
    # shellcheck disable=SC2086 # options are words
    if ! list=$(apt-get $options -s install --no-install-recommends "$@" 2>/dev/null); then
        mkdir -p "$folder/lists/partial"
        options="$options -o Dir::State::lists=$folder/lists"
        apt-get $options update </dev/null >/dev/null || fail "apt-get update failed"
        list=$(apt-get $options -s install --no-install-recommends "$@") || fail "apt-get does not know: $*"
    fi
    names=$(printf '%s\n' "$list" | sed -n 's/^Inst \([^ ]*\).*/\1/p')
    # shellcheck disable=SC2086
    (cd "$folder/debs" && apt-get $options download ${names:-"$@"} </dev/null >/dev/null) || fail "could not download: $*"
    for deb in "$folder"/debs/*.deb; do
        dpkg-deb -x "$deb" "$folder"
    done
    rm -rf "$folder/debs" "$folder/cache" "$folder/lists"
}

action=$1
shift
case $action in
    install) install_all "$@" ;;
    unpack) unpack_all "$@" ;;
    *) fail "install or unpack?" ;;
esac
