# `make demo` and `make test` do all the set-up on a fresh Debian machine with a Swift 6 toolchain.

PREFIX ?= /usr/local
DESTDIR ?=

# Release builds carry the Swift runtime, so that the binary starts fast and runs anywhere.
RELEASE_FLAGS ?= -c release --static-swift-stdlib
# The corpus sweeps take minutes without the optimiser, hence release here too. It has a build
# folder of its own, because the other flags would make the two builds undo each other's work.
TEST_FLAGS ?= -c release -Xswiftc -enable-testing --scratch-path .build-tests
# Further arguments of `swift test`, such as TEST_ARGUMENTS='--filter RDBTests'.
TEST_ARGUMENTS ?=

BENCH_DATA ?= bench-data
BENCH_ROUNDS ?= 5
BENCH_KEYS ?= 4000000

# How long `make fuzz` runs. CI takes the default, a short smoke run.
SECONDS ?= 60
# libFuzzer learns nothing without the coverage flags: SwiftPM passes only -sanitize=fuzzer.
FUZZ_PACKAGE ?= Fuzz
# The targets use what is internal to RDB, hence -enable-testing.
FUZZ_TARGET ?= fuzz-rdb
FUZZ_FLAGS ?= -c release --sanitize=fuzzer --sanitize=address -Xswiftc -enable-testing \
	-Xswiftc -sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table
FUZZ_SEEDS = $(FUZZ_SEEDS_$(FUZZ_TARGET))
FUZZ_SEEDS_fuzz-rdb = $(wildcard fixtures/rdb/corpus/*/damaged-rdb fixtures/regressions)
FUZZ_SEEDS_fuzz-payload = $(FUZZ_SEEDS_fuzz-rdb)
FUZZ_SEEDS_fuzz-aof = $(wildcard fixtures/aof/corpus/*/*/appendonly.aof \
	fixtures/aof/corpus/*/*/appendonlydir fixtures/aof/corpus/*/damaged-aof/*/appendonlydir)
FUZZ_SEEDS_fuzz-yaml = $(wildcard fixtures/policies)
FUZZ_SEEDS_fuzz-conf = $(wildcard fixtures/conf)
FUZZ_SEEDS_fuzz-lint = $(wildcard fixtures/conf)

# The tags in Swift's pointers hide from the leak check what a global holds, here the policies; and
# freed memory that waits for late uses counts towards the limit.
FUZZ_ASAN_fuzz-lint = detect_leaks=0:quarantine_size_mb=64

SWIFT_SOURCES = Package.swift Sources Tests $(wildcard Fuzz/Package.swift Fuzz/Sources) \
	$(wildcard Benchmarks/Package.swift Benchmarks/Benchmarks)

export RELEASE_FLAGS

# Cross-module optimisation copies code and layouts into the modules above, which the package manager
# does not always build anew (Swift 6.3): optimised builds start over when a source has changed.
define forget_stale
@mkdir -p $(1)
@if [ -n "$$(find Package.swift Sources Tests -newer $(1)/.sources -print -quit 2>/dev/null)" ] \
	|| [ ! -e $(1)/.sources ]; then rm -rf $(1)/*/release; touch $(1)/.sources; fi
endef

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: build ## Build, run the main job on fixtures/, and show what it prints
	@Scripts/demo.sh .build/release/redisops

.PHONY: build
build: ## Install the libraries and build .build/release/redisops
	@Scripts/install-dependencies.sh build
	$(call forget_stale,.build)
	swift build $(RELEASE_FLAGS) --product redisops

.PHONY: test
test: ## Install what tests need and run everything
	@Scripts/install-dependencies.sh test
	$(call forget_stale,.build-tests)
	swift test $(TEST_FLAGS) $(TEST_ARGUMENTS)

.PHONY: check
check: ## Format lint, warnings, import arrows, and whether generated files are fresh
	@Scripts/install-dependencies.sh test
	swift format lint --strict -r $(SWIFT_SOURCES)
	python3 Scripts/generate-tables.py --check
	python3 Scripts/generate-policies.py --check
	python3 Scripts/generate-directives.py --check
	python3 Scripts/generate-facts.py --check
	Scripts/man-pages.sh --check
	swift test $(TEST_FLAGS) --filter ProjectTests

.PHONY: format
format: ## Format all Swift files in place
	swift format -i -r $(SWIFT_SOURCES)

.PHONY: generate
generate: ## Write the generated tables and man pages anew
	python3 Scripts/generate-tables.py
	python3 Scripts/generate-policies.py
	python3 Scripts/generate-directives.py
	python3 Scripts/generate-facts.py
	Scripts/man-pages.sh

.PHONY: man
man: ## Write man/ from the commands' own help
	@Scripts/install-dependencies.sh build
	Scripts/man-pages.sh

.PHONY: install
install: build ## Install the binary and the man pages below PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 .build/release/redisops $(DESTDIR)$(PREFIX)/bin/redisops
	install -m 644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/

.PHONY: bench-data
bench-data: ## Make the benchmark snapshots (about 3.5 GB in bench-data/)
	@Scripts/install-dependencies.sh test
	@mkdir -p $(BENCH_DATA)
	test -e $(BENCH_DATA)/big.rdb || \
	  Scripts/bench-data.py mix $(BENCH_DATA)/big.rdb --keys $(BENCH_KEYS)
	test -e $(BENCH_DATA)/long-list.rdb || \
	  Scripts/bench-data.py long-list $(BENCH_DATA)/long-list.rdb
	test -e $(BENCH_DATA)/many-keys.rdb || \
	  Scripts/bench-data.py many-keys $(BENCH_DATA)/many-keys.rdb
	test -e $(BENCH_DATA)/plain.aof || Scripts/bench-aof.py mix $(BENCH_DATA)/plain.aof

.PHONY: bench
bench: build bench-data ## Measure against redis-check-rdb and redis-server; prints Markdown
	Scripts/bench.py --redisops .build/release/redisops --data $(BENCH_DATA) \
	  --rounds $(BENCH_ROUNDS)

.PHONY: fuzz
fuzz: ## Fuzz the reader for SECONDS (60); FUZZ_TARGET=fuzz-payload, -aof, -yaml, -conf or -lint
	@Scripts/install-dependencies.sh build
	swift build --package-path $(FUZZ_PACKAGE) --scratch-path .build-fuzz $(FUZZ_FLAGS)
	@mkdir -p .build-fuzz/corpus-$(FUZZ_TARGET) .build-fuzz/findings
	ASAN_OPTIONS=$(FUZZ_ASAN_$(FUZZ_TARGET)) \
	  .build-fuzz/release/$(FUZZ_TARGET) -max_total_time=$(SECONDS) -max_len=65536 -timeout=10 \
	  -rss_limit_mb=512 -print_final_stats=1 -artifact_prefix=.build-fuzz/findings/ \
	  .build-fuzz/corpus-$(FUZZ_TARGET) $(FUZZ_SEEDS) </dev/null

# Of each of the ten groups of commands; `make test` sends a few thousand.
COMMANDS ?= 110000

.PHONY: fuzz-commands
fuzz-commands: ## Send 10 x COMMANDS (110000) random commands to redis-server 7.0 and to the engine
	@Scripts/install-dependencies.sh test
	$(call forget_stale,.build-tests)
	REDISOPS_DIFFERENTIAL=$(COMMANDS) swift test $(TEST_FLAGS) \
	  --filter EngineTests.DifferentialTests

.PHONY: clean
clean: ## Delete all build folders (not bench-data/)
	rm -rf .build .build-tests .build-fuzz
