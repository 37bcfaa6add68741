# Small TAP helpers for tests written in bash. Source it first: . "${0%/*}/lib.sh"
#
#	ok NAME COMMAND...		passes when COMMAND succeeds; its output is shown when not
#	not_ok NAME COMMAND...		passes when COMMAND fails
#	is NAME GOT WANT		passes when the two strings are equal
#	like NAME TEXT REGEX		passes when TEXT matches the extended regular expression
#	unlike NAME TEXT REGEX		passes when it does not
#	pass NAME; fail NAME [TEXT]	a result that was found out otherwise
#	skip NAME WHY			not run here: listed, never counted as passed
#	diag TEXT			a comment line
#	start_bg LOG COMMAND...		COMMAND in the background, in a process group of its own, its output in LOG; pid in $BG
#	stop PID			ends a process of start_bg with its children, and waits
#	wait_for_file FILE SECONDS [PID]	until FILE exists and is not empty; gives up when PID is gone
#	wait_for_text FILE REGEX SECONDS [PID]	until a line of FILE matches
#	soon WANT COMMAND...		what COMMAND prints: WANT as soon as it is that, after a while whatever it is
#	done_testing			the plan; status 1 if anything failed
#
# SECONDS are those of a machine that does nothing else: until.sh.
#
# $TMP is a directory of this test's own. When the test ends, however it ends, the processes of
# start_bg are ended by their pids and $TMP is removed. KEEP_TMP=1 keeps it.

set -u
. "${BASH_SOURCE[0]%/*}/until.sh"

TAP_count=0
TAP_failed=0
TAP_bg=()
BG=
TMP=$(mktemp -d "${TMPDIR:-/tmp}/test.XXXXXX") || exit 99
TAP_pid=$BASHPID

tap_cleanup()
{
	local status=$? pid

	[ "$BASHPID" = "$TAP_pid" ] || return "$status"
	trap - EXIT
	for pid in "${TAP_bg[@]}"; do
		stop "$pid"
	done
	if [ -n "${KEEP_TMP-}" ]; then
		echo "# kept $TMP"
	else
		rm -rf "$TMP"
	fi
	exit "$status"
}
trap tap_cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass()
{
	TAP_count=$((TAP_count + 1))
	echo "ok $TAP_count - $1"
}

fail()
{
	TAP_count=$((TAP_count + 1))
	TAP_failed=$((TAP_failed + 1))
	echo "not ok $TAP_count - $1"
	[ -z "${2-}" ] || diag "$2"
	return 0
}

skip()
{
	TAP_count=$((TAP_count + 1))
	echo "ok $TAP_count - $1 # SKIP ${2-}"
}

# The command runs in this shell, so that it may be a function that sets variables.
ok()
{
	local name=$1 status=0
	shift
	"$@" >"$TMP/.output" 2>&1 || status=$?
	if [ $status = 0 ]; then
		pass "$name"
	else
		fail "$name" "status $status from: $*
$(tail -n 40 "$TMP/.output" | tr -d '\000')"
	fi
}

not_ok()
{
	local name=$1 status=0
	shift
	"$@" >"$TMP/.output" 2>&1 || status=$?
	if [ $status != 0 ]; then
		pass "$name"
	else
		fail "$name" "unexpected success of: $*
$(tail -n 40 "$TMP/.output" | tr -d '\000')"
	fi
}

is()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "got:  $2
want: $3"
	fi
}

like()
{
	if grep -Eq -e "$3" <<<"$2"; then
		pass "$1"
	else
		fail "$1" "does not match: $3
$2"
	fi
}

unlike()
{
	if grep -Eq -e "$3" <<<"$2"; then
		fail "$1" "matches: $3
$2"
	else
		pass "$1"
	fi
}

start_bg()
{
	local log=$1
	shift
	: >"$log" # before anybody waits for a text in it: the child empties it late
	if [ "$(type -t "$1")" = file ]; then
		set -- setsid "$@"
	fi
	"$@" >"$log" 2>&1 </dev/null &
	BG=$!
	TAP_bg+=("$BG")
}

stop()
{
	local pid=$1 tries=0 kept=() other

	for other in "${TAP_bg[@]}"; do
		[ "$other" = "$pid" ] || kept+=("$other")
	done
	TAP_bg=("${kept[@]}")
	kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
	while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return 0
}

wait_for_file()
{
	tap_until "$2" "${3-}" test -s "$1"
}

wait_for_text()
{
	tap_until "$3" "${4-}" grep -Eqs -e "$2" "$1"
}

soon()
{
	local want=$1 got end=$((SECONDS + 8 * PATIENCE))
	shift
	while got=$("$@"); [ "$got" != "$want" ] && [ $SECONDS -lt $end ]; do
		sleep 0.1
	done
	echo "$got"
}

done_testing()
{
	echo "1..$TAP_count"
	[ $TAP_failed = 0 ] || diag "$TAP_failed of $TAP_count failed"
	exit $((TAP_failed != 0))
}
