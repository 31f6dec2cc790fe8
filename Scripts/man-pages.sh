#!/usr/bin/env bash
# Writes man/*.1 from the commands' own help, or compares them with it.
#
#   Scripts/man-pages.sh           writes man/
#   Scripts/man-pages.sh --check   fails when man/ is not what the commands say
#
# RELEASE_FLAGS are the flags of `swift build`; with those of `make build` nothing is built twice.
set -euo pipefail
cd "$(dirname "$0")/.."

# Stands in the foot of each page. Fixed, so that the same commands give the same pages.
date=2026-11-01
authors="The redisops contributors"
read -ra flags <<<"${RELEASE_FLAGS:--c release --static-swift-stdlib}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

swift build "${flags[@]}" --product redisops </dev/null
swift build "${flags[@]}" --product generate-manual </dev/null
bin=$(swift build "${flags[@]}" --show-bin-path)
"$bin/generate-manual" "$bin/redisops" --multi-page --section 1 --date "$date" \
  --authors "$authors" --output-directory "$scratch" >/dev/null
# The generator ends no page with a newline.
for page in "$scratch"/*.1; do
  echo >>"$page"
done

case ${1:-} in
  "")
    mkdir -p man
    rm -f man/*.1
    cp "$scratch"/*.1 man/
    echo "man: $(find man -name '*.1' | wc -l) pages"
    ;;
  --check)
    if ! diff -ru --exclude='.*' "$scratch" man; then
      echo "man pages are stale: run 'make man' and commit man/" >&2
      exit 1
    fi
    ;;
  *)
    echo "usage: $0 [--check]" >&2
    exit 64
    ;;
esac
