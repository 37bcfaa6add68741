# What a helper is to the kernel while its login is pending. Sourced by bash:
#
#	helper_of PID		prints the pid of the device-code-helper among PID's descendants; waits
#				for it up to 10 seconds, status 1 if there is none then
#	inspect_helper PID	prints a report in which nothing depends on the machine or the moment:
#
#	program /usr/libexec/pam-device-code/device-code-helper
#	ids _pamdevicecode _pamdevicecode	user and group, each real, effective, saved, of files
#	groups
#	capabilities 0				inheritable, permitted, effective, ambient
#	no_new_privs 1
#	seccomp 2
#	traceable no				/proc/PID is root's: not dumpable
#	signals 0				blocked, ignored, caught
#	session own, terminal none
#	directory /
#	umask 0077
#	children 0
#	environment PATH=/usr/bin:/bin LC_ALL=C
#	limits core=0 files=0 descriptors=64 memory=268435456 stack=1048576
#	fd 0 /dev/null ... fd 3 socket
#	more anon_inode:[timerfd] socket	what the helper has opened itself, each kind once
#
# PID is as the caller sees it. Needs root, for whom alone the environment is readable.

descendants_of()	# PID
{
	local child
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		echo "$child"
		descendants_of "$child"
	done
}

helper_of()
{
	local tries=0 pid
	while [ $tries -lt 200 ]; do
		for pid in $(descendants_of "$1"); do
			case $(readlink "/proc/$pid/exe") in
			*/device-code-helper)
				echo "$pid"
				return ;;
			esac
		done
		tries=$((tries + 1))
		sleep 0.05
	done
	return 1
}

status_of()	# PID FIELD...: their values, separated by spaces
{
	local pid=$1 field
	shift
	for field in "$@"; do
		sed -n "s/^$field:[[:space:]]*//p" "/proc/$pid/status"
	done | xargs
}

# The one name of numbers that are all the same, looked up where PID looks; else the numbers.
one_name()	# PID passwd|group NUMBER...
{
	local pid=$1 file=$2 name
	shift 2
	name=$(cut -d: -f1,3 "/proc/$pid/root/etc/$file" | sed -n "s/:$1\$//p" | head -n 1)
	if [ "$(printf '%s\n' "$@" | sort -u | wc -l)" = 1 ] && [ -n "$name" ]; then
		echo "$name"
	else
		echo "$*"
	fi
}

limit_of()	# PID NAME: soft and hard where they differ
{
	sed -n "s/^$2  *\([^ ]*\)  *\([^ ]*\).*/\1 \2/p" "/proc/$1/limits" |
		awk '{ print $1 == $2 ? $1 : $1 "/" $2 }'
}

# Of a process in a mount namespace of another root the kernel tells the whole path: in a chroot, say.
path_of()	# PID exe|cwd|fd/N
{
	local root path
	root=$(readlink "/proc/$1/root")
	path=$(readlink "/proc/$1/$2")
	[ "$root" = / ] || path=${path#"$root"}
	echo "${path:-/}"
}

fds_of()	# PID: "NUMBER KIND"
{
	local fd
	for fd in "/proc/$1/fd/"*; do
		echo "${fd##*/} $(path_of "$1" "fd/${fd##*/}" | sed 's/^\(socket\|pipe\):.*/\1/')"
	done | sort -n
}

inspect_helper()
{
	local pid=$1 stat
	# shellcheck disable=SC2046
	{
		echo "program $(path_of "$pid" exe)"
		echo "ids $(one_name "$pid" passwd $(status_of "$pid" Uid))" \
			"$(one_name "$pid" group $(status_of "$pid" Gid))"
		echo groups $(status_of "$pid" Groups)
		echo capabilities $(status_of "$pid" CapInh CapPrm CapEff CapAmb | tr ' ' '\n' |
			sed 's/^0*\(.\)/\1/' | sort -u)
		echo "no_new_privs $(status_of "$pid" NoNewPrivs)"
		# Two filters: what bounds, and what has the kernel log what is unknown.
		echo "seccomp $(status_of "$pid" Seccomp), filters $(status_of "$pid" Seccomp_filters)"
		echo "traceable $([ "$(stat -c %u "/proc/$pid/environ")" = 0 ] && echo no || echo yes)"
		echo signals $(status_of "$pid" SigBlk SigIgn SigCgt | tr ' ' '\n' |
			sed 's/^0*\(.\)/\1/' | sort -u)
		stat=$(sed 's/.*) //' "/proc/$pid/stat")
		echo "session $([ "$(cut -d' ' -f4 <<<"$stat")" = "$pid" ] && echo own || echo "another's")," \
			"terminal $([ "$(cut -d' ' -f5 <<<"$stat")" = 0 ] && echo none || echo some)"
		echo "directory $(path_of "$pid" cwd)"
		echo "umask $(status_of "$pid" Umask)"
		echo "children $(descendants_of "$pid" | wc -l)"
		echo "environment $(tr '\0' ' ' <"/proc/$pid/environ" | sed 's/ $//')"
		echo "limits core=$(limit_of "$pid" "Max core file size")" \
			"files=$(limit_of "$pid" "Max file size")" \
			"descriptors=$(limit_of "$pid" "Max open files")" \
			"memory=$(limit_of "$pid" "Max address space")" \
			"stack=$(limit_of "$pid" "Max stack size")"
		fds_of "$pid" | sed -n 's/^[0-3] /fd &/p'
		# libcurl 8 wakes itself by an eventfd, older ones by a pair of sockets.
		echo more $(fds_of "$pid" | sed '/^[0-3] /d; s/^[0-9]* //; /\[eventfd\]/d' | sort -u)
	} 2>/dev/null
}
