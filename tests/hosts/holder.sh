# Keeps a login's record from the session that follows it, as `sessions --enforce` does, which waits for a provider
# meanwhile: whoever is let in can bring that about. For cells; source it behind hosts.sh.
#
#	hold_between SERVICE	between the account lines of /etc/pam.d/SERVICE and its session lines the lock of
#				each record is taken
#	hold_end		it is let go, and logins that come are left alone
#	held			whether it was taken, and has not been let go

# The terminal, the process group and the descriptors of the host are nothing to who holds it on.
hold_between()	# SERVICE
{
	mkdir -p -m 700 /run/hold
	touch /run/hold/now
	cat >/run/hold/hold <<-'HOLD'
	#!/usr/bin/perl
	use Fcntl;
	use POSIX;
	exit 0 unless -e "/run/hold/now";
	pipe(my $told, my $tell);
	if (fork()) {
		close($tell);
		exit(defined(<$told>) ? 0 : 1);
	}
	setsid();
	open(STDIN, "<", "/dev/null");
	open(STDOUT, ">", "/dev/null");
	open(STDERR, ">", "/dev/null");
	for (glob("/run/pam-device-code/sessions/*.lock")) {
		open(my $file, "+<", $_) || exit 1;
		my $lock = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 1, 0);
		fcntl($file, 37, $lock) || exit 1; # F_OFD_SETLK
		push(@held, $file);
	}
	exit 1 unless @held;
	open(my $sign, ">", "/run/hold/held") || exit 1;
	print $tell "held\n";
	close($tell);
	select(undef, undef, undef, 0.05) while -e "/run/hold/now";
	@held = ();
	unlink("/run/hold/held");
	HOLD
	chmod 700 /run/hold/hold
	echo "account required pam_exec.so seteuid quiet /run/hold/hold" >>"/etc/pam.d/$1"
}

held()
{
	[ -e /run/hold/held ]
}

not_held()
{
	! held
}

hold_end()
{
	rm -f /run/hold/now
	tap_until 10 "" not_held
}
