# What a caller of su sets, does to its own side, or leaves behind, and that a login comes out the same. Sourced by
# tests/booted/test. Each row is shell that alice runs before `exec su carol`; the login is decided behind login.sock,
# in circumstances that are systemd's.

# NAME|SHELL. The first while carol, whose commands have the same limits, has none yet. Limits are hard ones: what alice lowers she cannot raise, and neither can su.
caller_rows()
{
	cat <<-'ROWS'
	two processes|ulimit -u 2
	nothing|:
	no file may grow|ulimit -f 0
	a file may grow by a kilobyte|ulimit -f 1
	the signal of that is ignored|trap "" XFSZ; ulimit -f 0
	nine descriptors|ulimit -n 9
	48 MB of address space|ulimit -v 49152
	16 MB of data|ulimit -d 16384
	256 kB of stack|ulimit -s 256
	a second of processor|ulimit -t 1
	no locked memory|ulimit -l 0
	no message queues|ulimit -q 0
	no pending signals|ulimit -i 0
	no locks|ulimit -x 0 2>/dev/null
	umask 0777|umask 0777
	umask 0|umask 0
	children reap themselves|trap "" CHLD
	a broken pipe is ignored|trap "" PIPE
	hang-ups, ends and alarms are ignored|trap "" HUP TERM INT QUIT ALRM
	a hostile environment|export LD_PRELOAD=/tmp/evil.so LD_LIBRARY_PATH=/tmp PATH=/tmp HOME=/nonexistent IFS=x LISTEN_FDS=1 LISTEN_PID=$$
	a directory that is gone|mkdir /tmp/gone && cd /tmp/gone && rmdir /tmp/gone
	nice, and last for the disk|renice -n 19 $$ >/dev/null; ionice -c 3 -p $$
	first for the killer of processes|echo 1000 >/proc/self/oom_score_adj
	twenty descriptors left open|for i in {10..29}; do eval "exec $i</dev/null"; done
	ROWS
}

# As alice, on a terminal of her own; /tmp/NAME.in when carol's command runs, which sleeps SECONDS.
caller()	# NAME SECONDS SHELL
{
	printf '%s\n' "$3" "exec /bin/su carol -c '/usr/bin/touch /tmp/$1.in; exec /bin/sleep $2'" >"$(machine_path "/tmp/$1.sh")"
	start_bg "$TMP/$1.out" bash -c 'sleep 1000 | nsenter -t "$1" --mount --pid --uts --ipc --cgroup --root setpriv \
		--reuid alice --regid alice --init-groups --reset-env script -qec "bash /tmp/$2.sh" /dev/null' - \
		"$machine_pid" "$1"
}

caller_is_in()	# NAME
{
	tap_until 40 "" test -e "$(machine_path "/tmp/$1.in")"
}

# The last login of su that ended, by its line.
caller_outcome()
{
	machine_lines SYSLOG_FACILITY=10 | grep -o 'outcome=.*service="su"' | tail -n 1 | cut -d'"' -f2
}

caller_process()	# the su of NAME
{
	machine_in pgrep -n -x su
}

