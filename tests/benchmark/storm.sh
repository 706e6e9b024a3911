#!/bin/sh
# A storm of webhooks while the process is killed: so many deliveries, 30 % of them copies, shuffled within 2 s, sent as
# fast as the machine takes them, and kill -9 five times meanwhile. The webhooks are the sandbox's own, gathered from
# bulk edits and single changes that are over when the storm begins, so that the source has one final state. What was not
# acknowledged is sent again, as Pipedrive does. Then: nothing acknowledged is lost, every change is one Brevo event
# (those of which the failure was ambiguous are counted), and Brevo holds what the source says.
# Usage: tests/benchmark/storm.sh BUILD_DIR [DELIVERIES]      (default: 50000)
set -eu
build=$1
deliveries=${2:-50000}
scripts=$(cd "$(dirname "$0")/../../scripts" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/sandbox.sh
. "$scripts/lib/sandbox.sh"
scale=20
dir=$(mktemp -d)
origin=$(date +%s)
# Each person is changed twice in bulk, and one in fifty by hand.
persons=$((deliveries * 100 / 262))

start_sandbox "$build" "$dir" --persons "$persons" --organizations "$((persons / 5))" --existing-contacts 1000 \
  --plan ultimate --clock-scale "$scale" --clock-origin "$origin"
sed -e 's#company_domain:\(.*\)#company_domain:\1\n    webhook: {user: pipedrive, password: benchmark}#' \
  "$scripts/sandbox.yaml.in" >"$dir/sandbox.yaml.in"
start_connector "$build" "$dir" "$dir" "webhooks:" \
  "  - {event_action: updated, event_object: person, brevo_event: contact_updated}" \
  "testing: {clock: {scale: $scale, origin: $origin}}"
"$build/pipedrive-connector" sync persons --address "$address" >"$dir/sync.log" 2>&1
# The sender starts the service again after each death, with the addresses it had.
public=$(sed -n 's#^ready.* public=\([^ ]*\).*#\1#p' "$dir/connector.log")
admin=$(sed -n 's#^ready.* admin=\([^ ]*\).*#\1#p' "$dir/connector.log")
sed -i -e "s#grpc: {listen: \"[^\"]*\"}#grpc: {listen: \"$address\"}#" \
  -e "s#public: {listen: \"[^\"]*\"}#public: {listen: \"$public\"}#" \
  -e "s#admin: {listen: \"[^\"]*\"}#admin: {listen: \"$admin\"}#" "$dir/connector.yaml"
stop_all "$connector_pid"
status=0
python3 "$here/storm.py" "$build" "$dir" "$sandbox" "$public" "$admin" "$address" "$deliveries" "$persons" || status=$?
stop_all "$sandbox_pid"
rm -rf "$dir"
exit $status
