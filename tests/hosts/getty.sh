# A console as conf/getty starts it, for a cell: the terminal on /dev/tty1 is the kiosk's.
#
#	unit_lines KEY			what the drop-in says for KEY
#	unit_start [AGETTY-OPTION...]	does what systemd makes of it: ${unit[@]} is the terminal's command

installed=/usr/share/pam-device-code

unit_lines()	# KEY
{
	sed -n "s/^$1=\(.\)/\1/p" $installed/getty/kiosk.conf
}

# What systemd makes of the drop-in: $unit is the command of the terminal.
unit_start()	# [AGETTY'S OPTIONS INSTEAD]
{
	local line command
	while read -r line; do
		mount --bind -o ro "${line%%:*}" "${line##*:}" || exit 1
	done < <(unit_lines BindReadOnlyPaths)
	command=$(unit_lines ExecStart)
	command=${command#-}
	[ $# -eq 0 ] || command="/sbin/agetty $*"
	unit=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=linux sh -c "while :; do
		setsid --ctty --wait ${command/\$TERM/linux} <>/dev/tty1 >&0 2>&1; done")
}
