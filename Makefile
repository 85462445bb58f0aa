# One file builds everything. `make help` lists the targets.
#
#   make PROFILE=asan unit     another profile: release (default), asan, tsan, fuzz
#   make B=build/mine all      another output folder
#   make V=1 all               show the commands

PROFILE ?= release
B       ?= build/$(PROFILE)
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
PREFIX  ?= /usr/local
VERSION := 0.2.0
Q       := $(if $(V),,@)
say      = @echo "  $(1)	$@"

SERVICES := hbbs hbbr api utils
PROGRAM.hbbs := hbbs
PROGRAM.hbbr := hbbr
PROGRAM.api := api
PROGRAM.utils := rustdesk-utils

PKGS := libuv libwebsockets hiredis libsodium libprotobuf-c libmicrohttpd \
        json-c openssl
PKGS.hbbs := libmaxminddb libcurl
PKGS.hbbr :=
PKGS.api := liboath libcurl libqrencode ldap lber libfido2 libcbor
PKGS.utils := libcurl libqrencode sqlite3

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
        -Wundef -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
        -Wcast-qual -Wwrite-strings -Wpointer-arith -Wnull-dereference \
        -Wswitch-enum -Werror
# clang looks into protobuf-c's initialiser macros, gcc does not.
WARN += $(if $(findstring clang,$(CC)),-Wno-cast-qual)
HARD := -fstack-protector-strong -fstack-clash-protection -fPIE -fno-common \
        -fvisibility=hidden
# Each is of one processor: compilers for others refuse it.
HARD.x86_64 := -fcf-protection
HARD.aarch64 := -mbranch-protection=standard
HARD += $(HARD.$(firstword $(subst -, ,$(shell $(CC) -dumpmachine))))
OPT.release := -O2 -g -D_FORTIFY_SOURCE=2
OPT.asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
            -fno-omit-frame-pointer
OPT.fuzz := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
            -fsanitize=fuzzer-no-link -fno-omit-frame-pointer
OPT.cov := -O0 -g --coverage -fprofile-update=atomic
OPT.tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer

CFLAGS += -std=c17 -D_GNU_SOURCE -UNDEBUG -DVERSION='"$(VERSION)"' \
          $(OPT.$(PROFILE)) $(HARD)
CPPFLAGS += -I. -I$(B)/lua -isystem $(B)/gen -MMD -MP
LDFLAGS += $(filter -fsanitize%,$(OPT.$(PROFILE))) -pie \
           -Wl,-z,relro,-z,now -Wl,--as-needed
# Asked once each; tools/packages says which are missing.
pkgs = $(shell $(PKG_CONFIG) --$(1) $(2) 2>/dev/null)
PKG_CFLAGS := $(call pkgs,cflags,$(PKGS) $(foreach s,$(SERVICES),$(PKGS.$(s))))
CPPFLAGS += $(patsubst -I%,-isystem %,$(PKG_CFLAGS))
$(foreach s,common $(SERVICES),$(eval \
	LIBS.$(s) := $(call pkgs,libs,$(PKGS) $(PKGS.$(s))) -pthread -lm))
LIBS = $(LIBS.$(or $(1),common))

.PHONY: all
all: $(foreach s,$(SERVICES),$(B)/bin/$(PROGRAM.$(s))) ## build every program

# --- what must be there before anything is compiled --------------------------
$(B)/packages: Makefile
	@PKG_CONFIG="$(PKG_CONFIG)" tools/packages "$(CC)" $(PKGS) $(foreach s,$(SERVICES),$(PKGS.$(s)))
	@mkdir -p $(@D)
	@touch $@

$(B)/packages-unit: | $(B)/packages
	@PKG_CONFIG="$(PKG_CONFIG)" tools/packages "$(CC)" check
	@touch $@

