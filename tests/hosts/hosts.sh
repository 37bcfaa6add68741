# What the groups of tests/hosts share: cells, each a login of its own through a real program, in a
# network of its own, where the product is installed. See README beside this file.
#
#	hosts_run CELL...		the end of a group's script: each CELL names a function cell_CELL,
#					run where the product is installed; several at a time (HOSTS_JOBS)
#
# Inside a cell:
#
#	site [PROVIDER-OPTION...] <LINES	a provider and the section "main" with LINES
#	service NAME [ARGUMENT...]	/etc/pam.d/NAME: our module alone
#	record NAME [OPTION...] PROGRAM... <SCRIPT	terminal.c: sets $recording and $status
#	seen				all that the person saw; screen [MARK]: the screen
#	stamp REGEX; stamp_mark MARK	when, in milliseconds
#	seen_before NAME REGEX MARK; seen_after NAME REGEX MARK
#	played NAME			the script came to its end
#	polls				how many times the provider was asked for the token
#	provider_clean NAME		no poll came early, none after the end
#	helper_gone NAME [SECONDS]	no helper is left, after that long at the latest (1)
#	logged NAME REGEX		a line of the log, waited for
#
# A script's `run act ...` speaks to the provider and watches the helper: see act.
#
# Must never run outside tests/stand: `site` and `service` write to /etc.

hosts=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit 99
. "$hosts/../lib.sh"
. "$hosts/../product.sh"
PATH=$hosts:$PATH:/usr/sbin:/sbin
terminal=$TOP/build/tests/hosts/terminal
replay=$TOP/build/tests/hosts/replay
host=$TOP/build/tests/pam/host

# ---- outside: cells are started, and their results told ---------------------------------------

# What no cell may change on the machine.
machine_state()
{
	find /etc/ssh /etc/pam.d /etc/security /etc/passwd /etc/shadow /etc/group /etc/gshadow \
		/etc/sudoers /etc/sudoers.d /etc/login.defs /run/sshd /dev/tty1 \
		-printf '%p %m %s %T@\n' 2>/dev/null | sort
}

cell_start()	# CELL
{
	local dir=$TMP/cells/$1

	mkdir -p "$dir"
	# A cell is never waited for in vain; what it leaves in its namespaces ends with it.
	HOSTS_CELL=$1 TMPDIR=$dir STAND_SYSLOG=$dir/syslog \
		timeout --kill-after=10 "${HOSTS_SECONDS:-360}" unshare --net bash -c '
			ip link set lo up && exec "$@"' - \
			"$TOP/tests/stand" bash "$hosts_script" >"$dir/tap" 2>&1 </dev/null
	echo "# status $?" >>"$dir/tap"
}

cell_tell()	# CELL: its results become ours
{
	local file=$TMP/cells/$1/tap line

	while IFS= read -r line; do
		case $line in
		'ok '*'# SKIP'*)
			line=${line#ok * - }
			skip "$1: ${line%% # SKIP*}" "${line##*# SKIP }" ;;
		'ok '*) pass "$1: ${line#ok * - }" ;;
		'not ok '*) fail "$1: ${line#not ok * - }" ;;
		'# status '*|'1..'*) ;;
		'# '*) echo "$line" ;;
		esac
	done <"$file"
	grep -q '^1\.\.' "$file" || fail "$1: comes to its end" "$(tail -n 20 "$file")"
	[ -z "${HOSTS_RECORDINGS-}" ] || cp "$TMP/cells/$1"/*.recording "$HOSTS_RECORDINGS/"
}

hosts_outside()
{
	local cell before running=0

	if [ "$STAND_MODE" != root ] || ! unshare --net true 2>/dev/null; then
		for cell; do
			skip "$cell" "needs root and namespaces"
		done
		done_testing
	fi
	before=$(machine_state)
	mkdir "$TMP/cells" "$TMP/keys"
	type -t hosts_prepare >/dev/null && hosts_prepare
	export HOSTS_SHARED=$TMP/keys
	for cell; do
		while [ $running -ge "${HOSTS_JOBS:-4}" ]; do
			wait -n
			running=$((running - 1))
		done
		cell_start "$cell" &
		running=$((running + 1))
	done
	wait
	for cell; do
		cell_tell "$cell"
	done
	is "the machine's own files are as they were" "$(machine_state)" "$before"
	done_testing
}

# HOSTS_ONLY=GLOB runs some of the cells.
hosts_run()
{
	local cell wanted=()

	hosts_script=$(realpath "$0")
	if [ -n "${HOSTS_CELL-}" ]; then
		[ "${STAND-}" = root ] && [ -d /run/home/alice ] || exit 99
		"cell_$HOSTS_CELL"
		done_testing
	fi
	for cell; do
		# shellcheck disable=SC2053
		[[ $cell == ${HOSTS_ONLY:-*} ]] && wanted+=("$cell")
	done
	hosts_outside "${wanted[@]}"
}

# ---- inside a cell ------------------------------------------------------------------------------

site()	# [PROVIDER-OPTION...] <LINES
{
	provider_start "$TMP/provider" --interval 1 "$@" || exit 1
	export CONTROL ISSUER
	etc_make /etc "$CA"
	rm -f /etc/security/device_code.conf
	{
		printf '%s\n' "client_id = kiosk" "user_claim = preferred_username"
		cat
	} | etc_section /etc main
}

service()	# NAME [ARGUMENT...]
{
	etc_service /etc "$@"
}

record()	# NAME [OPTION...] PROGRAM... <SCRIPT
{
	recording=${TMPDIR:?}/$HOSTS_CELL${1:+-$1}.recording
	shift
	local options=()
	while [[ ${1-} == -[a-z] ]]; do
		options+=("$1" "$2")
		shift 2
	done
	status=0
	"$terminal" -o "$recording" "${options[@]}" - "$@" 2>"$TMP/terminal" || status=$?
}

played()	# NAME
{
	is "$1" "$status" 0
	[ "$status" = 0 ] || diag "$(cat "$TMP/terminal")"
}

seen()
{
	"$replay" text "$recording" "$@"
}

screen()
{
	"$replay" screen "$recording" "$@"
}

stamp()
{
	"$replay" when "$recording" "$1"
}

stamp_mark()
{
	"$replay" mark "$recording" "$1"
}

# The recording is in order, and so are text and marks of one millisecond.
seen_before()	# NAME REGEX MARK
{
	like "$1" "$(seen "$3")" "$2"
}

seen_after()	# NAME REGEX MARK
{
	unlike "$1: not before" "$(seen "$3")" "$2"
	like "$1: then" "$(seen)" "$2"
}

polls()
{
	provider log | grep -c '"endpoint":"token"'
}

provider_clean()	# NAME
{
	is "$1: no poll came early, none after the grant" \
		"$(provider log | grep -c '"early":true\|"after_grant":true')" 0
}

helper_gone()	# NAME [SECONDS]
{
	ok "$1" act gone "${2:-1}"
}

logged()	# NAME REGEX
{
	ok "$1" wait_for_text "$STAND_SYSLOG" "$2" 3
	[ "$TAP_failed" = 0 ] || diag "$(tail -n 5 "$STAND_SYSLOG")"
}
