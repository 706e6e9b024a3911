#!/bin/sh
# A bulk edit of many persons in Pipedrive, told by as many webhooks, while single persons are changed: when Brevo holds the
# whole edit (by imports; Brevo's limits are on), and how long each single change takes. Times are the sandbox's, whose
# clock runs faster than the real one.
# Usage: tests/benchmark/bulk.sh BUILD_DIR [PERSONS [CLOCK_SCALE]]      (default: 20000 4)
set -eu
build=$1
persons=${2:-20000}
scale=${3:-4}
scripts=$(cd "$(dirname "$0")/../../scripts" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/sandbox.sh
. "$scripts/lib/sandbox.sh"
dir=$(mktemp -d)
origin=$(date +%s)

start_sandbox "$build" "$dir" --persons "$((persons + 100))" --organizations "$((persons / 5))" \
  --existing-contacts 1000 --plan ultimate --clock-scale "$scale" --clock-origin "$origin"
sed -e 's#company_domain:\(.*\)#company_domain:\1\n    webhook: {user: pipedrive, password: benchmark}#' \
  "$scripts/sandbox.yaml.in" >"$dir/sandbox.yaml.in"
start_connector "$build" "$dir" "$dir" "testing: {clock: {scale: $scale, origin: $origin}}"
public=$(sed -n 's#^ready.* public=\([^ ]*\).*#\1#p' "$dir/connector.log")
admin=$(sed -n 's#^ready.* admin=\([^ ]*\).*#\1#p' "$dir/connector.log")
"$build/pipedrive-connector" sync persons --address "$address" >"$dir/sync.log" 2>&1
status=0
python3 "$here/bulk.py" "$sandbox" "$public" "$admin" "$persons" "$scale" || status=$?
sed -n 's/^VmHWM:[ \t]*/  peak memory of the service /p' "/proc/$connector_pid/status"
stop_all "$connector_pid" "$sandbox_pid"
rm -rf "$dir"
exit $status
