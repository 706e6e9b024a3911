#!/bin/sh
# The quick start: a simulated Pipedrive with 10,000 persons and a simulated Brevo, the connector between
# them, one sync that writes, and a second one that finds nothing to write. Nothing leaves this machine.
# Usage: scripts/demo.sh BUILD_DIR      (PERSONS=n for another number)
set -eu
build=$1
persons=${PERSONS:-10000}
dir=$(mktemp -d)
pids=''

finish() {
  status=$?
  trap - EXIT INT TERM
  # The connector was started last and goes first.
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  for pid in $pids; do wait "$pid" 2>/dev/null || true; done
  if [ "$status" -ne 0 ]; then
    for log in "$dir"/*.log; do [ ! -s "$log" ] || { echo "--- ${log##*/}"; tail -n 20 "$log"; } >&2; done
  fi
  rm -rf "$dir"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

# await FILE PID SED_PROGRAM: what the program prints for the first line that matches it, within 30 s
await() {
  tries=0
  while [ "$tries" -lt 300 ]; do
    found=$(sed -n "$3" "$1" | head -n 1)
    [ -z "$found" ] || { echo "$found"; return 0; }
    kill -0 "$2" 2>/dev/null || break
    tries=$((tries + 1))
    sleep 0.1
  done
  echo "no sign of life in ${1##*/}" >&2
  return 1
}

brevo_writes() {
  curl -fsS "$sandbox/sandbox/stats" | python3 -c 'import json,sys; print(json.load(sys.stdin)["brevo"]["writes"])'
}

echo "== a simulated Pipedrive with $persons persons, and a simulated Brevo"
"$build/pipedrive-brevo-sandbox" --listen 127.0.0.1:0 --persons "$persons" >"$dir/sandbox.log" 2>&1 &
sandbox_pid=$!
pids="$sandbox_pid"
sandbox=$(await "$dir/sandbox.log" "$sandbox_pid" 's#.*ready.*api=\(http://[^ ]*\).*#\1#p')
echo "   $sandbox"

sed -e "s#@SANDBOX@#$sandbox#; s#@DIRECTORY@#$dir#" "$(dirname "$0")/sandbox.yaml.in" >"$dir/connector.yaml"

echo '== the connector'
"$build/pipedrive-connector" serve --config "$dir/connector.yaml" >"$dir/connector.log" 2>&1 &
connector_pid=$!
pids="$connector_pid $sandbox_pid"
address=$(await "$dir/connector.log" "$connector_pid" 's#.*ready.*grpc[^0-9]*\([0-9.]*:[0-9][0-9]*\).*#\1#p')
echo "   gRPC on $address"

echo '== first sync'
before=$(brevo_writes)
"$build/pipedrive-connector" sync persons --address "$address"
after=$(brevo_writes)
echo "   $((after - before)) writes arrived at Brevo"
[ "$after" -gt "$before" ] || { echo 'the first sync should have written' >&2; exit 1; }

echo "== second sync, reading everything again"
before=$after
"$build/pipedrive-connector" sync persons --full --address "$address"
after=$(brevo_writes)
echo "   $((after - before)) writes arrived at Brevo"
[ "$after" -eq "$before" ] || { echo 'the second sync should not have written' >&2; exit 1; }
