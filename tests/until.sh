# Waiting in tests: for what will be, not for so long. Source it, or lib.sh, which does.
#
#	tap_until SECONDS PID CONDITION...	until the command CONDITION succeeds; gives up when the
#						process PID (may be empty) is gone
#
# SECONDS are those of a machine that does nothing else; one that is busy has PATIENCE times as many.

PATIENCE=4

tap_until()
{
	local end=$((SECONDS + $1 * PATIENCE)) pid=$2 tries=0
	shift 2
	until "$@"; do
		[ $SECONDS -le $end ] || return 1
		if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; then
			"$@"
			return
		fi
		# Often at first, then so that many that wait leave the processors to what they wait for.
		[ $((tries += 1)) -gt 8 ] && sleep 0.2 || sleep 0.05
	done
}
