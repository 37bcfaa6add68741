# pam_device_code: sign in to a Linux machine by approving a code on your phone.
# `make help` explains every target.

VERSION = 0.1.0

BUILD = build
prefix = /usr
sysconfdir = /etc
runstatedir = /run
libexecdir = $(prefix)/libexec
bindir = $(prefix)/bin
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
# -Werror where the project checks itself (tests.mk): a compiler of tomorrow has warnings of its own.
WERROR =
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wformat=2 $(WERROR)
# Of these, what the compiler has for its architecture without a warning: asked once, when it is needed.
PROBED = '-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3' -fstack-clash-protection -fcf-protection \
	-mbranch-protection=standard -ftrivial-auto-var-init=zero
probe = $(shell for flag in $(PROBED); do $(CC) -Werror -O1 $$flag -include stdlib.h -S -x c -o /dev/null \
	/dev/null 2>/dev/null && echo "$$flag"; done)
HARDENING = $(eval HARDENING := -fvisibility=hidden -fPIC -fstack-protector-strong $(probe))$(HARDENING)
# The module has nothing to construct: without the compiler's start files it has no writable data,
# and costs its host a page less. Counting and sanitizing builds want them.
MODULE_BARE = $(if $(EXTRA_LDFLAGS),,-nostartfiles)
LINK_HARDENING = -Wl,-z,relro,-z,now -Wl,--as-needed
DEFINES = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DSYSCONFDIR='"$(sysconfdir)"' \
	-DLIBEXECDIR='"$(libexecdir)"' -DDATADIR='"$(datadir)"' \
	-DRUNSTATEDIR='"$(runstatedir)"'
ALL_CFLAGS = -std=gnu11 -I. $(WARNINGS) $(DEFINES) $(CFLAGS) $(HARDENING) $(EXTRA_CFLAGS)
ALL_LDFLAGS = $(LINK_HARDENING) $(LDFLAGS) $(EXTRA_LDFLAGS)

OAUTH_LIBS := $(shell $(PKG_CONFIG) --libs libcurl libcjson libcrypto libseccomp 2>/dev/null)
QR_LIBS := $(shell $(PKG_CONFIG) --libs libqrencode libseccomp 2>/dev/null)
LOGIN_LIBS := $(shell $(PKG_CONFIG) --libs libseccomp 2>/dev/null)
LIBS_CFLAGS := $(shell $(PKG_CONFIG) --cflags libcurl libcjson libcrypto libqrencode libseccomp 2>/dev/null)

# ---- the programs: each is its folders' objects, and what it shares of common --------------------

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(addsuffix /*.c,$(1))))
login_folders = helper/login helper/login/config helper/login/display helper/login/session
oauth_folders = helper/oauth_client $(addprefix helper/oauth_client/,confined dialect flow oauth)

common_o = $(call objects,common)
pam_o = $(call objects,pam_module)
login_o = $(call objects,$(login_folders))
oauth_o = $(call objects,$(oauth_folders))
qr_o = $(call objects,helper/qr)
sandbox_o = $(call objects,helper/sandbox)
greeter_o = $(call objects,greeter)
admin_o = $(call objects,admin admin/check admin/sessions admin/setup admin/people)
people_o = $(call objects,helper/people)
# With LOGIN_HERE=yes, in a build for tests, the whole login is in the host.
here_o = $(BUILD)/tests/login/here.o $(filter-out %/client.o,$(pam_o))
all_o = $(common_o) $(sandbox_o) $(pam_o) $(login_o) $(oauth_o) $(qr_o) $(admin_o) $(people_o)

# Each program takes of common what it calls.
common_a = $(BUILD)/common.a
# What device-code-login is but for its ends, the channel and the listener, and its sandbox.
login_lib_o = $(filter-out %/login/main.o %/listener.o %/host_channel.o %/places.o %/confine.o,$(login_o))
module_o = $(if $(LOGIN_HERE),$(here_o) $(login_lib_o),$(pam_o)) $(common_a)
helper_o = $(oauth_o) $(sandbox_o) $(common_a)
qr_program_o = $(qr_o) $(addprefix $(BUILD)/helper/oauth_client/confined/,sandbox.o syscalls.o) $(sandbox_o) $(common_a)

c_files = $(wildcard common/*.[ch] pam_module/*.[ch] greeter/*.[ch] admin/*.[ch] admin/*/*.[ch] helper/*/*.[ch] helper/*/*/*.[ch] \
	tests/*.c tests/*/*.[ch])

