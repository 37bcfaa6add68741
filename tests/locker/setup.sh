# What the cases and the real lockers have in common. Sourced where the product is installed:
#
#	fresh [SETTINGS]	the provider as it is at its start, but for SETTINGS; an empty log
#	as USER COMMAND...	runs it with the ids of USER
#	user_start		listens as pam-device-code-user.socket does, and starts what the unit does, with
#				the unit's capabilities
#	fake_start COMMAND...	listens there likewise, and starts COMMAND for each connection
#	user_stop		ends either
#	logged			what was sent to the log
#	requests ENDPOINT	how many of them the provider has answered
#	helpers			pids of all running helpers
#
# $BIN holds the tests' own programs, $SOCKET is where lockers find root's login.

. "${BASH_SOURCE[0]%/*}/../lib.sh"
. "${BASH_SOURCE[0]%/*}/../product.sh"

UNITS=/usr/lib/systemd/system
SOCKET=$(sed -n 's/^ListenSequentialPacket=//p' $UNITS/pam-device-code-user.socket)
BIN=/run/locker-tests
mkdir -m 755 $BIN
for program in pam/host channel/client locker/scan locker/inflight login/sockd login/knock; do
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
	sed -n "s/^$1=//p" "$UNITS/pam-device-code-user.service"
}

user_start()
{
	local caps
	caps=$(unit_value CapabilityBoundingSet | sed 's/CAP_/+/g; s/ /,/g; s/.*/\L&/')

	rm -f "$TMP/sockd"
	# shellcheck disable=SC2046 # a program and its argument
	start_bg "$TMP/sockd" $BIN/sockd -u "$SOCKET" /usr/bin/setpriv --bounding-set="-all,$caps" \
		--no-new-privs $(unit_value ExecStart)
	LISTENER=$BG
	wait_for_file "$TMP/sockd" 10 "$BG"
}

fake_start()
{
	rm -f "$SOCKET"
	start_bg "$TMP/activate" systemd-socket-activate --seqpacket --accept -l "$SOCKET" "$@"
	LISTENER=$BG
	tap_until 10 "$LISTENER" test -S "$SOCKET" && chmod 666 "$SOCKET"
}

user_stop()
{
	stop "$LISTENER"
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

processes()	# pids of logins that lockers have, and of their starters
{
	pgrep -f '^/usr/libexec/pam-device-code/device-code-login --user$'
}

logins()
{
	processes | while read -r pid; do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = code-starter ] || echo "$pid"
	done
}

no_helpers()
{
	[ -z "$(helpers)" ] && [ -z "$(processes)" ]
}

approves="curl -sS -X POST $CONTROL/approve?user_code=\$CODE\\&person="
denies="curl -sS -X POST $CONTROL/deny?user_code=\$CODE"
