#!/bin/sh
# The quick start: a simulated Pipedrive with 10,000 persons and a simulated Brevo, the connector between
# them, one sync that writes, and a second one that finds nothing to write. Nothing leaves this machine.
# Usage: scripts/demo.sh BUILD_DIR      (PERSONS=n for another number)
set -eu
build=$1
persons=${PERSONS:-10000}
scripts=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lib/sandbox.sh
. "$scripts/lib/sandbox.sh"
dir=$(mktemp -d)
sandbox_pid=''
connector_pid=''

finish() {
  status=$?
  trap - EXIT INT TERM
  # shellcheck disable=SC2086 # what was not started is no argument
  stop_all $connector_pid $sandbox_pid
  if [ "$status" -ne 0 ]; then
    for log in "$dir"/*.log; do [ ! -s "$log" ] || { echo "--- ${log##*/}"; tail -n 20 "$log"; } >&2; done
  fi
  rm -rf "$dir"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

brevo_writes() {
  curl -fsS "$sandbox/sandbox/stats" | python3 -c 'import json,sys; print(json.load(sys.stdin)["brevo"]["writes"])'
}

echo "== a simulated Pipedrive with $persons persons, and a simulated Brevo"
start_sandbox "$build" "$dir" --persons "$persons"
echo "   $sandbox"

echo '== the connector'
start_connector "$build" "$dir" "$scripts"
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
