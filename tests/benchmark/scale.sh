#!/bin/sh
# What the main job costs at size: calls, time, CPU and peak memory of a cold sync and of one that finds nothing
# to write, for each number of persons. The clock runs faster than real time, shared with the sandbox.
# Usage: tests/benchmark/scale.sh BUILD_DIR [PERSONS...]      (default: 100000 300000)
set -eu
build=$1
shift
[ $# -gt 0 ] || set -- 100000 300000
scripts=$(cd "$(dirname "$0")/../../scripts" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/sandbox.sh
. "$scripts/lib/sandbox.sh"
scale=20

measure() {
  persons=$1
  dir=$(mktemp -d)
  origin=$(date +%s)
  start_sandbox "$build" "$dir" --persons "$persons" --organizations "$((persons / 5))" --existing-contacts 1000 \
    --plan ultimate --clock-scale "$scale" --clock-origin "$origin"
  start_connector "$build" "$dir" "$scripts" "testing: {clock: {scale: $scale, origin: $origin}}"
  echo "== $persons persons, cold, then again in full"
  for flags in '' --full; do
    # shellcheck disable=SC2086 # no flag is no argument
    "$build/pipedrive-connector" sync persons $flags --address "$address" | sed -n '/^Run/,$p'
    awk '{printf "  CPU so far %.2f s\n", ($14 + $15) / 100}' "/proc/$connector_pid/stat"
    sed -n 's/^VmHWM:[ \t]*/  peak memory /p' "/proc/$connector_pid/status"
  done
  stop_all "$connector_pid" "$sandbox_pid"
  rm -rf "$dir"
}

for persons in "$@"; do measure "$persons"; done
