#!/bin/sh
# How many webhooks of 2 kB a second are acknowledged durably, through HTTP and through gRPC, beside a gRPC service
# that answers at once and beside SQLite alone with the same rows and indexes; and how long an answer takes at half
# that rate. Everything runs on this machine, one after the other; senders and service share its cores.
# Usage: tests/benchmark/webhooks.sh BUILD_DIR [SECONDS]      (default: 10, for each line)
set -eu
build=$1
seconds=${2:-10}
load="$build/tests/webhook_load"
[ -x "$load" ] || { echo "no $load: configure with -DCONNECTOR_BUILD_BENCHMARKS=ON"; exit 0; }
scripts=$(cd "$(dirname "$0")/../../scripts" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/sandbox.sh
. "$scripts/lib/sandbox.sh"
dir=$(mktemp -d)

"$load" sqlite "$dir" "$seconds"
"$load" serve-echo >"$dir/echo.log" 2>&1 &
echo_pid=$!
echo_address=$(await "$dir/echo.log" "$echo_pid" 's#^ready grpc=##p')
echo "  bare gRPC echo:"
"$load" grpc "$echo_address" "$seconds"
stop_all "$echo_pid"

start_sandbox "$build" "$dir" --persons 10 --organizations 1 --existing-contacts 0
sed -e 's#company_domain:\(.*\)#company_domain:\1\n    webhook: {user: pipedrive, password: benchmark}#' \
  "$scripts/sandbox.yaml.in" >"$dir/sandbox.yaml.in"
start_connector "$build" "$dir" "$dir"
public=$(sed -n 's#^ready.* public=\([^ ]*\).*#\1#p' "$dir/connector.log")
for door in http grpc; do
  to=$address
  [ "$door" = grpc ] || to=$public
  echo "  the service, $door:"
  line=$("$load" "$door" "$to" "$seconds")
  echo "$line"
  "$load" "$door" "$to" "$seconds" "$((${line##* } / 2))"
done
sed -n 's/^VmHWM:[ \t]*/  peak memory of the service /p' "/proc/$connector_pid/status"
stop_all "$connector_pid" "$sandbox_pid"
rm -rf "$dir"
