#!/usr/bin/env bash
# Copies the share of the corpus that the project carries into fixtures/rdb and fixtures/aof.
#
#   Scripts/refresh-fixtures.sh SHARED
#
# SHARED is the data folder that holds corpus/, rdb/ and aof/. What each file is stands in
# fixtures/README.md.
set -euo pipefail

if [[ $# -ne 1 || ! -d $1/corpus || ! -d $1/rdb ]]; then
  echo "usage: $0 SHARED    (a folder with corpus/, rdb/ and aof/)" >&2
  exit 64
fi
shared=$1
fixtures=$(cd "$(dirname "$0")/.." && pwd)/fixtures/rdb
aof_fixtures=${fixtures%rdb}aof
size_max_kib=$((15 * 1024))

# Every server family and RDB version that differs in shape appears, and every kind of case at
# least once per generation that writes it differently.
cases=(
  redis-2.4.18/rdb-full redis-2.8.24/rdb-full redis-4.0.14/rdb-full redis-5.0.14/rdb-full
  redis-6.2.16/rdb-full redis-7.0.15/rdb-full redis-7.4-rc1/rdb-full redis-8.6.3/rdb-full
  valkey-9.1.2/rdb-full
  redis-2.6.17/rdb-uncompressed-nochecksum redis-5.0.14/rdb-uncompressed-nochecksum
  redis-8.6.3/rdb-uncompressed-nochecksum
  redis-2.4.18/rdb-tiny-limits redis-3.0.7/rdb-tiny-limits redis-4.0-rc2/rdb-tiny-limits
  redis-7.0-rc1/rdb-tiny-limits redis-7.4.1/rdb-tiny-limits valkey-8.1.1/rdb-tiny-limits
  redis-2.6.17/rdb-wide-limits redis-3.2.13/rdb-wide-limits redis-7.2.6/rdb-wide-limits
  valkey-9.1.2/rdb-wide-limits
  redis-3.2.13/rdb-list-compress-depth redis-7.0.15/rdb-list-compress-depth
  redis-5.0.14/rdb-lfu valkey-9.1.2/rdb-lfu
  redis-6.2.16/rdb-lru redis-8.6.3/rdb-lru
  redis-7.0-rc1/rdb-functions redis-7.0.15/rdb-functions redis-8.6.3/rdb-functions
  valkey-9.1.2/rdb-functions
  redis-2.4.18/rdb-empty redis-7.0.15/rdb-empty redis-8.6.3/rdb-empty valkey-9.1.2/rdb-empty
  redis-2.8.24/rdb-expired redis-7.0.15/rdb-expired redis-7.4-rc1/rdb-expired
  redis-8.6.3/rdb-expired valkey-9.1.2/rdb-expired
  redis-7.2.6/rdb-cluster redis-7.4.1/rdb-cluster valkey-8.0.1/rdb-cluster
  valkey-9.1.2/rdb-cluster
  redis-2.8.24/rdb-replica-sync redis-7.2.6/rdb-replica-sync redis-8.6.3/rdb-replica-sync
  valkey-9.1.2/rdb-replica-sync
  redis-4.0.14/rdb-module redis-7.2.6/rdb-module redis-8.6.3/rdb-module valkey-9.1.2/rdb-module
  redis-2.4.18/damaged-rdb redis-4.0-rc2/damaged-rdb redis-7.0.15/damaged-rdb
  redis-8.6.3/damaged-rdb valkey-9.1.2/damaged-rdb
)

# Every layout, and every kind of case once; damaged files of each way of loading: before
# aof-load-truncated could spare a transaction, one file, several files and a corrupt tail.
aof_cases=(
  redis-2.8.24/aof-scripts redis-4.0.14/aof-preamble redis-6.2.16/aof-session
  redis-7.0.15/aof-multi-incr redis-7.0.15/aof-timestamps redis-7.2.6/aof-history
  redis-8.6.3/aof-session
  redis-8.6.3/aof-upgraded valkey-9.1.2/aof-preamble valkey-9.1.2/aof-timestamps
  redis-2.8.24/damaged-aof redis-6.2.16/damaged-aof redis-7.0.15/damaged-aof
  redis-8.6.3/damaged-aof
)

rm -rf "$fixtures/corpus" "$aof_fixtures/corpus"
for case in "${cases[@]}"; do
  mkdir -p "$fixtures/corpus/$case"
  install -m 644 "$shared/corpus/$case"/* "$fixtures/corpus/$case/"
done
for case in "${aof_cases[@]}"; do
  mkdir -p "$aof_fixtures/corpus/$case"
  cp -r --no-preserve=mode "$shared/corpus/$case"/. "$aof_fixtures/corpus/$case/"
done
install -m 644 "$shared/aof/load-cases.json" "$aof_fixtures/"
install -m 644 "$shared/rdb/vectors.json" "$shared/rdb/types.json" \
  "$shared/corpus/doubles.json" "$shared/aof/digest-vectors.json" "$fixtures/"

size_kib=$(du -sk --apparent-size "$fixtures" "$aof_fixtures" |
  awk '{ sum += $1 } END { print sum }')
echo "fixtures: ${#cases[@]} cases of rdb, ${#aof_cases[@]} of aof, $size_kib KiB"
if ((size_kib > size_max_kib)); then
  echo "fixtures/rdb and fixtures/aof are larger than $size_max_kib KiB" >&2
  exit 1
fi
