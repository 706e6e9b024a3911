#!/bin/sh
# Installs the Debian 12 packages that building, testing and linting need; does nothing for those that are
# there. Needs root, or sudo.
# Usage: scripts/install-deps.sh [build|lint|image]...      (default: build)
set -eu

# Compiler and tools, then libraries in the order of cmake/Dependencies.cmake, then what the tests use.
build_packages='
  g++ make cmake ninja-build ccache mold pkg-config ca-certificates curl python3
  libabsl-dev libssl-dev libcurl4-openssl-dev libsqlite3-dev libpq-dev libboost-dev
  nlohmann-json3-dev libsimdjson-dev libyaml-cpp-dev prometheus-cpp-dev libcli11-dev
  libphonenumber-dev libprotobuf-dev protobuf-compiler libgrpc++-dev protobuf-compiler-grpc
  libgtest-dev libgmock-dev libbenchmark-dev postgresql-15
  python3-grpcio python3-protobuf'
lint_packages='clang-format clang-tidy shellcheck'
# For tests/image/run, where no container engine runs.
image_packages='buildah debootstrap'

wanted=''
[ $# -gt 0 ] || set -- build
for group in "$@"; do
  case "$group" in
    build) wanted="$wanted $build_packages" ;;
    lint)
      wanted="$wanted $lint_packages"
      # A Node from elsewhere would be fought by Debian's npm.
      command -v npm >/dev/null 2>&1 || wanted="$wanted nodejs npm"
      ;;
    image) wanted="$wanted $image_packages" ;;
    *) echo "usage: $0 [build|lint|image]..." >&2; exit 2 ;;
  esac
done

missing=''
for package in $wanted; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=''
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "run as root:  apt-get install$missing" >&2; exit 1; }
  as_root='sudo'
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
# shellcheck disable=SC2086 # a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install $missing
