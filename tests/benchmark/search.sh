#!/bin/sh
# What a search costs through the service: the time it adds to Pipedrive's own answer, both measured in turn by one
# client; and how long searches take while a full sync runs, on the real clock with the limits on.
# Usage: tests/benchmark/search.sh BUILD_DIR [PERSONS]      (default: 60000, for the full sync)
set -eu
build=$1
persons=${2:-60000}
root=$(cd "$(dirname "$0")/../.." && pwd)
load="$build/tests/search_load"
[ -x "$load" ] || { echo "no $load: configure with -DCONNECTOR_BUILD_BENCHMARKS=ON"; exit 0; }

await() {
  for _ in $(seq 600); do
    ! grep -q "$2" "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

# start SCALE SANDBOX_FLAG...
start() {
  scale=$1
  shift
  dir=$(mktemp -d)
  origin=$(date +%s)
  "$build/pipedrive-brevo-sandbox" --listen 127.0.0.1:0 --clock-scale "$scale" --clock-origin "$origin" "$@" \
    >"$dir/sandbox.log" 2>&1 &
  sandbox_pid=$!
  await "$dir/sandbox.log" '^ready'
  sandbox=$(sed -n 's/^ready api=\([^ ]*\).*/\1/p' "$dir/sandbox.log")
  sed -e "s#@SANDBOX@#$sandbox#; s#@DIRECTORY@#$dir#" "$root/scripts/sandbox.yaml.in" >"$dir/connector.yaml"
  echo "testing: {clock: {scale: $scale, origin: $origin}}" >>"$dir/connector.yaml"
  "$build/pipedrive-connector" serve --config "$dir/connector.yaml" >"$dir/connector.log" 2>&1 &
  connector_pid=$!
  await "$dir/connector.log" '^ready'
  address=$(sed -n 's/^ready grpc=\([^ ]*\).*/\1/p' "$dir/connector.log")
}

stop() {
  kill "$connector_pid" "$sandbox_pid"
  wait
  rm -rf "$dir"
}

echo '== what the service adds to a search'
# The clock runs fast, so that the rate budget holds nothing up.
start 50 --persons 1000 --organizations 100 --existing-contacts 0 --limits off
"$load" overhead "$sandbox" "$address" 500
stop

echo "== searches while $persons persons are synced in full: now and then, and as many as there may be (10 in 2 s)"
start 1 --persons "$persons" --organizations "$((persons / 5))" --existing-contacts 1000 --plan growth
"$build/pipedrive-connector" sync persons --full --detach --address "$address" >"$dir/sync.log" 2>&1
"$load" steady "$address" 15 1
"$load" crew "$address" 20 10
"$build/pipedrive-connector" runs list --address "$address"
curl -s "$sandbox/sandbox/stats" | tr ',' '\n' | grep -E 'rate_violations|429_' | sed 's/[{}]//g; s/^/  /'
stop
