# The doors to the project; everything behind them is CMake and scripts/.
#
#   make demo               10,000 persons from a simulated Pipedrive into a simulated Brevo
#   make test               everything that is tested
#   make run CONFIG=FILE    the service with a configuration of your own
#   make build | lint | bench | format | deps

CONFIG ?= connector.yaml
BUILD := build/release
JOBS ?= $(shell nproc)
# Holds recorded traffic against the official API descriptions, where that tool is at hand.
CONTRACT_CHECK ?= ../shared/contract/run
export CCACHE_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ccache

.PHONY: build demo test run lint bench format deps configure compile

build: deps compile

configure:
	@cmake --preset release >/dev/null

compile: configure
	@cmake --build --preset release -j $(JOBS)

demo: deps configure
	@cmake --build --preset release -j $(JOBS) --target pipedrive-connector pipedrive-brevo-sandbox
	@scripts/demo.sh $(BUILD)

test: build
	@rm -rf $(BUILD)/traffic
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)
	@scripts/contract-check $(CONTRACT_CHECK) $(BUILD)/traffic

run: build
	@$(BUILD)/pipedrive-connector serve --config $(CONFIG)

lint: deps
	@scripts/install-deps.sh lint
	@scripts/lint

bench: deps
	@cmake --preset bench >/dev/null
	@cmake --build --preset bench -j $(JOBS)
	@scripts/bench build/bench

format:
	@scripts/install-deps.sh lint
	@git ls-files -co --exclude-standard '*.h' '*.cc' | xargs clang-format -i

deps:
	@scripts/install-deps.sh build
