# Greeters: how they are set up in a cell, and how lightdm's screen becomes text.
#
#	lightdm_setup		after `site`: $program for `record`
#	greetd_setup [SAMPLE]	likewise; SAMPLE of conf/pam.d (greeter-unnamed)
#
# A session shows "in-as-NAME by=SUBJECT." and lasts until its terminal is gone.

installed=/usr/share/pam-device-code

hosts_prepare()
{
	cc -shared -fPIC -O1 -Wall -Werror -o "$TMP/keys/greeter.so" "$hosts/preload/greeter.c" || exit 1
}

# The sample of the package, for the section main.
greeter_service()	# NAME SAMPLE
{
	sed "s/section=greeter/section=main/" "$installed/pam.d/$2" >"/etc/pam.d/$1"
}

session_make()	# [FILE]
{
	cat >/run/session <<-LINES
	#!/bin/sh
	echo "in-as-\$(id -un) by=\$DEVICE_CODE_SUBJECT." ${1:+>>$1}
	exec sleep 60
	LINES
	chmod 755 /run/session
}

# An X server that needs neither a seat nor a terminal, nor files that others could have, too.
lightdm_files()
{
	mkdir -p /run/dbus /run/lightdm /run/cache /run/xsessions /var/log/lightdm
	install -m 644 "$HOSTS_SHARED/greeter.so" /run/greeter.so
	cat >/run/xserver <<-'LINES'
	#!/bin/bash
	options=()
	while [ $# -gt 0 ]; do
		case $1 in
		-seat) shift ;;
		vt[0-9]*|-novtswitch) ;;
		*) options+=("$1") ;;
		esac
		shift
	done
	exec Xvfb "${options[@]}" -nolock -nolisten unix -screen 0 1024x768x24
	LINES
	cat >/run/greeter <<-LINES
	#!/bin/sh
	LD_PRELOAD=/run/greeter.so EYES=/run/eyes exec "\$@"
	LINES
	chmod 755 /run/xserver /run/greeter
	printf '%s\n' "[Desktop Entry]" "Name=session" "Exec=/run/session" "Type=Application" \
		>/run/xsessions/lightdm-xsession.desktop
	cat >/run/lightdm.conf <<-LINES
	[LightDM]
	run-directory=/run/lightdm
	log-directory=/var/log/lightdm
	cache-directory=/run/cache
	sessions-directory=/run/xsessions
	minimum-display-number=77
	lock-memory=false
	user-authority-in-system-dir=true
	[Seat:*]
	xserver-command=/run/xserver
	greeter-wrapper=/run/greeter
	greeter-session=lightdm-gtk-greeter
	user-session=lightdm-xsession
	session-wrapper=/usr/bin/env
	greeter-hide-users=true
	greeter-show-manual-login=true
	LINES
}

lightdm_setup()
{
	greeter_service lightdm greeter-unnamed
	lightdm_files
	session_make /run/eyes
	program=(-s 40x120 env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$hosts/lightdm-seat")
	place=seat user=alice inside='^in-as-alice'
}

greetd_setup()	# [SAMPLE]
{
	greeter_service greetd "${1:-greeter-unnamed}"
	session_make
	printf '%s\n' "[terminal]" 'vt = "none"' "[default_session]" \
		'command = "/usr/sbin/agreety --cmd /run/session"' 'user = "_greetd"' >/run/greetd.toml
	program=(-t /dev/tty1 env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=linux
		greetd --config /run/greetd.toml)
	place=seat user=alice inside='^in-as-alice'
}
