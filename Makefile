# Remit: build, run and check. `make help` lists the targets.

.DEFAULT_GOAL := help

GO    ?= go
TOOLS := bin/tools

# Go pins every tool in tools/go.mod, so the only thing to install is Go.
TOOL_NAMES := buf protoc-gen-go protoc-gen-go-grpc protoc-gen-grpc-gateway protoc-gen-openapiv2
TOOL_BINS  := $(addprefix $(TOOLS)/,$(TOOL_NAMES))

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(TOOL_BINS) &: tools/go.mod tools/go.sum
	@mkdir -p $(TOOLS)
	cd tools && $(GO) build -trimpath -o ../$(TOOLS)/ tool
	@touch $(TOOL_BINS)

.PHONY: proto
proto: $(TOOL_BINS) ## generate Go, the REST gateway and OpenAPI from proto/
	cd proto && ../$(TOOLS)/buf generate
