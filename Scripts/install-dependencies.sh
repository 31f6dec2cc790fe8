#!/usr/bin/env bash
# Installs the system packages that the project needs, and only those that are missing.
#
#   Scripts/install-dependencies.sh build|test
#
# build: the libraries that redisops is compiled against.
# test:  these, python3 for the scripts, openssl, and redis-server, which tests start by themselves
#        on a loopback port. It never runs as a service of this machine because of this script.
set -euo pipefail

libraries=(zlib1g-dev libyaml-dev liblua5.1-0-dev lua-bitop-dev libpcre2-dev libssl-dev)

have() {
  command -v "$1" >/dev/null
}

case ${1:-} in
  build) wanted=("${libraries[@]}") ;;
  test) wanted=("${libraries[@]}" redis-server openssl) ;;
  *)
    echo "usage: $0 build|test" >&2
    exit 64
    ;;
esac
if [[ $1 == test ]] && ! have python3; then
  wanted+=(python3)
fi
# Of the generator of policies, and of the test of SARIF.
for module in yaml jsonschema; do
  if [[ $1 == test ]] && ! python3 -c "import $module" 2>/dev/null; then
    wanted+=("python3-$module")
  fi
done

if ! have swift; then
  echo "swift is not on the PATH: install Swift 6.2 or newer (https://swift.org/install)" >&2
  exit 2
fi
if ! have dpkg-query || ! have apt-get; then
  echo "This is no Debian system; install the equivalents of: ${wanted[*]}" >&2
  exit 0
fi

installed() {
  [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]
}

missing=()
for package in "${wanted[@]}"; do
  # A redis-server from elsewhere (a container image, a build of one's own) serves as well.
  if [[ $package == redis-server ]] && have redis-server && have redis-cli; then
    continue
  fi
  installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if (($(id -u) != 0)); then
  if ! have sudo; then
    echo "needs root or sudo to install: ${missing[*]}" >&2
    exit 2
  fi
  as_root=(sudo)
fi

# Package scripts ask policy-rc.d before they start a service; 101 means "do not". A policy that
# the machine already has stays, and the service is disabled afterwards either way.
policy=/usr/sbin/policy-rc.d
policy_is_ours=no
remove_policy() {
  if [[ $policy_is_ours == yes ]]; then
    "${as_root[@]}" rm -f "$policy"
  fi
}
trap remove_policy EXIT
if [[ " ${missing[*]} " == *" redis-server "* && ! -e $policy ]]; then
  policy_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

echo "installing: ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
"${apt[@]}" update </dev/null
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null

if [[ " ${missing[*]} " == *" redis-server "* ]]; then
  if [[ -d /run/systemd/system ]]; then
    "${as_root[@]}" systemctl disable --now redis-server >/dev/null 2>&1 || true
  elif have update-rc.d; then
    "${as_root[@]}" update-rc.d redis-server disable >/dev/null 2>&1 || true
  fi
fi
