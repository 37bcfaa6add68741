# A real sshd for a cell, on a port of the cell's own network, and the client for it.
#
#	hosts_prepare		(outside, once a group) makes the keys
#	sshd_start [LINE...]	sshd with LINE in its configuration, for PAM service sshd, section main;
#				SSHD=FILE: that program
#	sshd_shows_at_once	whether this machine's sshd shows a text as it comes: 10.3 and newer
#	sshd_nameless FILE	copies the program that asks PAM to FILE, without its version
#	${ssh[@]}		the client, host key known, no configuration of the machine's

hosts_prepare()
{
	ssh-keygen -q -t ed25519 -N '' -f "$TMP/keys/host" &&
	ssh-keygen -q -t ed25519 -N '' -f "$TMP/keys/alice" || exit 99
}

sshd_port=2222

sshd_shows_at_once()
{
	local major minor

	IFS=' .' read -r major minor < <(/usr/sbin/sshd -V 2>&1 |
		sed -n 's/^OpenSSH_\([0-9]*\.[0-9]*\).*/\1/p')
	[ $((${major:-0} * 100 + ${minor:-0})) -ge 1003 ]
}

# Since 9.8 the process that asks PAM runs a program of its own.
sshd_nameless()	# FILE
{
	local session=/usr/lib/openssh/sshd-session

	[ -e $session ] || session=/usr/sbin/sshd
	sed 's/OpenSSH_\([0-9]*\.[0-9]*\)p/OpenSSH-\1p/g' $session >"$1" && chmod 755 "$1"
}

sshd_start()	# [LINE...]
{
	install -m 600 "$HOSTS_SHARED/host" "$HOSTS_SHARED/alice" "$TMP"
	mkdir -p -m 755 /run/sshd
	printf '[localhost]:%s %s\n' $sshd_port "$(cat "$HOSTS_SHARED/host.pub")" >"$TMP/known"
	install -d -o alice -g alice -m 700 /run/home/alice/.ssh
	install -o alice -g alice -m 600 "$HOSTS_SHARED/alice.pub" /run/home/alice/.ssh/authorized_keys
	printf '%s\n' "ListenAddress 127.0.0.1" "Port $sshd_port" "HostKey $TMP/host" \
		"PidFile /run/sshd/pid" "UsePAM yes" "PasswordAuthentication no" \
		"KbdInteractiveAuthentication yes" "PrintMotd no" "PrintLastLog no" "UseDNS no" \
		"$@" "AuthenticationMethods keyboard-interactive" >/etc/ssh/sshd_config
	service sshd section=main
	"${SSHD:-/usr/sbin/sshd}" -D -f /etc/ssh/sshd_config >"$TMP/sshd" 2>&1 &
	sshd_pid=$!
	TAP_bg+=("$sshd_pid")
	tap_until 10 "$sshd_pid" sshd_listens || fail "sshd listens" "$(cat "$TMP/sshd")"
	ssh=(env -i LC_ALL=C.UTF-8 TERM=xterm-256color PATH=/usr/bin:/bin HOME=/root
		ssh -F none -p $sshd_port -o UserKnownHostsFile="$TMP/known"
		-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o IdentityFile="$TMP/none")
}

sshd_listens()
{
	[ -n "$(ss -Hltn "sport = :$sshd_port")" ]
}
