# Remit: build, run and check. `make help` lists the targets.
#
# Go is all that `make dev` and `make test` need. Generators and linters are
# pinned in tools/go.mod and built into bin/tools when they are first wanted.

SHELL         := bash
.SHELLFLAGS   := -euo pipefail -c
.DEFAULT_GOAL := help

GO        ?= go
TOOLS     := bin/tools
TESTFLAGS ?=

# The build is the same in a checkout, an archive and a container, so it does
# not ask git for a stamp.
export GOFLAGS := $(GOFLAGS) -buildvcs=false
STRIP := -trimpath -ldflags '-s -w'

GENERATORS := $(addprefix $(TOOLS)/,buf protoc-gen-go protoc-gen-go-grpc protoc-gen-grpc-gateway protoc-gen-openapiv2)
GENERATOR_PACKAGES := github.com/bufbuild/buf/cmd/buf \
	google.golang.org/protobuf/cmd/protoc-gen-go \
	google.golang.org/grpc/cmd/protoc-gen-go-grpc \
	github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway \
	github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2
LINTERS    := $(addprefix $(TOOLS)/,lint workflowcheck)

# Tests that need a Temporal server start this binary.
export REMIT_TEMPORALD := $(CURDIR)/bin/temporald

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Build and run

.PHONY: build
build: bin/temporald ## build bin/remitd, bin/remit and bin/temporald
	$(GO) build $(STRIP) -o bin/ $(addprefix ./,$(patsubst %/,%,$(wildcard cmd/*/)))

bin/temporald: $(wildcard devnet/temporald/*.go) devnet/temporald/go.mod devnet/temporald/go.sum
	cd devnet/temporald && $(GO) build $(STRIP) -o ../../bin/temporald .
	@touch $@

.PHONY: dev
dev: build ## build, then run the whole gateway on this machine
	bin/remitd dev

.PHONY: dev-reset
dev-reset: ## forget everything that `make dev` has stored
	rm -rf .dev

## Test

.PHONY: test
test: bin/temporald ## run all tests; needs only Go
	$(GO) test -timeout 30m $(TESTFLAGS) ./...
	cd devnet/temporald && $(GO) test -timeout 30m $(TESTFLAGS) ./...

# SQLite is C translated to Go: watched by the race detector too it takes five
# times as long, and its locks are not ours to test.
.PHONY: test-race
test-race: bin/temporald ## run all tests with the race detector, on PostgreSQL too when REMIT_TEST_POSTGRES is set
	$(GO) test -race -timeout 30m -gcflags='modernc.org/...=-race=false' $(TESTFLAGS) ./...

.PHONY: policy-test
policy-test: ## check and test the compliance policies
	$(GO) test ./compliance/...

.PHONY: bench
bench: bin/temporald ## run the benchmarks; on PostgreSQL too when REMIT_TEST_POSTGRES is set
	$(GO) test -run '^$$' -bench . -benchmem $(patsubst %,./%/...,corridors compliance ledger store internal/bench)

.PHONY: bench-settlement
bench-settlement: ## measure payments a second, batches, costs and overhead on both rails
	$(GO) test -run '^$$' -bench Settlement -benchtime 1x ./internal/bench

.PHONY: soak
soak: ## pay 10,000 orders on each rail under random faults and compare the books
	REMIT_SOAK_PAYMENTS=10000 $(GO) test -count 1 -v -run 'Suite.*/.*/survives' ./settlement/stellar
	REMIT_SOAK_PAYMENTS=10000 $(GO) test -count 1 -v -run 'Rail.*/.*/survives' ./settlement/solana

.PHONY: bench-screening
bench-screening: ## measure the screening of names and the gate against the lists in shared/data: speed, memory and what is found
	REMIT_BENCH_SCREENING=1 $(GO) test -count=1 -v -run 'TestSpeed|TestQuality|TestRobustness' ./compliance/screening
	REMIT_BENCH_SCREENING=1 $(GO) test -count=1 -v -run 'TestGateSpeed' ./compliance

.PHONY: fit-screening
fit-screening: ## fit the weights of screening on one half of the labelled set, and write compliance/screening/weights.go
	REMIT_FIT_SCREENING=1 $(GO) test -count=1 -v -run 'TestFit$$' ./compliance/screening

## Generate

$(GENERATORS) &: tools/go.mod tools/go.sum
	@mkdir -p $(TOOLS)
	cd tools && $(GO) build -trimpath -o ../$(TOOLS)/ $(GENERATOR_PACKAGES)
	@touch $(GENERATORS)

.PHONY: proto
proto: $(GENERATORS) ## generate Go, the REST gateway and OpenAPI from proto/
	cd proto && ../$(TOOLS)/buf generate

.PHONY: diagrams
diagrams: ## draw the state diagrams in docs from the tables in the code
	$(GO) generate ./...

.PHONY: fmt
fmt: $(TOOLS)/buf ## format Go and protos
	gofmt -w $(GO_FILES)
	cd proto && ../$(TOOLS)/buf format --write --path remit

## Check

.PHONY: check
check: check-fmt check-proto check-diagrams vet lint policy-test test-race ## everything that CI runs
	@echo check: all good

# Generated files are as their generators wrote them, so gofmt skips them.
GO_FILES = $(shell git ls-files -co --exclude-standard -- '*.go' ':!*.pb.go' ':!*.pb.gw.go')

.PHONY: check-fmt
check-fmt: $(TOOLS)/buf
	@bad="$$(gofmt -l $(GO_FILES))"; if [ -n "$$bad" ]; then echo "not formatted (make fmt):"; echo "$$bad"; exit 1; fi
	cd proto && ../$(TOOLS)/buf format --diff --exit-code --path remit

# The contract is compared with the last release or, before the first, with
# main; a tree that has neither has nothing to break.
BREAKING_AGAINST ?= $(shell git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || git rev-parse --verify --quiet main || git rev-parse --verify --quiet HEAD)

.PHONY: check-proto
check-proto: $(GENERATORS)
	cd proto && ../$(TOOLS)/buf lint
	@if [ -n "$(BREAKING_AGAINST)" ] && git cat-file -e "$(BREAKING_AGAINST):proto/buf.yaml" 2>/dev/null; then \
		echo "buf breaking against $(BREAKING_AGAINST)"; \
		old=$$(mktemp -d); trap 'rm -rf "$$old"' EXIT; \
		git archive "$(BREAKING_AGAINST)" proto | tar -x -C "$$old"; \
		(cd proto && ../$(TOOLS)/buf breaking --against "$$old/proto"); \
	else echo "buf breaking: no earlier contract to compare with"; fi
	@new=$$(mktemp -d); trap 'rm -rf "$$new"' EXIT; \
		(cd proto && ../$(TOOLS)/buf generate -o "$$new/proto"); \
		diff -r -x '*.proto' -x doc.go -x '*_test.go' "$$new/proto/remit" proto/remit && \
		diff -r "$$new/api/openapi" api/openapi || { echo "generated files are out of date (make proto)"; exit 1; }

.PHONY: check-diagrams
check-diagrams:
	@if ! git grep -q '^//go:generate' -- '*.go'; then exit 0; fi; \
		before=$$(git diff -- docs | git hash-object --stdin); \
		$(GO) generate ./...; \
		after=$$(git diff -- docs | git hash-object --stdin); \
		if [ "$$before" != "$$after" ]; then echo "diagrams were out of date (make diagrams)"; exit 1; fi

.PHONY: vet
vet: ## run go vet on every module
	$(GO) vet ./...
	cd devnet/temporald && $(GO) vet ./...
	cd tools && $(GO) vet ./...

$(LINTERS) &: tools/go.mod tools/go.sum $(wildcard tools/lint/*.go tools/lint/*/*.go)
	@mkdir -p $(TOOLS)
	cd tools && $(GO) build -trimpath -o ../$(TOOLS)/ ./lint go.temporal.io/sdk/contrib/tools/workflowcheck
	@touch $(LINTERS)

.PHONY: lint
lint: $(LINTERS) ## run the linters and the workflow determinism check
	$(GO) build ./... # the linters say little about code that does not build
	$(TOOLS)/lint ./...
	$(TOOLS)/workflowcheck ./workflows/...

# Sums up `go test -json`; CI uses it to show every skipped test.
$(TOOLS)/skipped: $(wildcard tools/skipped/*.go)
	@mkdir -p $(TOOLS)
	cd tools && $(GO) build -trimpath -o ../$(TOOLS)/ ./skipped
