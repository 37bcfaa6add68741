# pam_device_code: sign in to a Linux machine by approving a code on your phone.
# `make help` explains every target.

VERSION = 0.1.0

BUILD = build
prefix = /usr
sysconfdir = /etc
runstatedir = /run
libexecdir = $(prefix)/libexec
sbindir = $(prefix)/sbin
datadir = $(prefix)/share
# Debian's multiarch directory where there is one; PAM's own choice elsewhere.
multiarch := $(shell $(CC) -print-multiarch 2>/dev/null)
pamdir = $(prefix)/lib/$(if $(multiarch),$(multiarch)/)security
unitdir = $(prefix)/lib/systemd/system
presetdir = $(prefix)/lib/systemd/system-preset
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
mandir = $(datadir)/man
bashdir = $(datadir)/bash-completion/completions
zshdir = $(datadir)/zsh/site-functions
fishdir = $(datadir)/fish/vendor_completions.d

CC = gcc
PKG_CONFIG = pkg-config
INSTALL = install
CFLAGS = -O2 -g
# Packages build without it: a compiler of tomorrow has warnings of its own.
WERROR = -Werror
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wformat=2 $(WERROR)
HARDENING = -fvisibility=hidden -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
# The module has nothing to construct: without the compiler's start files it has no writable data,
# and costs its host a page less. Counting and sanitizing builds want them.
MODULE_BARE = $(if $(EXTRA_LDFLAGS),,-nostartfiles)
LINK_HARDENING = -Wl,-z,relro,-z,now -Wl,--as-needed
DEFINES = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DSYSCONFDIR='"$(sysconfdir)"' \
	-DLIBEXECDIR='"$(libexecdir)"' -DDATADIR='"$(datadir)"' \
	-DRUNSTATEDIR='"$(runstatedir)"'
ALL_CFLAGS = -std=gnu11 $(WARNINGS) $(HARDENING) $(DEFINES) $(CFLAGS) $(EXTRA_CFLAGS)
ALL_LDFLAGS = $(LINK_HARDENING) $(LDFLAGS) $(EXTRA_LDFLAGS)

HELPER_LIBS := $(shell $(PKG_CONFIG) --libs libcurl libcjson libcrypto libseccomp 2>/dev/null)
DRAW_LIBS := $(shell $(PKG_CONFIG) --libs libqrencode libseccomp 2>/dev/null)
HELPER_CFLAGS := $(shell $(PKG_CONFIG) --cflags libcurl libcjson libcrypto libqrencode libseccomp 2>/dev/null)

module_c = $(wildcard pam_module/*.c)
# What is loaded into a host; the rest of pam_module is device-code-login's. With LOGIN_HERE=yes, in a build
# for tests, the whole login is in the host.
host_c = $(addprefix pam_module/,audit.c channel.c client.c converse.c host_pam.c list.c log.c outcome.c \
	pam_device_code.c scratch.c session_pam.c spawn.c tty.c wire.c)
helper_c = $(filter-out helper/draw.c,$(wildcard helper/*.c helper/dialect/*.c)) pam_module/wire.c
draw_c = helper/draw.c helper/sandbox.c helper/syscalls.c pam_module/wire.c
login_c = $(wildcard helper/login/*.c)
admin_c = $(wildcard admin/*.c)
# The module's doors to PAM: in nothing else.
pam_doors_o = %/pam_device_code.o %/session_pam.o %/host_pam.o %/converse.o %/log.o
provider_c = $(wildcard tests/provider/*.c)

c_files = $(wildcard pam_module/*.[ch] admin/*.[ch] helper/*.[ch] helper/dialect/*.[ch] helper/login/*.[ch] tests/*.c tests/*/*.[ch])

module_o = $(module_c:%.c=$(BUILD)/module/%.o)
here_o = $(BUILD)/module/tests/login/here.o
host_o = $(if $(LOGIN_HERE),$(filter-out %/client.o,$(module_o)) $(here_o),$(host_c:%.c=$(BUILD)/module/%.o))
helper_o = $(helper_c:%.c=$(BUILD)/helper/%.o)
draw_o = $(draw_c:%.c=$(BUILD)/helper/%.o)
admin_o = $(admin_c:%.c=$(BUILD)/admin/%.o) $(filter-out $(pam_doors_o) %/locker.o %/attempt.o %/record.o %/session.o %/client.o,$(module_o))
login_o = $(login_c:%.c=$(BUILD)/admin/%.o) $(filter-out $(pam_doors_o) %/client.o,$(module_o))
provider_o = $(provider_c:%.c=$(BUILD)/tests/%.o)

