# Greeters: how they are set up in a cell, and how lightdm's screen becomes text.
#
#	lightdm_setup		after `site`: $program for `record`
#	lightdm_xdmcp, lightdm_vnc	then: it serves screens elsewhere instead of a seat
#	greetd_setup [SAMPLE]	likewise; SAMPLE of conf/pam.d (greeter-unnamed)
#
# A session shows its groups and "in-as-NAME by=SUBJECT.", and lasts until its terminal is gone.

installed=/usr/share/pam-device-code

hosts_prepare()
{
	cc -shared -fPIC -O1 -Wall -Werror -o "$TMP/keys/greeter.so" "$hosts/preload/greeter.c" || exit 1
}

# What logind says of a greeter, in its own place of this mount namespace. No SEAT: one for VNC.
logind_greeter()	# [DISPLAY [SEAT]]
{
	mkdir -p /run/systemd/sessions
	printf '%s\n' UID=115 USER=lightdm ACTIVE=1 STATE=active REMOTE=0 CLASS=greeter \
		${2:+"SEAT=$2"} ${1:+"DISPLAY=$1"} >/run/systemd/sessions/c1
	chmod 644 /run/systemd/sessions/c1
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
	echo "groups: \$(id -Gn) :end" ${1:+>>$1}
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

lightdm_setup()	# [SEAT]: "" none
{
	greeter_service lightdm greeter-unnamed
	logind_greeter :77 "${1-seat0}"
	lightdm_files
	session_make /run/eyes
	program=(-s 40x120 env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$hosts/lightdm-seat")
	place=seat user=alice inside='^in-as-alice'
}

# lightdm serves X terminals instead of a seat; lightdm-seat starts one, :78. XDMCP tells no loopback
# address, so this network namespace gets a card.
lightdm_xdmcp()
{
	sed -i 's/^\[LightDM\]$/&\nstart-default-seat=false/' /run/lightdm.conf
	printf '%s\n' "[XDMCPServer]" enabled=true >>/run/lightdm.conf
	ip link add terminal type veth peer name screen
	ip address add 10.77.0.1/24 dev terminal
	ip link set terminal up
	ip link set screen up
	program=("${program[@]}" xdmcp)
}

# lightdm serves VNC instead of a seat: for whoever connects it begins an Xvnc, and looks for that name before it listens.
# Ours draws for nobody: what lightdm and PAM make of it is all the same.
lightdm_vnc()
{
	cat >/run/Xvnc <<-'LINES'
	#!/bin/bash
	options=()
	while [ $# -gt 0 ]; do
		case $1 in
		-inetd) ;;
		-geometry|-depth) shift ;;
		*) options+=("$1") ;;
		esac
		shift
	done
	exec /run/xserver "${options[@]}"
	LINES
	chmod 755 /run/Xvnc
	sed -i 's/^\[LightDM\]$/&\nstart-default-seat=false/' /run/lightdm.conf
	printf '%s\n' "[VNCServer]" enabled=true >>/run/lightdm.conf
	program=("${program[@]/#PATH=/PATH=/run:}" vnc)
}

greetd_setup()	# [SAMPLE]
{
	greeter_service greetd "${1:-greeter-unnamed}"
	logind_greeter "" seat0
	session_make
	printf '%s\n' "[terminal]" 'vt = "none"' "[default_session]" \
		'command = "/usr/sbin/agreety --cmd /run/session"' 'user = "_greetd"' >/run/greetd.toml
	program=(-t /dev/tty1 env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=linux
		greetd --config /run/greetd.toml)
	place=seat user=alice inside='^in-as-alice'
}