cell_callers()
{
	local etc row name shell number=0 su tmp

	started callers
	nsenter -t "$machine_pid" --mount mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /dev/pts
	ok "it installs" installed one
	site
	sshd
	provider set "auto=approve" "person=carol" >/dev/null
	etc=$(machine_path /etc) tmp=$(machine_path /tmp)
	section su "user_claim = preferred_username" "tokens = logout" "rate_limit = off"
	sed 's/^\[su\]/[ssh]/; $ a remote = allow' "$etc/security/device_code.conf" >"$TMP/ssh.conf"
	cat "$TMP/ssh.conf" >>"$etc/security/device_code.conf"
	sed -i 's/^@include common-auth/auth required pam_device_code.so section=su/
		/^@include common-session/i session required pam_device_code.so' "$etc/pam.d/su"
	sed -i '/pam_systemd/d' "$etc/pam.d/common-session"

	while IFS='|' read -r name shell; do
		number=$((number + 1))
		caller "row$number" $((2000 + number)) "$shell"
		ok "$name: carol's session begins" caller_is_in "row$number" ||
			diag "$(cat "$TMP/row$number.out")" "$(machine_lines -n 5)"
		is "$name: and is on record" "$(records)" "$number"
	done < <(caller_rows)
	is "each login was admitted, and none told otherwise" \
		"$(machine_lines SYSLOG_FACILITY=10 | grep -o 'outcome="[a-z_]*"' | sort | uniq -c | xargs)" \
		"$number outcome=admitted"
	is "carol's commands run" "$(machine_in pgrep -u carol -c -x sleep)" "$number"
	provider block person=carol >/dev/null
	machine_in $admin sessions --enforce
	provider unblock person=carol >/dev/null
	is "root ends every one of them" "$(machine_in pgrep -u carol -x sleep)" ""
	ok "no record is left" tap_until 10 "" only_records 0

	# Whose processes nobody else sees: root's login, which has no group of /proc's, does.
	ok "/proc hides the processes of others" machine_in mount -o remount,hidepid=2 /proc
	is "alice sees none of root's" "$(machine_in setpriv --reuid alice --regid alice --init-groups ls -d /proc/1 2>&1)" \
		"ls: cannot access '/proc/1': No such file or directory"
	caller hidden 2100 :
	ok "carol's session begins there, too" caller_is_in hidden || diag "$(cat "$TMP/hidden.out")" "$(machine_lines -n 5)"
	is "it is on record" "$(records)" 1
	machine_in systemctl start $refresh.service
	is "who looks for sessions that have ended sees that it lives" "$(records)" 1
	provider block person=carol >/dev/null
	machine_in systemctl start $sessions.service
	provider unblock person=carol >/dev/null
	is "and root ends it" "$(machine_in pgrep -u carol -x sleep)" ""
	ok "and its record" tap_until 10 "" only_records 0
	machine_in mount -o remount,hidepid=0 /proc

	# What alice does to her own side while the code shows.
	provider set "auto=never" >/dev/null
	caller stopped 2101 :
	ok "a code shows" tap_until 10 "" grep -q '^Code: ' "$TMP/stopped.out"
	su=$(caller_process)
	ok "su is stopped" machine_in setpriv --reuid alice --regid alice --init-groups kill -STOP "$su"
	CODE=$(sed -n 's/^Code: *\([A-Z-]*\).*/\1/p' "$TMP/stopped.out") act approve carol >/dev/null
	ok "bob is in meanwhile" comes bob
	stop "$BG"
	machine_in kill -CONT "$su"
	ok "and once it goes on, carol" caller_is_in stopped || diag "$(cat "$TMP/stopped.out")"

	mkdir "$CGROUP/$machine_name/frozen"
	caller frozen 2102 :
	ok "a code shows again" tap_until 10 "" grep -q '^Code: ' "$TMP/frozen.out"
	su=$(caller_process)
	nsenter -t "$machine_pid" --pid --mount --root sh -c "echo $su >/sys/fs/cgroup/frozen/cgroup.procs
		echo 1 >/sys/fs/cgroup/frozen/cgroup.freeze"
	CODE=$(sed -n 's/^Code: *\([A-Z-]*\).*/\1/p' "$TMP/frozen.out") act approve carol >/dev/null
	ok "bob is in while su is frozen" comes bob
	stop "$BG"
	nsenter -t "$machine_pid" --pid --mount --root sh -c "echo 0 >/sys/fs/cgroup/frozen/cgroup.freeze"
	ok "and once it thaws, carol" caller_is_in frozen || diag "$(cat "$TMP/frozen.out")"

	caller killed 2103 :
	ok "and again" tap_until 10 "" grep -q '^Code: ' "$TMP/killed.out"
	machine_in setpriv --reuid alice --regid alice --init-groups kill -KILL "$(caller_process)"
	ok "of a su that is killed nothing stays" tap_until 10 "" caller_left_nothing
	is "and the log does not blame the provider" "$(caller_outcome)" conversation_failed
	provider_stop
}

caller_left_nothing()
{
	! machine_in pgrep -x device-code-hel >/dev/null && [ "$(machine_in pgrep -c -x device-code-log)" -le 1 ]
}
