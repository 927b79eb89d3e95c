# The two commands of the README, and what they are made of.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.PHONY: run test check fmt clippy prepared deny unit browser postgres promtool chromium shots bench bench-detection bench-flood security

# A package of its own, so that nothing of it is built for tests; what is built is kept beside the program's.
BENCHES := CARGO_TARGET_DIR="$${CARGO_TARGET_DIR:-target}" SIZES="$(SIZES)"

# Start Casebook on http://127.0.0.1:8080 with a PostgreSQL of its own in ./data.
run: postgres
	cargo build --release --locked
	@exec target/release/casebook serve

# Everything that is tested: Rust against a real PostgreSQL, then pages in a real browser.
test: unit browser

unit: postgres promtool
	PATH="$$PATH:$(CURDIR)/target/tools" cargo test --locked

browser: chromium
	cargo build --locked
	cd tests/browser && npm ci --no-audit --no-fund --silent && node --test --test-reporter=spec all.test.mjs

# What CI runs.
check: fmt clippy prepared deny test

fmt:
	cargo fmt --check

clippy:
	cargo clippy --locked --all-targets -- -D warnings

# The committed query cache has to be what a real database says it is.
prepared: postgres
	.ci/prepared

deny:
	@if command -v cargo-deny > /dev/null; then cargo deny --locked check; \
	else echo "skipped: cargo-deny is not installed (cargo install cargo-deny)"; fi

# How fast it searches, matches, serves and writes, beside others, in one run of half an hour. SIZES=10000 takes minutes;
# only a run of all sizes writes docs/performance.md.
bench: postgres
	cargo build --release --locked
	$(BENCHES) cargo run --release --locked --manifest-path benches/Cargo.toml --bin speed

# How fast the rules run, beside grep. Takes some minutes, most of them grep's.
bench-detection:
	$(BENCHES) cargo bench --locked --manifest-path benches/Cargo.toml --bench detection

# What other visitors see of a thousand sessions, of a flood of logins and of bodies that drip in. Some two minutes.
bench-flood: postgres
	cargo build --release --locked
	$(BENCHES) cargo run --release --locked --manifest-path benches/Cargo.toml --bin flood

# What wapiti and sqlmap find in a Casebook of its own on this machine. Fetches them; takes minutes.
security: postgres
	cargo build --locked
	tests/security/run

# Pictures of every page, to look at: target/screenshots.
shots: chromium
	cargo build --locked
	cd tests/browser && npm ci --no-audit --no-fund --silent && node screenshots.mjs

postgres:
	@.ci/need postgres

promtool:
	@.ci/need promtool

chromium: postgres
	@.ci/need chromium node
