# What the cases and the real lockers have in common. Sourced where the product is installed:
#
#	fresh [SETTINGS]	the provider as it is at its start, but for SETTINGS; an empty log
#	as USER COMMAND...	runs it with the ids of USER
#	serve_start [COMMAND...]	listens as pam-device-code-serve.socket does, and starts what
#				the unit does for each connection, with the unit's capabilities
#	serve_stop
#	logged			what was sent to the log
#	requests ENDPOINT	how many of them the provider has answered
#	helpers			pids of all running helpers
#
# $BIN holds the tests' own programs, $SOCKET is serve's.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../product.sh"

UNITS=/usr/lib/systemd/system
SOCKET=$(sed -n 's/^ListenSequentialPacket=//p' $UNITS/pam-device-code-serve.socket)
BIN=/run/locker-tests
mkdir -m 755 $BIN
for program in pam/host slot/client locker/scan; do
	install -m 755 "$TOP/build/tests/$program" $BIN/
done
standard="interval=1&expires_in=600&slow_down=0&id_token=yes&auto=never&auto_after=1&person=alice"

fresh()
{
	provider reply/clear >/dev/null
	provider set "$standard${1:+&$1}" >/dev/null
	provider log/clear >/dev/null
	: >"$STAND_SYSLOG"
}

as()
{
	local user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}

unit_value()	# KEY: of the service
{
	sed -n "s/^$1=//p" "$UNITS/pam-device-code-serve@.service"
}

serve_start()
{
	local caps
	caps=$(unit_value CapabilityBoundingSet | sed 's/CAP_/+/g; s/ /,/g; s/.*/\L&/')

	[ $# -gt 0 ] || set -- $(unit_value ExecStart)
	rm -f "$SOCKET"
	start_bg "$TMP/activate" systemd-socket-activate --seqpacket --accept -l "$SOCKET" \
		setpriv --bounding-set="-all,$caps" --no-new-privs "$@"
	SERVE=$BG
	tap_until 10 "$SERVE" test -S "$SOCKET" || return 1
	chmod "$(sed -n 's/^SocketMode=//p' $UNITS/pam-device-code-serve.socket)" "$SOCKET"
}

serve_stop()
{
	stop "$SERVE"
	rm -f "$SOCKET"
}

logged()
{
	sleep 0.1
	cat "$STAND_SYSLOG"
}

requests()
{
	provider log | grep -c "\"endpoint\":\"$1\""
}

helpers()
{
	pgrep -x device-code-hel
}

no_helpers()
{
	[ -z "$(helpers)" ] && [ -z "$(pgrep -x pam-device-code)" ]
}

approves="curl -sS -X POST $CONTROL/approve?user_code=\$CODE\\&person="
denies="curl -sS -X POST $CONTROL/deny?user_code=\$CODE"
