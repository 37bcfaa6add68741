# A machine with a screen, keys and a plug, by QEMU: what only a kernel of its own can tell. Sourced by bash
# after tests/lib.sh, inside the namespaces of tests/machine/test, whose end is the end of all of it.
#
#	machine_image TREE FILES DISK	DISK boots what TREE becomes by FILES, a directory with root/prepare, a script
#					that is run there; its kernel lies beside it
#	machine_on DISK SIZE		plugs it in, with a screen of SIZE (1024x768)
#	machine_up [BOOT]		waits until it has come up, as another boot than BOOT
#	machine_boot_id			which boot this is
#	machine_in COMMAND...		in it, as root, by its own sshd
#	machine_put FILE PATH		a file from here
#	machine_cut			pulls the plug
#	machine_key KEY...		QEMU's names: ret, a, ctrl-c
#	machine_type TEXT		small letters, spaces and slashes
#	machine_screen			the text on the first console
#	machine_shot FILE		its picture, a PNG
#	machine_reads			what a phone would read off the screen
#	machine_shows SECONDS REGEX	waits for a line on the first console
#
# $WORK is a directory for what is written. The machine sees this network's loopback as 10.0.2.2 and nothing
# else. Emulated, it is some thirty times slower than it would be: MACHINE_ACCEL=kvm, where that works.

machine_pid=
machine_port=2222
machine_ssh=(ssh -F none -p "$machine_port" -i "$WORK/key" -S "$WORK/ssh" -o ControlMaster=auto -o ControlPersist=yes
	-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR -o ConnectTimeout=60
	-o ServerAliveInterval=15 -o ServerAliveCountMax=8 -o BatchMode=yes)

# In a layer over the tree, which stays as it is.
machine_image()
{
	local layer=$WORK/layer

	ssh-keygen -q -t ed25519 -N '' -f "$WORK/key" && mkdir -p "$layer" || return 1
	unshare --mount --propagation private bash -ec '
		tree=$1 files=$2 disk=$3 layer=$4 key=$5
		mount -t tmpfs -o mode=755 layer "$layer"
		mkdir "$layer"/{upper,work,root}
		mount -t overlay -o "lowerdir=$tree,upperdir=$layer/upper,workdir=$layer/work" machine "$layer/root"
		cd "$layer/root"
		cp -r --remove-destination "$files"/. .
		install -D -m 600 "$key.pub" root/.ssh/authorized_keys
		echo /dev/vda / ext4 errors=remount-ro 0 1 >etc/fstab
		printf "[Match]\nName=en* eth*\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n[Link]\nRequiredForOnline=no\n" \
			>etc/systemd/network/only.network
		: >etc/machine-id
		mkdir -p var/log/journal
		mount -t proc proc proc
		mount --rbind /dev dev
		mount -t tmpfs -o mode=755 run run
		chroot . env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive bash -e /root/prepare </dev/null
		rm root/prepare
		cd "$layer"
		umount root/run && umount -l root/dev && umount root/proc
		cp root/boot/vmlinuz-* "$disk.kernel"
		cp root/boot/initrd.img-* "$disk.initrd"
		truncate -s 2500M "$disk"
		mkfs.ext4 -q -F -d root "$disk"' - "$@" "$layer" "$WORK/key"
}

machine_on()	# DISK SIZE
{
	local monitor=$WORK/monitor

	rm -f "$monitor" "$WORK/ssh"
	mkfifo "$monitor" || return 1
	start_bg "$WORK/monitor.log" bash -c 'exec <>"$0" "$@"' "$monitor" qemu-system-x86_64 \
		-machine pc -accel "${MACHINE_ACCEL:-tcg,thread=multi}" -cpu "${MACHINE_CPU:-Westmere,+rdrand}" -smp 2 -m 1024 \
		-nodefaults -no-user-config -display none -monitor stdio \
		-kernel "$1.kernel" -initrd "$1.initrd" -append "root=/dev/vda rw console=ttyS0 console=tty1" \
		-drive "file=$1,if=virtio,format=raw,cache=writeback" -device virtio-rng-pci \
		-netdev "user,id=net,hostfwd=tcp:127.0.0.1:$machine_port-:22" -device virtio-net-pci,netdev=net,romfile= \
		-device "VGA,edid=on,xres=${2%x*},yres=${2#*x}" -serial "file:$WORK/serial.log"
	machine_pid=$BG
}

machine_in()
{
	local text
	printf -v text '%q ' "$@"
	timeout 300 "${machine_ssh[@]}" root@127.0.0.1 "$text" </dev/null
}

machine_put()
{
	timeout 300 "${machine_ssh[@]}" root@127.0.0.1 "cat >$2" <"$1"
}

machine_boot_id()
{
	machine_in cat /proc/sys/kernel/random/boot_id 2>/dev/null
}

machine_is_up()	# BOOT
{
	local id
	id=$(machine_boot_id)
	[ -n "$id" ] && [ "$id" != "$1" ] || { sleep 5; return 1; }
	case $(machine_in systemctl is-system-running 2>/dev/null) in
	running | degraded) return 0 ;;
	esac
	sleep 3
	return 1
}

machine_up()
{
	tap_until 300 "$machine_pid" machine_is_up "${1-}"
}

machine_cut()
{
	[ -n "$machine_pid" ] || return 0
	kill -KILL "$machine_pid"
	wait "$machine_pid" 2>/dev/null
	machine_pid=
}

machine_tell()	# LINE: to QEMU's monitor
{
	echo "$1" >"$WORK/monitor"
}

machine_key()
{
	local key
	for key; do
		machine_tell "sendkey $key 40"
		sleep 0.3
	done
}

machine_type()
{
	local i key
	for ((i = 0; i < ${#1}; i++)); do
		key=${1:i:1}
		case $key in
		' ') key=spc ;;
		/) key=slash ;;
		esac
		machine_key "$key"
	done
}

machine_screen()
{
	# One byte a cell: the place in the font, which of ASCII is its own.
	# shellcheck disable=SC2016
	machine_in sh -c 'LC_ALL=C tr -c " -~" "#" </dev/vcs1 | fold -w "$(stty -F /dev/tty1 size | cut -d" " -f2)"' |
		sed 's/ *$//'
}

machine_shot()
{
	rm -f "$1"
	machine_tell "screendump $1 -f png"
	tap_until 20 "$machine_pid" machine_shot_is_whole "$1"
}

machine_shot_is_whole()
{
	tail -c 12 "$1" 2>/dev/null | grep -qa IEND
}

machine_reads()
{
	machine_shot "$WORK/shot.png" && zbarimg -q --raw "$WORK/shot.png"
}

machine_has()	# REGEX
{
	machine_screen | grep -Eq -e "$1" || { sleep 1; return 1; }
}

machine_shows()
{
	tap_until "$1" "$machine_pid" machine_has "$2"
}
