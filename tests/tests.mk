# The tests' own programs, and the targets that run tests. Read by ../Makefile.

provider_o = $(call objects,tests/provider)
# Without the programs' own ends, for the unit tests to link what they need.
# Of the greeter, what needs no GTK.
greeter_pure_o = $(addprefix $(BUILD)/greeter/,arrange.o frame.o message.o session.o talk.o)
units_o = $(login_lib_o) $(sandbox_o) $(common_o) $(filter-out %/main.o,$(oauth_o)) $(greeter_pure_o)
unit_tests = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
wraps = $(addprefix -Wl$(comma)--wrap=,$(1))
comma = ,

$(BUILD)/units.a: $(units_o)

# A program of one file: what else it is made of, its libraries, further flags.
define test_program
$(call program,tests/$(1),$(BUILD)/tests/$(1).o $(2),$(3))
endef

$(eval $(call program,tests/provider/provider,$(provider_o),-lmicrohttpd -lcrypto -lcjson))
$(eval $(call test_program,pam/host,,-lpam))
$(eval $(call test_program,pam/threads,,-lpam -pthread))
$(eval $(call test_program,qr/show,$(BUILD)/units.a))
$(eval $(call test_program,channel/client,$(common_a)))
$(eval $(call test_program,login/knock,$(common_a)))
$(eval $(call test_program,sandbox/without,,-lseccomp))
$(eval $(call test_program,sandbox/arch,$(sandbox_o) $(common_a),-lseccomp))
$(eval $(call test_program,sandbox/attack,$(BUILD)/tests/sandbox/sandbox.o \
	$(BUILD)/helper/oauth_client/confined/syscalls.o $(sandbox_o) $(common_a),-lseccomp))
$(eval $(call test_program,sandbox/login_attack,$(BUILD)/helper/login/confine.o $(sandbox_o) $(common_a),-lseccomp))
$(eval $(call test_program,fleet/fleet,$(BUILD)/helper/oauth_client/flow/polling.o))
$(eval $(call test_program,bench/floor,,-lcurl))
$(eval $(call test_program,bench/crowd,,-lpam -pthread))
$(foreach name,admin/escape login/sockd locker/scan locker/inflight sandbox/dns faults/wire replies/server devlog stand_root bench/stopwatch bench/relay bench/storm,\
	$(eval $(call test_program,$(name))))
