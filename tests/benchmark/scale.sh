#!/bin/sh
# What the main job costs at size: calls, time, CPU and peak memory of a cold sync and of one that finds nothing
# to write, for each number of persons. The clock runs faster than real time, shared with the sandbox.
# Usage: tests/benchmark/scale.sh BUILD_DIR [PERSONS...]      (default: 100000 300000)
set -eu
build=$1
shift
[ $# -gt 0 ] || set -- 100000 300000
root=$(cd "$(dirname "$0")/../.." && pwd)
scale=20

await() {
  for _ in $(seq 600); do
    ! grep -q "$2" "$1" || return 0
    sleep 0.1
  done
  return 1
}

measure() {
  persons=$1
  dir=$(mktemp -d)
  origin=$(date +%s)
  "$build/pipedrive-brevo-sandbox" --listen 127.0.0.1:0 --persons "$persons" --organizations "$((persons / 5))" \
    --existing-contacts 1000 --plan ultimate --clock-scale "$scale" --clock-origin "$origin" >"$dir/sandbox.log" 2>&1 &
  sandbox_pid=$!
  await "$dir/sandbox.log" '^ready'
  sandbox=$(sed -n 's/^ready api=\([^ ]*\).*/\1/p' "$dir/sandbox.log")
  sed -e "s#@SANDBOX@#$sandbox#; s#@DIRECTORY@#$dir#" "$root/scripts/sandbox.yaml.in" >"$dir/connector.yaml"
  echo "testing: {clock: {scale: $scale, origin: $origin}}" >>"$dir/connector.yaml"
  "$build/pipedrive-connector" serve --config "$dir/connector.yaml" >"$dir/connector.log" 2>&1 &
  connector_pid=$!
  await "$dir/connector.log" '^ready'
  address=$(sed -n 's/^ready grpc=\([^ ]*\).*/\1/p' "$dir/connector.log")
  echo "== $persons persons, cold, then again in full"
  for flags in '' --full; do
    # shellcheck disable=SC2086 # no flag is no argument
    "$build/pipedrive-connector" sync persons $flags --address "$address" | sed -n '/^Run/,$p'
    awk '{printf "  CPU so far %.2f s\n", ($14 + $15) / 100}' "/proc/$connector_pid/stat"
    sed -n 's/^VmHWM:[ \t]*/  peak memory /p' "/proc/$connector_pid/status"
  done
  kill "$connector_pid" "$sandbox_pid"
  wait
  rm -rf "$dir"
}

for persons in "$@"; do measure "$persons"; done
