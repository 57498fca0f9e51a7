# SPDX-License-Identifier: Apache-2.0
#
# Espalier: one entry for everything. Non-recursive: every room adds its own
# targets to the lists below through <room>/module.mk.
#
#   make              libespalier, the simulation, espctl, espalierd
#   make setup        install what is needed (root): tools/packages.txt
#   make run          two sites, real traffic, ESP on the wire, checked (root);
#                     as another user the path of run-static on packets of a file
#   make run-static   the same with static keys
#   make test         every test
#   make sim-pgo      the simulation once more, guided by a profile: faster;
#                     install PGO=1 takes it
#   make bench        build/bench/bench.json and a table
#   make coverage     lines of RTL and driver that tests reach; part of make test
#                     unless NO_COVERAGE is set
#   make soak         random differential test, SECONDS=3600
#   make interop-all  IKE against strangers, every combination
#   make fuzz         libFuzzer on one parser, TARGET=message SECONDS=60
#   make lint         verilator, yosys, clang-format, binding, generated files,
#                     names in docs
#   make formal       every proof; the short ones are among the tests
#   make fpga-block   synthesis, placement and routing for an ECP5-85F
#   make fpga-floorplan  better sites for the RAMs of fpga-block
#   make docs         pages that are made from sources
#   make install      library, headers, tools, man pages (PREFIX, DESTDIR)
#   make help         this list

B       := build
PREFIX  ?= /usr/local
DESTDIR ?=
CC      := gcc
CXX     := g++
JOBS    ?= 2
CCACHE  := $(shell command -v ccache 2>/dev/null)

CSTD    := -std=gnu11
CWARN   := -Wall -Wextra -Werror
COPT    ?= -O2 -g
CPPFLAGS += -Idriver/include -Isim/include -Ihw/regs/generated -D_GNU_SOURCE
CFLAGS  += $(CSTD) $(CWARN) $(COPT) -fPIC -MMD -MP
CXXFLAGS += -std=c++17 -Wall -Wextra $(COPT) -fPIC -MMD -MP

# What the rooms add to:
ALL     :=   # files built by `make all`
TESTS   :=   # executables run by `make test`; each ends on `[name: ]N passed, N failed[, N skipped]`
TEST_DEPS := # files that the tests need besides themselves
BENCHES :=   # executables run by `make bench`; each prints JSON lines {name, value, unit, limit}
LINTS   :=   # phony targets run by `make lint`
INSTALLS :=  # phony targets run by `make install`
CLEANS  :=   # extra paths removed by `make clean`

# Without make's own rules: a script may stand beside a C file of its name, and
# would be built from it when that is newer.
MAKEFLAGS += --no-builtin-rules

.DEFAULT_GOAL := all
.PHONY: all help setup run run-static run-user test build-tests run-tests bench build-benches run-benches coverage lint formal fpga-block docs install clean
.SECONDARY:
.DELETE_ON_ERROR:

include mk/verilator.mk
include mk/c.mk
include hw/module.mk sim/module.mk driver/module.mk ike/module.mk tests/module.mk docs/module.mk

include tools/fpga/fpga.mk

all: $(ALL)

help:
	@sed -n 's/^#   //p' $(firstword $(MAKEFILE_LIST))

setup:
	@tools/setup

lint: $(LINTS)

# Setup first, then make again: what setup installs is looked for when the
# makefiles are read.
test: setup
	@$(MAKE) --no-print-directory -j $(JOBS) build-tests
	@[ -n "$(NO_COVERAGE)" ] || tests/coverage || echo "no coverage: see above"
	@$(MAKE) --no-print-directory run-tests

build-tests: $(TESTS) $(TEST_DEPS)
run-tests:
	@tests/run-tests $(TESTS)

bench: setup
	@$(MAKE) --no-print-directory -j $(JOBS) build-benches
	@$(MAKE) --no-print-directory run-benches

build-benches: $(BENCHES)
run-benches:
	@tests/bench/run-bench $(B)/bench $(BENCHES)

# What the whole-device tests reach of the RTL, and they and the driver's own of
# the driver.
coverage:
	@tests/coverage

install: $(INSTALLS)

clean:
	rm -rf $(B) $(CLEANS)