hosts_programs = $(patsubst tests/%.c,%,$(wildcard tests/hosts/*.c))
$(foreach name,$(hosts_programs),$(eval $(call test_program,$(name),,-lpam)))
unit_test_client_o = $(BUILD)/pam_module/client.o
unit_test_people_hosts_o = $(BUILD)/admin/people/people_hosts.o
unit_test_kept_o = $(addprefix $(BUILD)/admin/sessions/,sessions.o refresh.o)
$(foreach name,$(patsubst tests/%.c,%,$(wildcard tests/unit/test_*.c)),\
	$(eval $(call test_program,$(name),$($(subst /,_,$(name))_o) $(BUILD)/units.a,-lcmocka $(OAUTH_LIBS))))

# Reads back what libcurl is told.
$(BUILD)/tests/unit/test_http_options: LDFLAGS += $(call wraps,curl_easy_setopt)
$(BUILD)/tests/unit/test_json: LDFLAGS += $(call wraps,cJSON_InitHooks free malloc_usable_size)
$(BUILD)/tests/unit/test_record: LDFLAGS += $(call wraps,scratch_take process_same_program)
$(BUILD)/tests/unit/test_client: LDFLAGS += $(call wraps,channel_connect channel_exists)
$(BUILD)/tests/unit/test_gdm: $(BUILD)/pam_module/pam_gdm.o
$(BUILD)/tests/unit/test_gdm: LDFLAGS += $(call wraps,pam_get_item)
$(BUILD)/tests/unit/test_renewal: LDFLAGS += $(call wraps,strdup calloc)
$(BUILD)/tests/unit/test_enforce: LDFLAGS += $(call wraps,conf_number conf_text)

# The sandbox, with a Landlock that can be less than the kernel has.
$(BUILD)/tests/sandbox/sandbox.o: helper/oauth_client/confined/sandbox.c helper/oauth_client/confined/sandbox.h
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -DSANDBOX_FOR_TESTS -c -o $@ $<

# Helpers whose libcurl makes a system call of its own.
stray_calls = unknown newer execve no_handle no_thread aborts crashes
$(BUILD)/tests/sandbox/stray-%.o: tests/sandbox/stray.c
	@mkdir -p $(@D)
	$(say) CC "$< ($*)"
	$(Q)$(CC) $(ALL_CFLAGS) -DSTRAY=$* -c -o $@ $<

$(BUILD)/tests/sandbox/helper-%: $(BUILD)/tests/sandbox/stray-%.o $(helper_o)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--wrap=curl_easy_init,--wrap=pthread_create -o $@ $^ $(OAUTH_LIBS)

$(BUILD)/tests/sandbox/qr-execve: $(BUILD)/tests/sandbox/stray_qr.o $(qr_program_o)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--wrap=QRcode_encodeString8bit -o $@ $^ $(QR_LIBS)

# The greeter, which also says in words what it shows.
$(BUILD)/tests/greeters/view.o: greeter/view.c $(wildcard greeter/*.h)
	@mkdir -p $(@D)
	$(say) CC "$< (it tells)"
	$(Q)$(CC) $(ALL_CFLAGS) $(GREETER_CFLAGS) -DTELL_FOR_TESTS -c -o $@ $<
$(eval $(call program,tests/greeters/device-code-greeter,\
	$(BUILD)/tests/greeters/view.o $(filter-out %/view.o,$(greeter_o)) $(common_a),$$(GREETER_LIBS)))

.SECONDARY:

.PHONY: units
units: $(unit_tests)

$(BUILD)/tests/bench/pam_hold.so: tests/bench/pam_hold.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -shared -fPIC $(CFLAGS) -o $@ $< -lpam

$(BUILD)/tests/sessions/%.so: tests/sessions/%.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -shared -fPIC $(CFLAGS) $(WARNINGS) -Wno-missing-prototypes -D_GNU_SOURCE -o $@ $< -lpam

$(BUILD)/tests/sessions/%: $(BUILD)/tests/sessions/%.o $(addprefix $(BUILD)/helper/login/session/,process.o cgroup.o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^

.PHONY: fleet
fleet: $(BUILD)/tests/fleet/fleet ## a million waiting machines and a provider that goes away: docs/fleet.svg
	@$<
	@$< 1000000 svg >docs/fleet.svg

.PHONY: bench
bench: ## whole logins beside a bare libcurl program: medians and ratios (as root)
	@tests/deps build demo check
	@$(MAKE) --no-print-directory all test-programs stage $(BUILD)/tests/bench/floor \
		$(BUILD)/tests/bench/stopwatch $(BUILD)/tests/bench/relay $(BUILD)/tests/bench/storm
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/callgrind EXTRA_CFLAGS=-DUNLIMITED_FOR_TESTS stage
	@tests/bench/run

.PHONY: test-programs
test-programs: $(unit_tests) $(BUILD)/tests/provider/provider $(BUILD)/tests/pam/host \
	$(BUILD)/tests/qr/show $(BUILD)/tests/channel/client $(BUILD)/tests/admin/escape $(BUILD)/tests/devlog $(BUILD)/tests/stand_root \
	$(BUILD)/tests/sandbox/attack $(BUILD)/tests/sandbox/dns $(BUILD)/tests/sandbox/without \
	$(BUILD)/tests/sandbox/arch $(BUILD)/tests/sandbox/login_attack $(stray_calls:%=$(BUILD)/tests/sandbox/helper-%) $(BUILD)/tests/sandbox/qr-execve \
	$(BUILD)/tests/login/sockd $(BUILD)/tests/login/knock $(BUILD)/tests/locker/scan $(BUILD)/tests/locker/inflight $(BUILD)/tests/replies/server $(BUILD)/tests/faults/wire \
	$(BUILD)/tests/bench/crowd \
	$(BUILD)/tests/bench/pam_hold.so $(BUILD)/tests/sessions/pam_seen_max.so \
	$(BUILD)/tests/sessions/killer.so $(BUILD)/tests/sessions/no_setgroups.so $(BUILD)/tests/sessions/late.so $(BUILD)/tests/sessions/nss_directory.so $(BUILD)/tests/sessions/liar $(BUILD)/tests/sessions/stuck \
	$(hosts_programs:%=$(BUILD)/tests/%)

# The whole module in one process, a puppet in place of the helper: its paths lead to build/puppet.
stage_o = $(BUILD)/tests/hostile/stage.o $(login_lib_o) $(here_o) $(common_a)
puppet_root = $(CURDIR)/$(BUILD)/root
puppet_install = $(puppet_root)/libexec/pam-device-code

$(BUILD)/puppet: tests/hostile/puppet.c tests/hostile/script.h tests/hostile/stage.h common/wire.c common/wire_helper.c
	@mkdir -p $(@D) $(puppet_install) $(puppet_root)/share/pam-device-code/providers \
		$(puppet_root)/run
	$(say) LINK $@
	$(Q)$(CC) -std=gnu11 -I. $(WARNINGS) $(DEFINES) -O1 -o $@ $(filter %.c,$^)
	$(Q)$(INSTALL) -m 0755 $@ $(puppet_install)/device-code-helper
	$(Q)$(INSTALL) -m 0755 $@ $(puppet_install)/device-code-qr
	$(Q)$(INSTALL) -m 0644 conf/providers/*.conf $(puppet_root)/share/pam-device-code/providers/

# The calls that are made to fail stand in the table of the test.
failing_calls = $(filter-out pidfd_open close_range keyctl,\
	$(shell sed -n "s/^\tX.\([a-z0-9_]*\),.*/\1/p" $(1))) syscall

$(eval $(call test_program,fail/module,$(stage_o) $(BUILD)/puppet))
$(eval $(call test_program,hostile/hostile,$(stage_o) $(BUILD)/puppet))
$(eval $(call test_program,secrets/module,$(stage_o) $(BUILD)/puppet))
$(BUILD)/tests/fail/module: LDFLAGS += $(call wraps,$(call failing_calls,tests/fail/module.c))
$(BUILD)/tests/hostile/hostile $(BUILD)/tests/secrets/module: LDFLAGS += $(call wraps,names_in_files)

# The helper's flow with replies of the test's making.
ways_o = $(BUILD)/tests/replies/ways.o $(BUILD)/units.a
$(eval $(call test_program,replies/replies,$(ways_o),$(OAUTH_LIBS)))
$(eval $(call test_program,fail/helper,$(ways_o),$(OAUTH_LIBS)))
$(eval $(call test_program,secrets/flow,$(ways_o),$(OAUTH_LIBS)))
$(BUILD)/tests/fail/helper: LDFLAGS += $(call wraps,malloc calloc realloc strdup tsearch)

# The whole helper in a child of the test's.
$(eval $(call test_program,secrets/real,$(BUILD)/tests/helper_main.o $(BUILD)/units.a,$(OAUTH_LIBS)))
$(BUILD)/tests/secrets/real: LDFLAGS += $(call wraps,exit)
$(BUILD)/tests/helper_main.o: helper/oauth_client/main.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -Dmain=helper_main -Wno-missing-prototypes \
		-MMD -MP -c -o $@ $<

.PHONY: puppet-programs puppet puppet-plain
puppet-programs: $(addprefix $(BUILD)/tests/,$(PUPPET_PROGRAMS))

# Plain, for what is measured, and under the sanitizers.
puppet_make = $(MAKE) --no-print-directory BUILD=$(1) prefix=$(CURDIR)/$(1)/root \
	sysconfdir=$(CURDIR)/$(1)/root/etc runstatedir=$(CURDIR)/$(1)/root/run \
	puppet-programs
puppet: puppet-plain
	@+$(call puppet_make,build/puppet-sanitized) CC=clang CFLAGS="-O1 -g" LINK_HARDENING= \
		HARDENING="-fPIC -fsanitize=address,undefined -fno-sanitize-recover=all" \
		EXTRA_CFLAGS="-DUNLIMITED_FOR_TESTS -DLSAN" PUPPET_PROGRAMS="fail/module fail/helper hostile/hostile replies/replies"
puppet-plain:
	@+$(call puppet_make,build/puppet) EXTRA_CFLAGS=-DUNLIMITED_FOR_TESTS \
		PUPPET_PROGRAMS="hostile/hostile secrets/module secrets/flow secrets/real"

# Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer.
.PHONY: sanitized
sanitized:
	@$(MAKE) --no-print-directory BUILD=build/sanitized CC=clang CFLAGS='-O1 -g' \
		HARDENING='-fPIC -fsanitize=address,undefined -fno-sanitize-recover=all' \
		LINK_HARDENING= EXTRA_CFLAGS=-DUNLIMITED_FOR_TESTS units

# The module under a thread sanitizer: as it is, and with the whole login in it.
.PHONY: threads threads-channel threads-here
threads: threads-channel threads-here
threads-channel threads-here:
	@+$(MAKE) --no-print-directory BUILD=build/$(@:-channel=) CFLAGS='-O1 -g' HARDENING='-fPIC -fvisibility=hidden' \
		LINK_HARDENING= EXTRA_CFLAGS=-fsanitize=thread EXTRA_LDFLAGS=-fsanitize=thread \
		$(if $(filter %-here,$@),LOGIN_HERE=yes) build/$(@:-channel=)/pam_device_code.so \
		build/$(@:-channel=)/tests/pam/threads

# ---- fuzzing: one program for each tests/fuzz/fuzz_NAME.c, the product's objects with it ----------

fuzz_programs = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_o = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/fuzz_*.c))
$(fuzz_o): $(BUILD)/compiled-in