programs = $(BUILD)/pam_device_code.so $(BUILD)/device-code-helper $(BUILD)/device-code-draw \
	$(BUILD)/device-code-login $(BUILD)/pam-device-code

# V=1 shows the commands themselves.
ifeq ($(V),)
Q = @
say = @printf '  %-7s %s\n'
else
say = @:
endif

.PHONY: all
all: $(programs) ## build the module, its two helpers and pam-device-code

# What is compiled in is made again when it is asked for otherwise.
compiled_in = $(DEFINES) $(CC) $(CFLAGS) $(EXTRA_CFLAGS)
$(BUILD)/compiled-in: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(compiled_in))' | cmp -s - $@ || echo '$(subst ','\'',$(compiled_in))' >$@
$(module_o) $(helper_o) $(draw_o) $(admin_o) $(login_o) $(here_o): $(BUILD)/compiled-in
.PHONY: FORCE
FORCE:

$(BUILD)/module/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(filter-out -fPIE,$(ALL_CFLAGS)) -fPIC -MMD -MP -c -o $@ $<

$(BUILD)/helper/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(HELPER_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/admin/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/pam_device_code.so: $(host_o) pam_module/exports.map
	$(say) LINK $@
	$(Q)$(CC) -shared $(MODULE_BARE) $(ALL_LDFLAGS) -Wl,--version-script=pam_module/exports.map -Wl,-z,defs \
		-o $@ $(host_o) -lpam

$(BUILD)/device-code-helper: $(helper_o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(helper_o) $(HELPER_LIBS)

$(BUILD)/device-code-draw: $(draw_o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(draw_o) $(DRAW_LIBS)

$(BUILD)/device-code-login: $(login_o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(login_o)

$(BUILD)/pam-device-code: $(admin_o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(admin_o)

-include $(patsubst %.o,%.d,$(sort $(module_o) $(helper_o) $(draw_o) $(admin_o) $(login_o) $(here_o) $(provider_o))) \
	$(wildcard $(BUILD)/tests/tests/*/*.d)

# ---- install ---------------------------------------------------------------------------------

.PHONY: install
install: all ## install into DESTDIR (prefix, sysconfdir, pamdir as given); edits nothing under pam.d
	$(INSTALL) -d $(DESTDIR)$(pamdir) $(DESTDIR)$(libexecdir)/pam-device-code \
		$(DESTDIR)$(datadir)/pam-device-code/providers $(DESTDIR)$(sysconfdir)/security \
		$(DESTDIR)$(datadir)/pam-device-code/pam.d \
		$(DESTDIR)$(datadir)/pam-device-code/getty $(DESTDIR)$(datadir)/pam-device-code/words \
		$(DESTDIR)$(sbindir) $(DESTDIR)$(unitdir)/session-.scope.d $(DESTDIR)$(presetdir) \
		$(DESTDIR)$(sysusersdir) \
		$(DESTDIR)$(tmpfilesdir) $(DESTDIR)$(mandir)/man5 $(DESTDIR)$(mandir)/man8 \
		$(DESTDIR)$(bashdir) $(DESTDIR)$(zshdir) $(DESTDIR)$(fishdir)
	$(INSTALL) -m 0644 man/*.5 $(DESTDIR)$(mandir)/man5/
	$(INSTALL) -m 0644 man/*.8 $(DESTDIR)$(mandir)/man8/
	$(INSTALL) -m 0644 completion/pam-device-code.bash $(DESTDIR)$(bashdir)/pam-device-code
	$(INSTALL) -m 0644 completion/_pam-device-code $(DESTDIR)$(zshdir)/
	$(INSTALL) -m 0644 completion/pam-device-code.fish $(DESTDIR)$(fishdir)/
	$(INSTALL) -m 0644 $(BUILD)/pam_device_code.so $(DESTDIR)$(pamdir)/
	# Not readable: the kernel then lets nobody trace them, from their first instruction on.
	$(INSTALL) -m 0711 $(BUILD)/device-code-helper $(BUILD)/device-code-draw \
		$(BUILD)/device-code-login $(DESTDIR)$(libexecdir)/pam-device-code/
	$(INSTALL) -m 0755 $(BUILD)/pam-device-code $(DESTDIR)$(sbindir)/
	$(INSTALL) -m 0644 conf/systemd/*.socket conf/systemd/*.timer $(DESTDIR)$(unitdir)/
	for unit in conf/systemd/*.service; do \
		sed 's,@sbindir@,$(sbindir),;s,@libexecdir@,$(libexecdir),' $$unit >$(DESTDIR)$(unitdir)/$${unit##*/} && \
		chmod 0644 $(DESTDIR)$(unitdir)/$${unit##*/} || exit 1; \
	done
	$(INSTALL) -m 0644 conf/systemd/session-.scope.conf $(DESTDIR)$(unitdir)/session-.scope.d/pam-device-code.conf
	$(INSTALL) -m 0644 conf/systemd/*.preset $(DESTDIR)$(presetdir)/
	$(INSTALL) -m 0644 conf/sysusers.d/pam-device-code.conf $(DESTDIR)$(sysusersdir)/
	$(INSTALL) -m 0644 conf/tmpfiles.d/pam-device-code.conf $(DESTDIR)$(tmpfilesdir)/
	$(INSTALL) -m 0644 conf/providers/*.conf $(DESTDIR)$(datadir)/pam-device-code/providers/
	$(INSTALL) -m 0644 conf/words/*.conf $(DESTDIR)$(datadir)/pam-device-code/words/
	$(INSTALL) -m 0644 conf/pam.d/* $(DESTDIR)$(datadir)/pam-device-code/pam.d/
	$(INSTALL) -m 0644 conf/getty/login.defs $(DESTDIR)$(datadir)/pam-device-code/getty/
	sed "s,@datadir@,$(datadir)," conf/getty/kiosk.conf >$(DESTDIR)$(datadir)/pam-device-code/getty/kiosk.conf
	chmod 0644 $(DESTDIR)$(datadir)/pam-device-code/getty/kiosk.conf
	$(INSTALL) -m 0644 conf/device_code.conf conf/show-code.html \
		$(DESTDIR)$(datadir)/pam-device-code/
	test -e $(DESTDIR)$(sysconfdir)/security/device_code.conf || \
		$(INSTALL) -m 0644 conf/device_code.conf $(DESTDIR)$(sysconfdir)/security/

.PHONY: uninstall
uninstall: ## remove what install put there; the configuration stays
	rm -f $(DESTDIR)$(pamdir)/pam_device_code.so $(DESTDIR)$(sbindir)/pam-device-code \
		$(DESTDIR)$(sysusersdir)/pam-device-code.conf \
		$(DESTDIR)$(tmpfilesdir)/pam-device-code.conf
	cd man && for page in *.[58]; do rm -f $(DESTDIR)$(mandir)/man$${page##*.}/$$page; done
	rm -f $(DESTDIR)$(bashdir)/pam-device-code $(DESTDIR)$(zshdir)/_pam-device-code \
		$(DESTDIR)$(fishdir)/pam-device-code.fish
	cd conf/systemd && for unit in *; do rm -f $(DESTDIR)$(unitdir)/$$unit $(DESTDIR)$(presetdir)/$$unit; done
	rm -f $(DESTDIR)$(unitdir)/session-.scope.d/pam-device-code.conf
	rm -rf $(DESTDIR)$(libexecdir)/pam-device-code $(DESTDIR)$(datadir)/pam-device-code

# ---- what others build from --------------------------------------------------------------------

# The same bytes for the same commit, wherever and by whomever: names, modes, owners and times are laid
# down here. Where there is no git the tree itself is packed, with the time of its youngest file.
dist_name = pam-device-code-$(VERSION)
.PHONY: dist
dist: ## build/dist/pam-device-code-VERSION.tar.gz, of HEAD, or of the tree where there is no git
	@rm -rf $(BUILD)/dist && mkdir -p $(BUILD)/dist/$(dist_name)
	@if git rev-parse -q --verify HEAD >/dev/null 2>&1 && [ -e .git ]; then \
		git archive --format=tar HEAD; \
	else \
		tar -c --exclude=./$(BUILD) --exclude=./.git --exclude=node_modules .; \
	fi | tar -x -C $(BUILD)/dist/$(dist_name)
	@time=$${SOURCE_DATE_EPOCH:-$$(find $(BUILD)/dist/$(dist_name) -type f -printf '%T@\n' | sort -n | \
		sed -n 's/\..*//;$$p')}; \
	cd $(BUILD)/dist && LC_ALL=C tar -c --format=ustar --sort=name --owner=0 --group=0 --numeric-owner \
		--mtime=@$$time --mode=u+rw,go=u,go-w $(dist_name) | gzip -9n >$(dist_name).tar.gz
	@rm -rf $(BUILD)/dist/$(dist_name)
	@echo $(BUILD)/dist/$(dist_name).tar.gz

# ---- the tests' own programs -----------------------------------------------------------------

$(BUILD)/tests/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(HELPER_CFLAGS) -Ipam_module -Ihelper -MMD -MP -c -o $@ $<

$(BUILD)/tests/provider/provider: $(provider_o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $(provider_o) -lmicrohttpd -lcrypto -lcjson

$(BUILD)/tests/pam/host: tests/pam/host.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< -lpam

# Everything but the programs' own ends, for the unit tests to link what they need.
units_o = $(filter-out $(pam_doors_o),$(module_o)) \
	$(filter-out %/main.o %/draw.o %/wire.o,$(helper_o))
unit_tests = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))

$(BUILD)/units.a: $(units_o)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $(units_o)

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/tests/unit/test_%.o $(BUILD)/units.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/units.a -lcmocka $(HELPER_LIBS)

# Reads back what libcurl is told.
$(BUILD)/tests/unit/test_http_options: LDFLAGS += -Wl,--wrap=curl_easy_setopt
$(BUILD)/tests/unit/test_json: LDFLAGS += -Wl,--wrap=cJSON_InitHooks,--wrap=free,--wrap=malloc_usable_size
$(BUILD)/tests/unit/test_keep: LDFLAGS += -Wl,--wrap=scratch_take
$(BUILD)/tests/unit/test_client: LDFLAGS += -Wl,--wrap=channel_connect,--wrap=channel_exists
$(BUILD)/tests/unit/test_errand: LDFLAGS += -Wl,--wrap=strdup,--wrap=calloc
$(BUILD)/tests/unit/test_enforce: LDFLAGS += -Wl,--wrap=conf_number,--wrap=conf_text

$(BUILD)/tests/qr/show: $(BUILD)/tests/tests/qr/show.o $(BUILD)/units.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $< $(BUILD)/units.a

# The walls, with a Landlock that can be less than the kernel has.
$(BUILD)/tests/walls/sandbox.o: helper/sandbox.c helper/sandbox.h
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(HELPER_CFLAGS) -DSANDBOX_FOR_TESTS -c -o $@ $<

$(BUILD)/tests/walls/attack: $(BUILD)/tests/tests/walls/attack.o $(BUILD)/tests/walls/sandbox.o \
		$(BUILD)/helper/helper/syscalls.o $(BUILD)/helper/pam_module/wire.o
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ -lseccomp

$(BUILD)/tests/slot/client: $(BUILD)/tests/tests/slot/client.o $(BUILD)/helper/pam_module/wire.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^

$(BUILD)/tests/login/sockd: $(BUILD)/tests/tests/login/sockd.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/login/knock: $(BUILD)/tests/tests/login/knock.o $(BUILD)/helper/pam_module/wire.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^

$(BUILD)/tests/locker/scan: $(BUILD)/tests/tests/locker/scan.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/walls/dns: $(BUILD)/tests/tests/walls/dns.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/faults/wire: $(BUILD)/tests/tests/faults/wire.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/replies/server: $(BUILD)/tests/tests/replies/server.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/hosts/%: $(BUILD)/tests/tests/hosts/%.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $< -lpam

$(BUILD)/tests/walls/without: $(BUILD)/tests/tests/walls/without.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $< -lseccomp

# Helpers whose libcurl makes a system call of its own.
stray_calls = unknown newer execve
$(BUILD)/tests/walls/stray-%.o: tests/walls/stray.c
	@mkdir -p $(@D)
	$(say) CC "$< ($*)"
	$(Q)$(CC) $(ALL_CFLAGS) -DSTRAY=$* -c -o $@ $<

$(BUILD)/tests/walls/helper-%: $(BUILD)/tests/walls/stray-%.o $(helper_o)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--wrap=curl_easy_init -o $@ $^ $(HELPER_LIBS)

$(BUILD)/tests/walls/arch: $(BUILD)/tests/tests/walls/arch.o
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $< -lseccomp

$(BUILD)/tests/devlog: $(BUILD)/tests/tests/devlog.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $<

.SECONDARY:

.PHONY: units
units: $(unit_tests)

$(BUILD)/tests/bench/floor: tests/bench/floor.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< -lcurl

$(BUILD)/tests/bench/stopwatch: tests/bench/stopwatch.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/bench/pam_hold.so: tests/bench/pam_hold.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -shared -fPIC $(CFLAGS) -o $@ $< -lpam

$(BUILD)/tests/sessions/%.so: tests/sessions/%.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -shared -fPIC $(CFLAGS) $(WARNINGS) -Wno-missing-prototypes -D_GNU_SOURCE -o $@ $< -lpam

$(BUILD)/tests/sessions/%: tests/sessions/%.c pam_module/process.c pam_module/cgroup.c pam_module/process.h \
		pam_module/wire.h
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< pam_module/process.c pam_module/cgroup.c

$(BUILD)/tests/bench/crowd: tests/bench/crowd.c
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< -lpam -pthread

$(BUILD)/tests/fleet/fleet: $(BUILD)/tests/tests/fleet/fleet.o $(BUILD)/helper/helper/pace.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^

.PHONY: fleet
fleet: $(BUILD)/tests/fleet/fleet ## a million waiting machines and a provider that goes away: docs/fleet.svg
	@$<
	@$< 1000000 svg >docs/fleet.svg

.PHONY: bench
bench: ## whole logins beside a bare libcurl program: medians and ratios (as root)
	@tests/deps build demo check
	@$(MAKE) --no-print-directory all test-programs stage $(BUILD)/tests/bench/floor \
		$(BUILD)/tests/bench/stopwatch
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/callgrind EXTRA_CFLAGS=-DUNLIMITED_FOR_TESTS stage
	@tests/bench/run

hosts_programs = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/hosts/*.c))

.PHONY: test-programs
test-programs: $(unit_tests) $(BUILD)/tests/provider/provider $(BUILD)/tests/pam/host \
	$(BUILD)/tests/qr/show $(BUILD)/tests/slot/client $(BUILD)/tests/devlog \
	$(BUILD)/tests/walls/attack $(BUILD)/tests/walls/dns $(BUILD)/tests/walls/without \
	$(BUILD)/tests/walls/arch $(stray_calls:%=$(BUILD)/tests/walls/helper-%) \
	$(BUILD)/tests/login/sockd $(BUILD)/tests/login/knock $(BUILD)/tests/locker/scan $(BUILD)/tests/replies/server $(BUILD)/tests/faults/wire \
	$(BUILD)/tests/bench/crowd \
	$(BUILD)/tests/bench/pam_hold.so $(BUILD)/tests/sessions/pam_seen_max.so \
	$(BUILD)/tests/sessions/killer.so $(BUILD)/tests/sessions/liar \
	$(hosts_programs)

# The whole module in one process, a puppet in place of the helper: its paths lead to build/puppet.
stage_o = $(BUILD)/tests/tests/hostile/stage.o $(filter-out %/client.o,$(module_o)) $(here_o)
puppet_root = $(CURDIR)/$(BUILD)/root
puppet_install = $(puppet_root)/libexec/pam-device-code

$(BUILD)/puppet: tests/hostile/puppet.c tests/hostile/script.h tests/hostile/stage.h pam_module/wire.c
	@mkdir -p $(@D) $(puppet_install) $(puppet_root)/share/pam-device-code/providers \
		$(puppet_root)/run
	$(say) LINK $@
	$(Q)$(CC) -std=gnu11 $(WARNINGS) $(DEFINES) -O1 -o $@ tests/hostile/puppet.c pam_module/wire.c
	$(Q)$(INSTALL) -m 0755 $@ $(puppet_install)/device-code-helper
	$(Q)$(INSTALL) -m 0755 $@ $(puppet_install)/device-code-draw
	$(Q)$(INSTALL) -m 0644 conf/providers/*.conf $(puppet_root)/share/pam-device-code/providers/

# The calls that are made to fail stand in the table of the test.
failing_calls = $(filter-out pidfd_open close_range keyctl,\
	$(shell sed -n "s/^\tX.\([a-z0-9_]*\),.*/\1/p" $(1))) syscall
wraps = $(addprefix -Wl$(comma)--wrap=,$(1))
comma = ,

$(BUILD)/tests/fail/module: $(BUILD)/tests/tests/fail/module.o $(stage_o) $(BUILD)/puppet
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) $(call wraps,$(call failing_calls,tests/fail/module.c)) \
		-o $@ $(filter %.o,$^)

$(BUILD)/tests/hostile/hostile: $(BUILD)/tests/tests/hostile/hostile.o $(stage_o) $(BUILD)/puppet
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) $(call wraps,getpwnam_r) -o $@ $(filter %.o,$^)

# The helper's journey with replies of the test's making.
ways_o = $(BUILD)/tests/tests/replies/ways.o $(BUILD)/units.a

$(BUILD)/tests/replies/replies: $(BUILD)/tests/tests/replies/replies.o $(ways_o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(HELPER_LIBS)

$(BUILD)/tests/fail/helper: $(BUILD)/tests/tests/fail/helper.o $(ways_o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) $(call wraps,malloc calloc realloc strdup tsearch) \
		-o $@ $^ $(HELPER_LIBS)

$(BUILD)/tests/secrets/journey: $(BUILD)/tests/tests/secrets/journey.o $(ways_o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(HELPER_LIBS)

$(BUILD)/tests/secrets/module: $(BUILD)/tests/tests/secrets/module.o $(stage_o) $(BUILD)/puppet
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) $(call wraps,getpwnam_r) -o $@ $(filter %.o,$^)

# The whole helper in a child of the test's.
$(BUILD)/tests/helper_main.o: helper/main.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(HELPER_CFLAGS) -Dmain=helper_main -Wno-missing-prototypes \
		-MMD -MP -c -o $@ $<

$(BUILD)/tests/secrets/real: $(BUILD)/tests/tests/secrets/real.o $(BUILD)/tests/helper_main.o \
		$(BUILD)/units.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) $(ALL_LDFLAGS) $(call wraps,exit) -o $@ $^ $(HELPER_LIBS)

.PHONY: puppet-programs puppet puppet-plain
puppet-programs: $(addprefix $(BUILD)/tests/,$(PUPPET_PROGRAMS))

# Plain, for what is measured, and under the sanitizers.
puppet_make = $(MAKE) --no-print-directory BUILD=$(1) prefix=$(CURDIR)/$(1)/root \
	sysconfdir=$(CURDIR)/$(1)/root/etc runstatedir=$(CURDIR)/$(1)/root/run \
	puppet-programs
puppet: puppet-plain
	@+$(call puppet_make,build/puppet-sanitized) CC=clang CFLAGS="-O1 -g" LINK_HARDENING= \
		HARDENING="-fPIE -fsanitize=address,undefined -fno-sanitize-recover=all" \
		EXTRA_CFLAGS="-DUNLIMITED_FOR_TESTS -DLSAN" PUPPET_PROGRAMS="fail/module fail/helper hostile/hostile replies/replies"
puppet-plain:
	@+$(call puppet_make,build/puppet) EXTRA_CFLAGS=-DUNLIMITED_FOR_TESTS \
		PUPPET_PROGRAMS="hostile/hostile secrets/module secrets/journey secrets/real"

# Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer.
.PHONY: sanitized
sanitized:
	@$(MAKE) --no-print-directory BUILD=build/sanitized CC=clang CFLAGS='-O1 -g' \
		HARDENING='-fPIE -fsanitize=address,undefined -fno-sanitize-recover=all' \
		LINK_HARDENING= EXTRA_CFLAGS=-DUNLIMITED_FOR_TESTS units

# ---- fuzzing: one program for each tests/fuzz/fuzz_NAME.c, the product's objects with it ----------

fuzz_programs = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_o = $(patsubst %.c,$(BUILD)/tests/%.o,$(wildcard tests/fuzz/fuzz_*.c))
$(fuzz_o): $(BUILD)/compiled-in

# Calls that a target stands in for, and what of the module the archive does not have.
$(BUILD)/tests/fuzz/fuzz_conf $(BUILD)/tests/fuzz/fuzz_pam: \
	fuzz_wrap = -Wl,--wrap=openat,--wrap=lstat,--wrap=stat,--wrap=scandir
$(BUILD)/tests/fuzz/fuzz_locker: \
	fuzz_wrap = -Wl,--wrap=lstat,--wrap=socket,--wrap=connect,--wrap=getsockopt
$(BUILD)/tests/fuzz/fuzz_pam: fuzz_wrap += -Wl,--wrap=malloc,--wrap=calloc,--wrap=strdup \
	-Wl,--wrap=getitimer,--wrap=open,--wrap=mkdir
fuzz_pam_o = $(addprefix $(BUILD)/module/pam_module/,pam_device_code.o session_pam.o host_pam.o converse.o log.o) \
	$(here_o)
$(BUILD)/tests/fuzz/fuzz_pam: fuzz_more = $(fuzz_pam_o)
$(BUILD)/tests/fuzz/fuzz_pam: $(fuzz_pam_o)
$(BUILD)/tests/fuzz/fuzz_stack: fuzz_wrap = -Wl,--wrap=openat,--wrap=lstat,--wrap=stat,--wrap=scandir \
	-Wl,--wrap=fopen,--wrap=fclose
$(BUILD)/tests/fuzz/fuzz_stack: fuzz_more = $(BUILD)/admin/admin/stack.o
$(BUILD)/tests/fuzz/fuzz_stack: $(BUILD)/admin/admin/stack.o

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/tests/fuzz/fuzz_%.o $(BUILD)/units.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) -pie $(ALL_CFLAGS) -fsanitize=fuzzer $(ALL_LDFLAGS) $(fuzz_wrap) -o $@ $< \
		$(fuzz_more) $(BUILD)/units.a $(HELPER_LIBS)

.PHONY: fuzz-programs fuzz-programs-here
fuzz-programs-here: $(fuzz_programs)
fuzz-programs:
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=clang CFLAGS='-O1 -g' \
		HARDENING='-fPIE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
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
		HARDENING=-fPIE LINK_HARDENING=-Wl,--as-needed \
		EXTRA_CFLAGS='-DUNLIMITED_FOR_TESTS $(counting)' \
		EXTRA_LDFLAGS='-fprofile-instr-generate' units stage
	@+$(call puppet_make,build/coverage/puppet) -j$$(nproc) CC=clang CFLAGS='-O0 -g' \
		HARDENING=-fPIE LINK_HARDENING=-Wl,--as-needed \
		EXTRA_CFLAGS='-DUNLIMITED_FOR_TESTS $(counting)' \
		EXTRA_LDFLAGS='-fprofile-instr-generate' \
		PUPPET_PROGRAMS="$(counted_puppets)"
	@tests/coverage $(if $(SHOW),--show)

.PHONY: check
check: ## install what testing needs, then every test; ends with "N passed, N failed"
	@tests/deps build demo check browser hosts real package
	@$(MAKE) --no-print-directory -j$$(nproc) check-programs
	@tests/run

# Each builds in a directory of its own, so that all may build at once.
.PHONY: check-programs real-programs
check-programs: all test-programs stage user sanitized fuzz-programs puppet real-programs
real-programs:
	@tests/real/install && tests/real/install browser

.PHONY: check-long
check-long: ## what takes too long for each change (tests/groups-long), one after the other, as root
	@tests/deps build demo check browser hosts real package bare
	@$(MAKE) --no-print-directory -j$$(nproc) all test-programs stage
	@JOBS=1 tests/run --long

.PHONY: booted
booted: ## Debian 12 and 13 with the package, booted in namespaces: units, upgrades, logins (as root)
	@tests/deps build demo check hosts package bare
	@$(MAKE) --no-print-directory -j$$(nproc) all test-programs
	@tests/booted/package
	@tests/run --booted

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
	@$(MAKE) --no-print-directory -j$$(nproc) all test-programs stage user puppet-plain
	@tests/run $(SUITE_GROUPS)

# Noglob: tests/run matches them.
SUITE_GROUPS = 'walls*' 'unit/*' 'hosts/*' 'pam/*' 'sessions/*' 'socket/*' 'slot' 'secrets/*' 'build'

.PHONY: print-c-files
print-c-files:
	@echo $(c_files)

.PHONY: format
format: ## lay out the C code as .clang-format says (clang-format 14: others differ)
	@clang-format-14 -i $(c_files)

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

.PHONY: demo
demo: ## a real login against a provider on this machine; APPROVE=auto, deny or never, or you do
	@tests/demo

.PHONY: deps
deps: ## install the Debian packages that building and testing need (see packages)
	@tests/deps build demo check browser hosts real package

.PHONY: clean
clean: ## remove everything that was built
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16
