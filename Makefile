# The two commands of the README, and what they are made of.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.PHONY: run test check fmt clippy prepared deny unit browser postgres promtool chromium shots bench-detection

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

# How fast the rules run, beside grep. Takes some minutes, most of them grep's.
bench-detection:
	cargo bench --locked --bench detection

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