# Calls that a target stands in for, and what of the module the archive does not have.
$(BUILD)/tests/fuzz/fuzz_conf $(BUILD)/tests/fuzz/fuzz_pam: \
	fuzz_wrap = -Wl,--wrap=openat,--wrap=lstat,--wrap=stat,--wrap=scandir
$(BUILD)/tests/fuzz/fuzz_pam: fuzz_wrap += -Wl,--wrap=malloc,--wrap=calloc,--wrap=strdup \
	-Wl,--wrap=getitimer,--wrap=open,--wrap=mkdir
fuzz_pam_o = $(here_o)
$(BUILD)/tests/fuzz/fuzz_pam: fuzz_more = $(fuzz_pam_o)
$(BUILD)/tests/fuzz/fuzz_pam: $(fuzz_pam_o)
$(BUILD)/tests/fuzz/fuzz_stack: fuzz_wrap = -Wl,--wrap=openat,--wrap=lstat,--wrap=stat,--wrap=scandir \
	-Wl,--wrap=fopen,--wrap=fclose
$(BUILD)/tests/fuzz/fuzz_stack: fuzz_more = $(BUILD)/admin/check/stack.o
$(BUILD)/tests/fuzz/fuzz_stack: $(BUILD)/admin/check/stack.o

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/units.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) -fsanitize=fuzzer $(ALL_LDFLAGS) $(fuzz_wrap) -o $@ $< \
		$(fuzz_more) $(BUILD)/units.a $(OAUTH_LIBS)