# --- generated protobuf code (compiled without our warnings) ---------------
PROTOS := $(wildcard proto/*.proto)
GEN_C := $(PROTOS:proto/%.proto=$(B)/gen/%.pb-c.c)
GEN_O := $(GEN_C:.c=.o)
.SECONDARY: $(GEN_C)

$(B)/gen/%.pb-c.c $(B)/gen/%.pb-c.h: proto/%.proto | $(B)/packages
	@mkdir -p $(@D)
	$(call say,PROTO)
	$(Q)protoc-c --c_out=$(B)/gen -Iproto $<

$(B)/gen/%.pb-c.o: $(B)/gen/%.pb-c.c
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) -w -c $< -o $@

# --- Lua scripts: NAME.lua becomes NAME.lua.h, which defines NAME_lua ---------
LUA_H := $(patsubst %,$(B)/lua/%.h,$(wildcard common/*/*.lua \
           services/*/*.lua services/*/*/*.lua))

$(B)/lua/%.lua.h: %.lua
	@mkdir -p $(@D)
	$(call say,LUA)
	$(Q){ echo '#include "common/redis/redis_script.h"'; \
	echo 'static const struct redis_script $(*F)_lua = { .sha ='; \
	echo "\"$$(sha1sum <$< | cut -c -40)\", .source ="; \
	sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $<; echo '};'; } >$@

# --- objects ---------------------------------------------------------------
COMMON_O := $(patsubst %.c,$(B)/%.o,$(wildcard common/*/*.c))
objs = $(patsubst %.c,$(B)/%.o,$(wildcard services/$(1)/*.c services/$(1)/*/*.c))
core = $(filter-out %/main.o,$(call objs,$(1)))

# All of them: -MMD leaves out the generated headers, which are -isystem.
$(B)/%.o: %.c $(GEN_C) | $(B)/packages $(LUA_H)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) $(WARN) -c $< -o $@

$(B)/libcommon.a: $(COMMON_O) $(GEN_O)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^

define service
$(B)/lib$(1).a: $(call core,$(1))
	@rm -f $$@
	$$(call say,AR)
	$$(Q)$$(AR) rcs $$@ $$^

$(B)/bin/$(PROGRAM.$(1)): $(B)/services/$(1)/main.o $(B)/lib$(1).a $(B)/libcommon.a
	@mkdir -p $$(@D)
	$$(call say,LD)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(call LIBS,$(1)) -o $$@
endef
$(foreach s,$(SERVICES),$(eval $(call service,$(s))))

