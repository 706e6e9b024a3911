#!/bin/sh
# How long it takes from a deal's change of stage in Pipedrive until its contact is in the right list of Brevo, beside what
# the calls that are needed for it take by themselves. Both APIs answer after LATENCY_MS; the clock is the real one and
# the limits are on.
# Usage: tests/benchmark/latency.sh BUILD_DIR [CHANGES [LATENCY_MS]]      (default: 200 100)
set -eu
build=$1
changes=${2:-200}
latency=${3:-100}
scripts=$(cd "$(dirname "$0")/../../scripts" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/sandbox.sh
. "$scripts/lib/sandbox.sh"
dir=$(mktemp -d)

start_sandbox "$build" "$dir" --persons 400 --organizations 80 --existing-contacts 10 --latency-ms "$latency"
sed -e 's#company_domain:\(.*\)#company_domain:\1\n    webhook: {user: pipedrive, password: benchmark}#' \
  "$scripts/sandbox.yaml.in" >"$dir/sandbox.yaml.in"
start_connector "$build" "$dir" "$dir" "deal_stage_mapping: {1: 61, 2: 62, 3: 63, 4: 64}"
public=$(sed -n 's#^ready.* public=\([^ ]*\).*#\1#p' "$dir/connector.log")
"$build/pipedrive-connector" sync persons --address "$address" >"$dir/sync.log" 2>&1
status=0
python3 "$here/latency.py" "$sandbox" "$public" "$changes" || status=$?
stop_all "$connector_pid" "$sandbox_pid"
rm -rf "$dir"
exit $status