.PHONY: fuzz-programs fuzz-programs-here
fuzz-programs-here: $(fuzz_programs)
fuzz-programs:
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=clang CFLAGS='-O1 -g' \
		HARDENING='-fPIC -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
		LINK_HARDENING= EXTRA_CFLAGS=-DUNLIMITED_FOR_TESTS fuzz-programs-here

SECONDS = 600
.PHONY: fuzz
fuzz: ## fuzz for SECONDS=600 each TARGETS="json wire" (all), as many at a time as processors
	@$(MAKE) --no-print-directory -j$$(nproc) fuzz-programs
	@JOBS=$${JOBS:-$$(nproc)} tests/fuzz/run --seconds $(SECONDS) --keep $(TARGETS)

# ---- coverage ----------------------------------------------------------------------------------

counting = -fprofile-instr-generate=$(CURDIR)/build/coverage/raw/%m%c.profraw -fcoverage-mapping \
	-mllvm -runtime-counter-relocation -Wno-unused-command-line-argument
counted_puppets = fail/module fail/helper replies/replies hostile/hostile
.PHONY: coverage
coverage: ## lines that tests reach, for each file; SHOW=1 lists those that no test does
	@$(MAKE) --no-print-directory -j$$(nproc) test-programs
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=build/coverage CC=clang CFLAGS='-O0 -g' \
		HARDENING=-fPIC LINK_HARDENING=-Wl,--as-needed \
		EXTRA_CFLAGS='-DUNLIMITED_FOR_TESTS $(counting)' \
		EXTRA_LDFLAGS='-fprofile-instr-generate' units stage
	@+$(call puppet_make,build/coverage/puppet) -j$$(nproc) CC=clang CFLAGS='-O0 -g' \
		HARDENING=-fPIC LINK_HARDENING=-Wl,--as-needed \
		EXTRA_CFLAGS='-DUNLIMITED_FOR_TESTS $(counting)' \
		EXTRA_LDFLAGS='-fprofile-instr-generate' \
		PUPPET_PROGRAMS="$(counted_puppets)"
	@tests/coverage $(if $(SHOW),--show)

.PHONY: format
format: ## lay out the C code as .clang-format says (clang-format 14: others differ)
	@clang-format-14 -i $(c_files)

.PHONY: demo
demo: ## a real login against a provider on this machine; APPROVE=auto, deny or never, or you do
	@tests/demo

# Made by what make would do. For clangd and whatever else reads it.
.PHONY: compile_commands
compile_commands: ## compile_commands.json, of the product and the tests, for clangd
	@$(MAKE) --no-print-directory -Bn V=1 all units greeter | awk -v dir='$(CURDIR)' ' \
		/ -c -o / { file = $$NF; gsub(/["\\]/, "\\\\&"); \
			printf "%s{\"directory\": \"%s\", \"file\": \"%s\", \"command\": \"%s\"}", n++ ? ",\n" : "[\n", dir, file, $$0 } \
		END { print "\n]" }' >compile_commands.json