programs = $(BUILD)/pam_device_code.so $(BUILD)/device-code-helper $(BUILD)/device-code-qr \
	$(BUILD)/device-code-login $(BUILD)/device-code-people $(BUILD)/pam-device-code

# V=1 shows the commands themselves.
ifeq ($(V),)
Q = @
say = @printf '  %-7s %s\n'
else
say = @:
endif

.DELETE_ON_ERROR:
.PHONY: all
all: $(programs) ## build the module, its helpers and pam-device-code

# What is compiled in is made again when it is asked for otherwise.
compiled_in = $(CC) $(ALL_CFLAGS)
$(BUILD)/compiled-in: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(compiled_in))' | cmp -s - $@ || echo '$(subst ','\'',$(compiled_in))' >$@
$(all_o) $(here_o): $(BUILD)/compiled-in
.PHONY: FORCE
FORCE:

$(BUILD)/helper/%.o $(BUILD)/tests/%.o: ALL_CFLAGS += $(LIBS_CFLAGS)
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/pam_device_code.so: $(module_o) pam_module/exports.map
	$(say) LINK $@
	$(Q)$(CC) -shared $(MODULE_BARE) $(ALL_LDFLAGS) -Wl,--version-script=pam_module/exports.map -Wl,-z,defs \
		-o $@ $(module_o) -lpam

$(common_a): $(common_o)
$(BUILD)/%.a:
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# A program: its objects, its libraries.
define program
$(BUILD)/$(1): $(2)
	@mkdir -p $$(@D)
	$$(say) LINK $$@
	$$(Q)$$(CC) -pie $$(ALL_CFLAGS) $$(ALL_LDFLAGS) -o $$@ $$(filter %.o %.a %.c,$$^) $(3)
endef
$(eval $(call program,device-code-helper,$(helper_o),$(OAUTH_LIBS)))
$(eval $(call program,device-code-qr,$(qr_program_o),$(QR_LIBS)))
$(eval $(call program,device-code-login,$(login_o) $(sandbox_o) $(common_a),$(LOGIN_LIBS)))
$(eval $(call program,pam-device-code,$(admin_o) $(filter-out %/attempt.o %/retention.o %/session.o,$(login_lib_o)) $(common_a)))

# What pam-device-code binds and makes, by the same code.
$(BUILD)/admin.a: $(admin_o)
$(BUILD)/login.a: $(login_lib_o)
$(eval $(call program,device-code-people,$(people_o) $(BUILD)/admin.a $(BUILD)/login.a $(common_a)))

# A package of its own, for it alone wants GTK: `make greeter`, `make install-greeter`.
GREETER_CFLAGS = $(shell $(PKG_CONFIG) --cflags gtk4 libcjson | sed 's/-I/-isystem /g') \
	-DGDK_VERSION_MIN_REQUIRED=GDK_VERSION_4_8 -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74
GREETER_LIBS = $(shell $(PKG_CONFIG) --libs gtk4 libcjson) -lm
$(greeter_o): $(BUILD)/compiled-in
$(BUILD)/greeter/view.o $(BUILD)/greeter/paint.o: ALL_CFLAGS += $(GREETER_CFLAGS)
$(eval $(call program,device-code-greeter,$(greeter_o) $(common_a),$$(GREETER_LIBS)))
.PHONY: greeter
greeter: $(BUILD)/device-code-greeter ## build device-code-greeter, which wants GTK 4 (package group greeter)

-include $(patsubst %.o,%.d,$(all_o) $(greeter_o))

# ---- install ---------------------------------------------------------------------------------

