# A whole Debian that boots in a second: systemd as the first process of namespaces, on an overlay of a tree.
# Sourced by bash after tests/lib.sh, inside the namespaces of tests/booted/test, whose end is the end of all
# of it.
#
#	machine_layer NAME COMMAND...	COMMAND in a tree that is not booted, as root; what it changed becomes the
#					layer NAME, on which machines can stand
#	machine_start NAME [LAYER]	boots the tree, or the layer; false: it did not come up
#	machine_in COMMAND...		in the machine that was started last, as root
#	machine_stop			ends it, and all that runs in it
#	machine_path FILE		a file of the machine's, as it is named here
#	machine_lines [OPTION...]	its journal, messages alone
#
# $TREE is the tree, $WORK a directory for what is written, $CGROUP one of the cgroups' tree. Network and
# terminals are this test's own: what listens in the machine is reached from here, and a terminal made here
# can be a console there.

machine_name=
machine_pid=

machine_layer()	# NAME COMMAND...
{
	local layer=$WORK/$1
	shift
	mkdir -p "$layer"/{upper,work,root}
	unshare --mount --propagation private bash -c '
		layer=$1
		shift
		mount -t overlay -o "lowerdir=$TREE,upperdir=$layer/upper,workdir=$layer/work" booted "$layer/root" &&
		mount -t proc proc "$layer/root/proc" && mount --rbind /dev "$layer/root/dev" &&
		mount -t tmpfs -o mode=755 run "$layer/root/run" &&
		exec chroot "$layer/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive "$@"' - "$layer" "$@"
}

# The first process: everything that it needs, and then systemd. /dev is small, and has no console of the
# kernel's: /dev/tty1 is a place for a terminal.
machine_boot()
{
	local root=$1 node

	mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys" &&
		mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" &&
		mount -t tmpfs -o mode=755 dev "$root/dev" || return 1
	for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
		# shellcheck disable=SC2086
		set -- ${node//:/ }
		mknod -m 666 "$root/dev/$1" c "$2" "$3" || return 1
	done
	mkdir "$root/dev/pts" "$root/dev/shm" && mount --bind /dev/pts "$root/dev/pts" &&
		ln -s pts/ptmx "$root/dev/ptmx" && ln -s /proc/self/fd "$root/dev/fd" &&
		mount -t tmpfs shm "$root/dev/shm" && mount -t tmpfs -o mode=755 run "$root/run" &&
		mount -t tmpfs -o mode=1777 tmp "$root/tmp" && touch "$root/dev/tty1" &&
		cd "$root" && pivot_root . mnt && cd / && umount -l /mnt || return 1
	exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
		/lib/systemd/systemd --show-status=1
}

machine_start()	# NAME [LAYER]
{
	local dir=$WORK/$1 lower=$TREE state

	machine_name=$1
	[ -z "${2-}" ] || lower=$WORK/$2/upper:$lower
	mkdir -p "$dir"/{upper/etc/systemd/system,work,root} "$CGROUP/$1"
	ln -sf /dev/null "$dir/upper/etc/systemd/system/systemd-modules-load.service" # there is no kernel of its own
	export -f machine_boot
	start_bg "$dir/console" bash -c '
		echo $$ >"$1/cgroup.procs" && exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child \
			--propagation private bash -c "
				mount -t overlay -o \"lowerdir=$2,upperdir=$3/upper,workdir=$3/work\" booted \"$3/root\" &&
				hostname $4 && machine_boot \"$3/root\""' - "$CGROUP/$1" "$lower" "$dir" "$1"
	machine_outer=$BG
	tap_until 20 "$machine_outer" machine_found || return 1
	tap_until 60 "$machine_outer" machine_is_up
}

machine_found()
{
	machine_pid=$(tr -d ' ' 2>/dev/null <"/proc/$machine_outer/task/$machine_outer/children") &&
		[ "$(cat "/proc/${machine_pid:-0}/comm" 2>/dev/null)" = systemd ]
}

machine_is_up()
{
	case $(machine_in systemctl is-system-running 2>/dev/null) in
	running | degraded) return 0 ;;
	esac
	return 1
}

machine_in()
{
	nsenter -t "$machine_pid" --mount --pid --uts --ipc --cgroup --root \
		env -i --chdir=/ PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=xterm LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@"
}

machine_stop()
{
	[ -n "$machine_name" ] || return 0
	stop "$machine_outer"
	find "$CGROUP/$machine_name" -depth -type d -exec rmdir {} + 2>/dev/null
	machine_name=
}

machine_path()
{
	echo "/proc/$machine_pid/root$1"
}

machine_lines()
{
	machine_in journalctl --sync >/dev/null 2>&1
	machine_in journalctl -q --no-pager -o short "$@"
}