# --- unit tests: tests/unit/<service or common>/test_*.c --------------------
UNIT := $(patsubst tests/%.c,$(B)/%,$(wildcard tests/unit/*/test_*.c))
CHECK_LIBS := $(shell $(PKG_CONFIG) --libs check 2>/dev/null)

$(B)/tests/unit/%.o: tests/unit/%.c $(GEN_C) | $(B)/packages-unit $(LUA_H)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) $(WARN) -Wno-missing-prototypes \
		-Wno-conversion -Wno-sign-conversion -Wno-null-dereference \
		-Wno-pedantic -c $< -o $@

define unit
$(B)/unit/$(1)/test_%: $(B)/tests/unit/$(1)/test_%.o $(if $(filter-out common,$(1)),$(B)/lib$(1).a) $(B)/libcommon.a
	@mkdir -p $$(@D)
	$$(call say,TEST)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) $$(filter %.o,$$^) \
		$$(filter %.a,$$^) $$(CHECK_LIBS) \
		$$(call LIBS,$(filter-out common,$(1))) -o $$@
endef
.SECONDARY: $(UNIT:$(B)/unit/%=$(B)/tests/unit/%.o)
$(foreach s,common $(SERVICES),$(eval $(call unit,$(s))))

# These fail their allocations on purpose (tests/unit/fault.h).
$(B)/unit/common/test_buf $(B)/unit/common/test_map \
$(B)/unit/common/test_wire: \
	LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc
$(B)/unit/common/test_sock: LDFLAGS += -Wl,--wrap=socket
$(B)/unit/hbbr/test_link: LDFLAGS += -Wl,--wrap=loop_now
$(B)/unit/hbbs/test_udp: LDFLAGS += -Wl,--wrap=sendmmsg
$(B)/unit/api/test_lanes: LDFLAGS += -Wl,--wrap=app_tick_ms
$(B)/unit/api/test_doc: LDFLAGS += -Wl,--wrap=db_eval_argv
$(B)/unit/api/test_hub: LDFLAGS += -Wl,--wrap=http_rest,--wrap=http_wake
$(B)/unit/hbbr/test_report: LDFLAGS += -Wl,--wrap=registry_tell_lists
$(B)/unit/utils/test_backupfile: LDFLAGS += -Wl,--wrap=crypto_pwhash
$(B)/unit/common/test_console: LDFLAGS += -Wl,--wrap=timer_start
# Redis is pretended in these.
$(B)/unit/utils/test_pipeline: LDFLAGS += -Wl,--wrap=redis_sync_append \
	-Wl,--wrap=redis_sync_next,--wrap=redis_sync_format
$(B)/unit/hbbs/test_seen: \
	LDFLAGS += -Wl,--wrap=redis_eval,--wrap=redis_connected

# These share the code that starts Redis servers.
$(filter $(B)/unit/common/test_redis_%,$(UNIT)): \
	$(B)/tests/unit/common/redis_server.o $(B)/tests/unit/common/redis_client.o

# These share several nodes on one pretended Redis.
$(filter $(B)/unit/hbbs/test_%,$(UNIT)): \
	$(B)/tests/unit/hbbs/world.o $(B)/tests/unit/hbbs/world_policy.o \
	$(B)/tests/unit/hbbs/world_expect.o $(B)/tests/unit/hbbs/steps.o
# A and B of WebRTC.
$(B)/unit/hbbs/test_ice $(B)/unit/hbbs/test_offer: $(B)/tests/unit/hbbs/offering.o
$(filter $(B)/unit/hbbs/test_%scripts,$(UNIT)) \
$(B)/unit/hbbr/test_registry: $(B)/tests/unit/common/redis_server.o

.PHONY: unit
unit: $(UNIT) ## build and run the unit tests
	@tests/unit/run $(UNIT)

# --- coverage ----------------------------------------------------------------
# Programs count what they run; tools/cov sums it up by the rooms of
# ARCHITECTURE.md. Not a part of `make test`.
DEPS_COV := gcovr
COV := $(CURDIR)/build/cov
COV_PYTEST := /usr/bin/python3 -m pytest -q -p no:cacheprovider --color=no

.PHONY: cov cov-unit
cov-unit: ## which lines the unit tests run, room by room
	@tools/deps $(DEPS_COV)
	@find $(COV) -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory PROFILE=cov B=$(COV) all unit
	@tools/cov $(COV)

cov: cov-unit ## and which lines all tests of programs run
	-UTILS_BIN=$(COV)/bin $(COV_PYTEST) tests/utils
	-API_BINARY=$(COV)/bin/api $(COV_PYTEST) tests/api
	-@$(MAKE) --no-print-directory PROFILE=cov B=$(COV) conformance
	-NODES_BIN=$(COV)/bin $(COV_PYTEST) tests/nodes
	@tools/cov $(COV) --check

# --- fuzzing ----------------------------------------------------------------
# The tests replay the corpus with any compiler; `make fuzz` looks for new
# inputs with clang's libFuzzer. A target is linked with the libraries of the
# services whose headers it includes.
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_MAIN := $(if $(filter fuzz,$(PROFILE)),,tests/fuzz/replay.c)
SECONDS_EACH ?= 60

define fuzz
$(B)/fuzz/$(1): tests/fuzz/$(1).c $(FUZZ_MAIN) $(2:%=$(B)/lib%.a) $(B)/libcommon.a
	@mkdir -p $$(@D)
	$$(call say,FUZZ)
	$$(Q)$$(CC) $$(CFLAGS) $$(CPPFLAGS) $$(WARN) -Wno-missing-prototypes \
		$$(LDFLAGS) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) \
		$$(filter %.c %.a,$$^) $$(foreach s,$(2),$$(call LIBS,$$s)) \
		$$(call LIBS,) -o $$@
endef
fuzz_services = $(shell sed -n 's|^.include "services/\([a-z]*\)/.*|\1|p' \
		tests/fuzz/$(1).c | sort -u)
$(foreach f,$(FUZZ),$(eval $(call fuzz,$f,$(call fuzz_services,$f))))

.PHONY: fuzz fuzz-replay
fuzz-replay: $(FUZZ:%=$(B)/fuzz/%) ## replay every corpus file
	@for f in $(FUZZ); do $(B)/fuzz/$$f tests/fuzz/corpus/$$f || exit 1; done

fuzz: ## look for crashes: make fuzz [T=fuzz_frame] [SECONDS_EACH=60]
	@for f in $(or $(T),$(FUZZ)); do \
		$(MAKE) --no-print-directory CC=clang PROFILE=fuzz B=build/fuzz \
			build/fuzz/fuzz/$$f && mkdir -p build/fuzz/found/$$f && \
		build/fuzz/fuzz/$$f -max_total_time=$(SECONDS_EACH) -timeout=10 \
			-rss_limit_mb=1024 -print_final_stats=1 \
			-artifact_prefix=build/fuzz/found/ \
			build/fuzz/found/$$f tests/fuzz/corpus/$$f || exit 1; \
	done
	$(if $(T),,$(MAKE) --no-print-directory PROFILE=asan build/asan/bin/api)
	$(if $(T),,API_BINARY=$(CURDIR)/build/asan/bin/api \
		HOSTILE_SECONDS=$(SECONDS_EACH) /usr/bin/python3 -m pytest -q \
		-p no:cacheprovider tests/api/test_hostile.py)

# --- the pages: console and web client --------------------------------------
# Needs node >= 18 and npm, at build time only; `make all` does without.
WEB := services/web
WEB_READY := $(WEB)/node_modules/.package-lock.json

$(WEB_READY): $(WEB)/package-lock.json
	@tools/node
	$(call say,NPM)
	$(Q)cd $(WEB) && npm ci --no-progress --loglevel=error

.PHONY: web web-deps web-lint web-test web-browser
web-deps: # Debian's node and npm, where no others are there
	@tools/node >/dev/null 2>&1 || tools/deps $(DEPS_WEB)

web-lint: $(WEB_READY) ## types and import order of the pages
	$(Q)cd $(WEB) && node_modules/.bin/tsc --noEmit && node layers.mjs

web: web-lint ## build the pages into services/web/dist
	$(Q)cd $(WEB) && node build.mjs

web-test: $(WEB_READY) ## unit tests of the pages' code
	$(Q)tests/web/unit

web-browser: web all ## the web client in a browser, against a scripted device
	$(Q)tests/web/client/run $(B)/bin

# Few colours: the pictures stay small.
.PHONY: console-pictures
console-pictures: web all ## the pictures of docs/console.md, from the console
	$(Q)mkdir -p docs/pictures && FILES=pictures.ts tests/web/console/run
	$(Q)for p in docs/pictures/*.png; do \
		ffmpeg -v error -y -i "$$p" -vf \
		'split[a][b];[a]palettegen=max_colors=96[p];[b][p]paletteuse=dither=none' \
		"$$p.new.png" && mv "$$p.new.png" "$$p" || exit 1; done

GALLERY ?= $(CURDIR)/build/gallery
.PHONY: gallery
gallery: web all ## pictures of the console's pages, to be looked at: [GALLERY=FOLDER]
	$(Q)GALLERY=$(abspath $(GALLERY)) FILES=gallery.ts tests/web/console/run

# --- packages, running, the whole test --------------------------------------
DEPS_BUILD := gcc libc6-dev make git pkg-config protobuf-c-compiler \
              libcbor-dev libcurl4-openssl-dev libfido2-dev libhiredis-dev \
              libjson-c-dev libldap-dev \
              libmaxminddb-dev libmicrohttpd-dev liboath-dev \
              libprotobuf-c-dev libqrencode-dev libsodium-dev libsqlite3-dev \
              libssl-dev libuv1-dev libwebsockets-dev
DEPS_RUN := libwebsockets-evlib-uv ca-certificates nginx openssl python3 \
            redis-server
DEPS_WEB := nodejs npm
DEPS_TEST := apache2 caddy check dehydrated pebble chromium chromium-driver \
             clang clang-format-14 clang-tidy-14 coturn curl debootstrap \
             docker-compose docker.io fail2ban ffmpeg haproxy iproute2 \
             iptables jq \
             libclang-rt-14-dev lua5.1 node-tweetnacl procps prometheus \
             python3-aiortc python3-kubernetes python3-nacl python3-pytest \
             python3-requests python3-selenium python3-yaml shellcheck slapd util-linux zbar-tools

DEPS_DEB := debhelper dpkg-dev lintian

.PHONY: deps build-deps run test image base-images deb
deps: ## install the packages of everything, tests included (root or sudo)
	@tools/deps $(DEPS_BUILD) $(DEPS_RUN) $(DEPS_DEB) $(DEPS_TEST)
	@$(MAKE) --no-print-directory web-deps

build-deps: ## install what building needs, and nothing else
	@tools/deps $(DEPS_BUILD)

run: ## build and run the stack without containers, until Ctrl-C
	@tools/deps $(DEPS_BUILD) $(DEPS_RUN)
	@$(MAKE) --no-print-directory all
	@exec /usr/bin/python3 tools/run_stack.py $(B)/bin

test: deps ## run every test this machine can run (STAGES="a b" for some)
	@exec /usr/bin/python3 tests/run_tests.py $(STAGES)

deb: ## build the Debian package into build/deb: make deb [ARCH=arm64]
	@tools/deps $(DEPS_BUILD) $(DEPS_DEB) $(if $(ARCH),debootstrap)
	@$(MAKE) --no-print-directory web-deps web
	@packaging/deb build/deb $(ARCH)

# What only compiled is not kept: without BuildKit it would stay as images
# without a name, 500 MB.
image: ## build the container images
	$$(command -v docker-compose || echo docker compose) --profile turn build
	docker image prune -f --filter label=rustdesk-server.stage=build

.PHONY: k8s
k8s: ## write k8s/base and k8s/chart from docker-compose.yml
	@k8s/generate

.PHONY: settings print-%
settings: all ## write the settings table of README.md
	@tools/settings $(B)/bin

print-%:
	@echo $($*)

base-images: ## make debian:12-slim where no registry can be reached
	@tools/base-images

# --- beside its peers: docs/performance.md ----------------------------------
DEPS_BENCH := haproxy iproute2 nginx openssl
BENCH := $(patsubst %,$(B)/bench/%,udp_load relay_load bare_relay http_load conn_load \
           video_load tls_load slow_disk.so)
BENCH_RUN = PATH="$$PATH:/usr/sbin" /usr/bin/python3 tests/bench/bench.py \
            $(B)/bin $(B)/bench

$(B)/bench/udp_load: tests/bench/udp_side.c
$(B)/bench/video_load $(B)/bench/tls_load: BENCH_LIBS := -lssl -lcrypto
$(B)/bench/%: tests/bench/%.c tests/bench/gen.c tests/bench/gen.h
	@mkdir -p $(@D)
	$(call say,BENCH)
	$(Q)$(CC) $(CFLAGS) -I. $(WARN) -Wno-conversion -Wno-sign-conversion \
		-Wno-null-dereference $(LDFLAGS) $(filter %.c,$^) -pthread $(BENCH_LIBS) -o $@

# Goes into a program that is not ours: no sanitizer.
$(B)/bench/slow_disk.so: tests/bench/slow_disk.c
	@mkdir -p $(@D)
	$(call say,BENCH)
	$(Q)$(CC) -O2 $(WARN) -Wno-missing-prototypes -shared -fPIC $< -o $@

.PHONY: bench bench-smoke
bench: all web $(BENCH) ## beside its peers: make bench [ROWS="bulk api"] [ROUNDS=5] [SECONDS=2]
	@tools/deps $(DEPS_BENCH)
	@$(BENCH_RUN)

bench-smoke: all $(BENCH) ## every row of the bench in tiny form
	@$(BENCH_RUN) smoke

# --- conformance to the wire protocol: tests/conformance/README.md ---------
CONFORMANCE = /usr/bin/python3 -m pytest -q -rfEsx -p no:cacheprovider \
              --color=no '$(or $(ONLY),tests/conformance)' --bin $(B)/bin

.PHONY: conformance conformance-table conformance-reference
conformance: all $(BENCH) ## the wire protocol, case by case; ONLY=test
	$(CONFORMANCE)

conformance-table: all $(BENCH) ## and docs/conformance.md
	$(CONFORMANCE) --table docs/conformance.md

conformance-reference: ## the reference server, at REF_HBBS and REF_HBBR
	-$(CONFORMANCE) --profile reference \
		--table docs/conformance-reference.md

# --- two of each, in containers: docs/scale.md -------------------------------

.PHONY: scale
scale: ## two hbbs, hbbr and api in containers: sessions, deaths, restarts
	/usr/bin/python3 -m pytest -q -rfEs -p no:cacheprovider --color=no \
		'$(or $(ONLY),tests/stack/test_scale.py)'

# --- chaos: docs/chaos.md ---------------------------------------------------

SEED ?= 1
CHAOS := /usr/bin/python3 -m pytest -q -rfEs -p no:cacheprovider \
         --color=no '$(or $(ONLY),tests/chaos)' --bin $(B)/bin --seed $(SEED) \
         $(if $(LONG),--long)

.PHONY: chaos chaos-table
chaos: $(B)/bin/hbbs $(B)/bin/hbbr $(B)/bin/api ## break things under load; LONG=1 SEED=n
	$(CHAOS)

chaos-table: $(B)/bin/hbbs $(B)/bin/hbbr $(B)/bin/api ## and docs/chaos.md
	$(CHAOS) --table docs/chaos.md

# --- hostile addresses: docs/security.md -------------------------------------

ATTACK := /usr/bin/python3 -m pytest -q -s -rfEs -p no:cacheprovider \
          --color=no '$(or $(ONLY),tests/attack)' --bin $(B)/bin

.PHONY: attack attack-smoke
attack: $(B)/bin/hbbs $(B)/bin/hbbr $(B)/bin/api ## attack under load, and docs/security.md
	$(ATTACK) --long --table docs/security.md

attack-smoke: $(B)/bin/hbbs $(B)/bin/hbbr $(B)/bin/api ## the same for 3 s each, no figures
	$(ATTACK)

# --- hygiene ----------------------------------------------------------------
SOURCES = $(shell git ls-files '*.c' '*.h')

# What the compiler's own analyzer says of each file.
ANALYZED := $(patsubst %.c,$(B)/%.analyzed,$(wildcard common/*/*.c \
              services/*/*.c services/*/*/*.c))

$(B)/%.analyzed: %.c $(GEN_C) | $(LUA_H)
	@mkdir -p $(@D)
	$(call say,ANALYZE)
	$(Q)clang --analyze --analyzer-output text -Xclang -analyzer-werror \
		$(filter-out -O% -g -W% -f% -D_FORTIFY%,$(CFLAGS)) \
		$(filter-out -MMD -MP,$(CPPFLAGS)) $<
	@touch $@

# For editors, clangd and clang-tidy.
compile_commands.json: Makefile $(wildcard common/*/*.c services/*/*.c \
                       services/*/*/*.c)
	$(call say,WRITE)
	$(Q)tools/compile_commands $(B) >$@

.PHONY: check analyze tidy
check: export UNIT_PASSED := $(abspath $(B))/unit/passed
check: ## build, lint and the unit tests of what changed: before a commit
	@$(MAKE) --no-print-directory -j$(shell nproc) all lint unit

analyze: $(ANALYZED) ## clang's analyzer over every file

tidy: compile_commands.json $(GEN_C) $(LUA_H) ## the checks of .clang-tidy
	$(Q)git ls-files 'common/*.c' 'services/*.c' | \
		xargs -P$(shell nproc) -n 8 clang-tidy-14 --quiet \
		--warnings-as-errors='*' \
		--extra-arg=-Wno-cast-qual 2>/dev/null

.PHONY: fmt lint layers
fmt: ## format the code
	$(Q)clang-format-14 -i $(SOURCES)

layers: ## check the include rule of ARCHITECTURE.md
	@tools/lint/layers

lint: layers ## layers, function sizes, asserting calls, names in Redis, Lua, formatting
	@tools/lint/size
	@tools/lint/calls
	@tools/lint/keys
	@tools/lint/fields
	@tools/lint/lua
	@tools/lint/names
	@tools/lint/dialect
	$(Q)clang-format-14 --dry-run --Werror $(SOURCES)

.PHONY: install clean help
.PHONY: release
release: ## check that this tree can be released, write build/dist, and say how
	@tools/release $(VERSION) >/dev/null
	@$(MAKE) --no-print-directory deb
	@$(MAKE) --no-print-directory deb ARCH=arm64
	@TAG=$(VERSION) $(MAKE) --no-print-directory image
	@tools/dist $(VERSION) build/deb build/dist
	@tools/release $(VERSION)

install: all ## install the programs under PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(B)/bin/* $(DESTDIR)$(PREFIX)/bin

clean: ## remove the build folder
	rm -rf build

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

-include $(shell find $(B) -name '*.d' 2>/dev/null)
