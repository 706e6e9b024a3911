# shellcheck shell=sh
# Sourced by the scripts that run the connector between a simulated Pipedrive and a simulated Brevo.

# await FILE PID SED_PROGRAM: what the program prints for the first line of FILE that matches it, within 60 s of
# real time; fails at once if the process has ended
await() {
  tries=0
  while [ "$tries" -lt 600 ]; do
    found=$(sed -n "$3" "$1" | head -n 1)
    [ -z "$found" ] || { echo "$found"; return 0; }
    kill -0 "$2" 2>/dev/null || break
    tries=$((tries + 1))
    sleep 0.1
  done
  echo "no sign of life in ${1##*/}" >&2
  return 1
}

# start_sandbox BUILD_DIR DIRECTORY [OPTION...]: sets sandbox_pid and sandbox, the address of both APIs
start_sandbox() {
  build_=$1
  dir_=$2
  shift 2
  "$build_/pipedrive-brevo-sandbox" --listen 127.0.0.1:0 "$@" >"$dir_/sandbox.log" 2>&1 &
  sandbox_pid=$!
  sandbox=$(await "$dir_/sandbox.log" "$sandbox_pid" 's#^ready.* api=\(http://[^ ]*\).*#\1#p')
}

# start_connector BUILD_DIR DIRECTORY SCRIPTS [LINE...]: sets connector_pid and address, of gRPC; the lines are added
# to the configuration
start_connector() {
  build_=$1
  dir_=$2
  sed -e "s#@SANDBOX@#$sandbox#; s#@DIRECTORY@#$dir_#" "$3/sandbox.yaml.in" >"$dir_/connector.yaml"
  shift 3
  [ $# -eq 0 ] || printf '%s\n' "$@" >>"$dir_/connector.yaml"
  "$build_/pipedrive-connector" serve --config "$dir_/connector.yaml" >"$dir_/connector.log" 2>&1 &
  connector_pid=$!
  # shellcheck disable=SC2034 # for the script that sources this
  address=$(await "$dir_/connector.log" "$connector_pid" 's#^ready.* *grpc=\([^ ]*\).*#\1#p')
}

# stop_all PID...: ends these processes, the first first, and waits for them
stop_all() {
  for pid in "$@"; do kill "$pid" 2>/dev/null || true; done
  for pid in "$@"; do wait "$pid" 2>/dev/null || true; done
}
