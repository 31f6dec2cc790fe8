#!/usr/bin/env bash
# Runs the main job on files of fixtures/ and shows what it prints.
#
#   Scripts/demo.sh REDISOPS
set -euo pipefail
redisops=$(realpath "${1:?usage: $0 REDISOPS}")
cd "$(dirname "$0")/.."

corpus=fixtures/rdb/corpus
small=$corpus/redis-7.0.15/damaged-rdb/base.rdb
damaged=$corpus/redis-7.0.15/damaged-rdb/duplicate-key-fixed.rdb
old=$corpus/redis-2.4.18/rdb-full/dump.rdb
valkey=$corpus/valkey-9.1.2/rdb-full/dump.rdb
conf=fixtures/conf/wl-cache-bad.conf
failures=0

# show STATUS ARGUMENT...: runs redisops, shows its first lines, and checks its exit status.
show() {
  local expected=$1 status=0 output
  shift
  printf '\n$ redisops %s\n' "$*"
  output=$("$redisops" "$@" 2>&1) || status=$?
  head -n 14 <<<"$output" | cut -c1-160
  local lines
  lines=$(wc -l <<<"$output")
  if ((lines > 14)); then
    printf '… %d more lines\n' $((lines - 14))
  fi
  if ((status != 0)); then
    printf '(exit %d)\n' "$status"
  fi
  if ((status != expected)); then
    printf 'expected exit %d\n' "$expected" >&2
    failures=$((failures + 1))
  fi
}

# said FILE: the digest that the server which wrote the snapshot printed.
said() {
  sed -n 's/^ "digest": "\([0-9a-f]*\)".*/\1/p' "$(dirname "$1")/expected.json"
}

echo "What is in this snapshot, and who wrote it?"
show 0 rdb info "$valkey"

echo
echo "Every key and value, one JSON document a line"
show 0 rdb dump "$small"

echo
echo "Is it sound? One that is, and one with the same key twice (its checksum is right)"
show 0 rdb verify "$small"
show 1 rdb verify "$damaged"

echo
echo "The fingerprint that the server's DEBUG DIGEST prints, from the file alone"
for snapshot in "$old" "$valkey"; do
  show 0 rdb digest "$snapshot"
  echo "the server itself said:"
  said "$snapshot"
  if [[ $("$redisops" rdb digest "$snapshot") != "$(said "$snapshot")" ]]; then
    echo "the digests differ" >&2
    failures=$((failures + 1))
  fi
done

echo
echo "Where do the keys and bytes lie?"
show 0 rdb stats "$old" "$valkey"

echo
echo "What eight servers make of a configuration, and what is unsafe in it"
show 1 lint --workload cache "$conf"
show 0 lint --fix --diff --fail-on never "$conf"
show 0 lint explain MEM003

exit $((failures > 0))