.PHONY: lint objects
objects: $(all_o)
lint: ## gcc -fanalyzer, clang-tidy, cppcheck, shellcheck: each finds nothing (tests/lint/run)
	@tests/deps build lint
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tests/run --long lint

.PHONY: check
check: ## install what testing needs, then every test; T="unit/policy pam/*": those groups; ends with "N passed, N failed"
ifdef T
	@tests/deps build demo check hosts
	@set -f; $(MAKE) --no-print-directory -j$$(nproc) $$(tests/run --needs $(T))
	@set -f; tests/run $(T)
else
	@tests/deps build demo check browser hosts real package
	@$(MAKE) --no-print-directory -j$$(nproc) WERROR=$(strict) check-programs
	@tests/run
endif

# The compilers of Debian 12 and 13 find nothing to warn of; one of tomorrow tells what it finds, and goes on.
strict = $(if $(filter 12 14,$(shell $(CC) -dumpversion)),-Werror)
.PHONY: print-strict
print-strict:
	@echo $(strict)

# Each builds in a directory of its own, so that all may build at once.
.PHONY: check-programs real-programs
check-programs: all test-programs stage user sanitized fuzz-programs puppet threads real-programs
real-programs:
	@tests/real/install && tests/real/install browser

.PHONY: check-long
check-long: ## what takes too long for each change (tests/groups-long), one after the other, as root
	@tests/deps build demo check browser hosts real package lint bare
	@$(MAKE) --no-print-directory -j$$(nproc) all test-programs stage
	@JOBS=1 tests/run --long

.PHONY: cross
cross: ## the helper and the unit tests for arm64, in an emulator
	@tests/deps build check
	@$(MAKE) --no-print-directory -j$$(nproc) $$(tests/run --needs --long cross)
	@tests/run --long cross

.PHONY: booted
booted: ## Debian 12 and 13 with the package, booted in namespaces: units, upgrades, logins (as root)
	@tests/deps build demo check hosts package bare
	@$(MAKE) --no-print-directory -j$$(nproc) all test-programs
	@tests/booted/package
	@tests/run --booted

.PHONY: greeters
greeters: ## device-code-greeter under greetd and cage, without a screen: each ending, each picture (as root)
	@tests/deps build demo check hosts greeter
	@$(MAKE) --no-print-directory -j$$(nproc) stage test-programs greeter $(BUILD)/tests/greeters/device-code-greeter
	@JOBS=1 tests/run --greeters

.PHONY: machine
machine: ## the same two emulated, with console, AppArmor, power cut and reboot (as root; half an hour each)
	@tests/deps build demo check hosts package bare machine
	@$(MAKE) --no-print-directory -j$$(nproc) all test-programs
	@tests/booted/package
	@JOBS=1 tests/run --machine

.PHONY: bare
bare: ## both commands of README on a fresh Debian tree (as root; needs debootstrap)
	@tests/deps bare
	@tests/bare/run

SUITES = trixie
.PHONY: suites suite
suites: ## demo and system tests in fresh trees of SUITES="trixie sid" (as root; needs debootstrap)
	@tests/deps bare
	@tests/suites $(SUITES)

suite: ## what `make suites` runs in each tree: the groups that depend on the system
	@tests/deps build demo check hosts
	@$(MAKE) --no-print-directory -j$$(nproc) WERROR=$(strict) all test-programs stage user puppet-plain threads
	@tests/run $(SUITE_GROUPS)

# Noglob: tests/run matches them.
SUITE_GROUPS = 'sandbox/*' 'structure' 'unit/*' 'hosts/*' 'pam/*' 'sessions/*' 'socket/*' 'channel' 'secrets/*' 'build'

.PHONY: print-c-files
print-c-files:
	@echo $(c_files)

.PHONY: stage
stage: all ## build and install into build/stage
	@rm -rf $(BUILD)/stage
	@$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/$(BUILD)/stage >/dev/null

# For people without root: the same build with its paths inside the build tree.
user_root = $(CURDIR)/build/user/root
.PHONY: user
user: ## build and install into build/user, for tests as an ordinary user
	@$(MAKE) --no-print-directory BUILD=build/user LOGIN_HERE=yes prefix=$(user_root) \
		sysconfdir=$(user_root)/etc pamdir=$(user_root)/lib/security install >/dev/null

.PHONY: deps
deps: ## install the Debian packages that building and testing need (see packages)
	@tests/deps build demo check browser hosts real package


-include $(wildcard $(BUILD)/tests/*.d $(BUILD)/tests/*/*.d)
