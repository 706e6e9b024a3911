#!/bin/sh
# What reading all deals of an account costs: calls to both vendors against deals / 500 + 10, and again when
# nothing has changed. The sandbox gives seven deals to ten persons. The clock runs faster than real time.
# Usage: tests/benchmark/deals.sh BUILD_DIR [PERSONS]      (default: 71500, which have about 50,000 deals)
set -eu
build=$1
persons=${2:-71500}
root=$(cd "$(dirname "$0")/../.." && pwd)
scale=20
dir=$(mktemp -d)
origin=$(date +%s)

await() {
  for _ in $(seq 600); do
    ! grep -q "$2" "$1" || return 0
    sleep 0.1
  done
  return 1
}

"$build/pipedrive-brevo-sandbox" --listen 127.0.0.1:0 --persons "$persons" --organizations "$((persons / 5))" \
  --existing-contacts 1000 --plan ultimate --clock-scale "$scale" --clock-origin "$origin" >"$dir/sandbox.log" 2>&1 &
sandbox_pid=$!
await "$dir/sandbox.log" '^ready'
sandbox=$(sed -n 's/^ready api=\([^ ]*\).*/\1/p' "$dir/sandbox.log")
sed -e "s#@SANDBOX@#$sandbox#; s#@DIRECTORY@#$dir#" "$root/scripts/sandbox.yaml.in" >"$dir/connector.yaml"
echo "testing: {clock: {scale: $scale, origin: $origin}}" >>"$dir/connector.yaml"
"$build/pipedrive-connector" serve --config "$dir/connector.yaml" >"$dir/connector.log" 2>&1 &
connector_pid=$!
trap 'kill $connector_pid $sandbox_pid; wait; rm -rf "$dir"' EXIT
await "$dir/connector.log" '^ready'
address=$(sed -n 's/^ready grpc=\([^ ]*\).*/\1/p' "$dir/connector.log")
for flags in '' --full ''; do
  curl -sf -X POST "$sandbox/sandbox/stats/reset" >"$dir/reset"
  start=$(date +%s%N)
  # shellcheck disable=SC2086 # no flag is no argument
  "$build/pipedrive-connector" sync deals $flags --json --address "$address" | tail -1 >"$dir/run.json"
  end=$(date +%s%N)
  curl -sf "$sandbox/sandbox/stats" >"$dir/stats.json"
  python3 - "$dir" "${flags:-incremental}" "$(((end - start) / 1000000))" <<'PYTHON'
import json
import sys

directory, flags, milliseconds = sys.argv[1:]
progress = json.load(open(directory + "/run.json"))["progress"]
stats = json.load(open(directory + "/stats.json"))
read = int(progress.get("read", 0))
calls = stats["pipedrive"]["total"] + stats["brevo"]["total"]
print(f"{flags}: {progress['state']}, {read} deals, {calls} calls to both vendors in {milliseconds} ms; "
      f"deals / 500 + 10 = {read // 500 + 10}; rate violations {stats['rate_violations']}")
print("  ", stats["pipedrive"]["calls"])
PYTHON
done