put = $(INSTALL) -D -t
greeter_page = man/device-code-greeter.8
.PHONY: install
install: all ## install into DESTDIR (prefix, sysconfdir, pamdir as given); edits nothing under pam.d
	$(put) $(DESTDIR)$(mandir)/man5 -m 0644 man/*.5
	$(put) $(DESTDIR)$(mandir)/man8 -m 0644 $(filter-out $(greeter_page),$(wildcard man/*.8))
	$(INSTALL) -D -m 0644 completion/pam-device-code.bash $(DESTDIR)$(bashdir)/pam-device-code
	$(put) $(DESTDIR)$(zshdir) -m 0644 completion/_pam-device-code
	$(put) $(DESTDIR)$(fishdir) -m 0644 completion/pam-device-code.fish
	$(put) $(DESTDIR)$(pamdir) -m 0644 $(BUILD)/pam_device_code.so
	# Not readable: the kernel then lets nobody trace them, from their first instruction on.
	$(put) $(DESTDIR)$(libexecdir)/pam-device-code -m 0711 \
		$(addprefix $(BUILD)/,device-code-helper device-code-qr device-code-login device-code-people)
	$(put) $(DESTDIR)$(sbindir) -m 0755 $(BUILD)/pam-device-code
	$(put) $(DESTDIR)$(unitdir) -m 0644 conf/systemd/*.socket conf/systemd/*.timer
	for unit in conf/systemd/*.service; do \
		sed 's,@sbindir@,$(sbindir),;s,@libexecdir@,$(libexecdir),' $$unit >$(DESTDIR)$(unitdir)/$${unit##*/} && \
		chmod 0644 $(DESTDIR)$(unitdir)/$${unit##*/} || exit 1; \
	done
	$(INSTALL) -D -m 0644 conf/systemd/session-.scope.conf $(DESTDIR)$(unitdir)/session-.scope.d/pam-device-code.conf
	$(put) $(DESTDIR)$(presetdir) -m 0644 conf/systemd/*.preset
	$(put) $(DESTDIR)$(sysusersdir) -m 0644 conf/sysusers.d/pam-device-code.conf
	$(put) $(DESTDIR)$(tmpfilesdir) -m 0644 conf/tmpfiles.d/pam-device-code.conf
	$(put) $(DESTDIR)$(datadir)/pam-device-code/providers -m 0644 conf/providers/*.conf
	$(put) $(DESTDIR)$(datadir)/pam-device-code/messages -m 0644 conf/messages/*.conf
	$(put) $(DESTDIR)$(datadir)/pam-device-code/pam.d -m 0644 conf/pam.d/*
	$(put) $(DESTDIR)$(datadir)/pam-device-code/fail2ban/filter.d -m 0644 conf/fail2ban/filter.d/*
	$(put) $(DESTDIR)$(datadir)/pam-device-code/fail2ban/jail.d -m 0644 conf/fail2ban/jail.d/*
	$(put) $(DESTDIR)$(datadir)/pam-device-code/getty -m 0644 conf/getty/login.defs
	sed "s,@datadir@,$(datadir)," conf/getty/kiosk.conf >$(DESTDIR)$(datadir)/pam-device-code/getty/kiosk.conf
	chmod 0644 $(DESTDIR)$(datadir)/pam-device-code/getty/kiosk.conf
	$(put) $(DESTDIR)$(datadir)/pam-device-code -m 0644 conf/device_code.conf conf/show-code.html
	test -e $(DESTDIR)$(sysconfdir)/security/device_code.conf || \
		$(put) $(DESTDIR)$(sysconfdir)/security -m 0644 conf/device_code.conf

.PHONY: install-greeter
install-greeter: greeter ## install device-code-greeter into DESTDIR; edits nothing of greetd's
	$(put) $(DESTDIR)$(bindir) -m 0755 $(BUILD)/device-code-greeter
	$(put) $(DESTDIR)$(mandir)/man8 -m 0644 $(greeter_page)
	$(put) $(DESTDIR)$(datadir)/device-code-greeter -m 0644 conf/greeter/greetd.toml conf/greeter/style.css

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
	rm -rf $(DESTDIR)$(bindir)/device-code-greeter $(DESTDIR)$(datadir)/device-code-greeter

# ---- what others build from --------------------------------------------------------------------

.PHONY: dist
dist: ## build/dist/pam-device-code-VERSION.tar.gz, of HEAD, or of the tree where there is no git
	@packaging/dist $(BUILD) $(VERSION)

.PHONY: clean
clean: ## remove everything that was built
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z_-]*\):.*## /\1\t/p' Makefile tests/tests.mk | expand -t 20

include tests/tests.mk
