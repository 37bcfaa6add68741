# How a television is set up in a cell of tests/hosts/hosts.sh.
#
#	television_setup [OPTION...]	after `site`: $program for `record`; OPTIONs are the greeter's

# A machine that does other things beside is slow at drawing.
: "${HOSTS_SECONDS:=240}" "${HOSTS_JOBS:=2}"
export HOSTS_SECONDS HOSTS_JOBS
greeters=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit 99
. "$greeters/../hosts/hosts.sh"
. "$greeters/../hosts/greeters.sh"

hosts_prepare()
{
	cc -shared -fPIC -O1 -Wall -Werror -D_GNU_SOURCE -o "$TMP/keys/screen.so" "$greeters/screen.c" || exit 1
	install -m 755 "$TOP/build/tests/greeters/device-code-greeter" "$TMP/keys/"
	chmod 755 "$TMP" "$TMP/keys"
}

television_setup()	# [OPTION...]
{
	mkdir -p -m 755 /run/tv
	greeter_service greetd greeter-unnamed
	sed -i '/pam_faildelay/d' /etc/pam.d/greetd
	logind_greeter "" seat0
	session_make /run/tv/words
	install -m 755 "$HOSTS_SHARED/device-code-greeter" "$HOSTS_SHARED/screen.so" /run/tv/
	cat >/run/tv/greeter <<-LINES
	#!/bin/sh
	exec env HOME=/run/tv/user XDG_RUNTIME_DIR=/run/tv/user SCREEN_SIZE=${size:-1280x720} \\
		LD_PRELOAD=/run/tv/screen.so WLR_BACKENDS=headless WLR_RENDERER=pixman \\
		WLR_LIBINPUT_NO_DEVICES=1 LIBSEAT_BACKEND=noop GSK_RENDERER=cairo LANG=C.UTF-8 \\
		cage -- env -u LD_PRELOAD TELL_KEYS=/run/tv/keys ${before-} /run/tv/device-code-greeter $* 2>>/run/tv/words
	LINES
	chmod 755 /run/tv/greeter
	printf '%s\n' "[terminal]" 'vt = "none"' "[default_session]" \
		'command = "/run/tv/greeter"' 'user = "_greetd"' >/run/tv/greetd.toml
	program=(-s 50x140 -t /dev/tty1 env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=linux
		"$greeters/television")
	place=seat user=alice inside='^in-as-alice'
}
