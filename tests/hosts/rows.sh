# A row is a host (host_NAME) and an ending: what is done, and what has to be true then.
#
#	row HOST ENDING		approved, denied, expired, down, aborted
#	rows HOST...		defines cell_HOST_ENDING for each that the group has not defined, and names them in $cells
#
# $main has more lines for the section.

main=("remote = allow" "timeout = 160s")

# For what ends at once: the helper has nothing to do until the first poll, four seconds later.
slow=(--interval 4)
not_polled="expect 10 ^Code: +[A-Z]
mark code
run act running"

code_shown="expect 10 ^Code: +[A-Z]
mark code
run act running
run act polled 2"

play()	# LINES...: with what comes before the code
{
	record "" "${program[@]}" < <(printf '%s\n' "$greeting" "$@")
}

# Over ssh the person has to press Enter to learn anything.
collect()
{
	[ -z "$prompting" ] || printf '%s\n' "mark enter" "enter"
}

row_approved()
{
	site < <(printf '%s\n' "${main[@]}")
	host_"$1"
	play "$code_shown" "run act inspect $TMP/helper" "run act approve" "mark approved" \
		"run act granted" "$(collect)" "$leave" "expect 5 $inside" "mark in" \
		"${leave:+send exit\\r}" "end 5"
	played "somebody is let in"
	seen_before "the code is there before anything is approved" '^Code: +[A-Z0-9-]+$' approved
	seen_before "and the address" '^Address: https://localhost:[0-9]+/device$' approved
	seen_before "and a QR code" '▄▄▄▄▄ █' approved
	seen_after "somebody is in only after the approval" "$inside" approved
	logged "the log says so" "outcome=\"admitted\".*origin=\"$place\".* user=\"$user\""
	quick
	helper_confined
}

# From the last key, or from the token, to the shell.
quick()
{
	local from=approved took

	[ -z "$prompting" ] || from=enter
	[ -n "$leave" ] || return 0
	took=$(($(stamp_mark prompt) - $(stamp_mark $from)))
	diag "$took ms from $from to the shell"
	ok "the shell is there at once" test "$took" -lt "$([ $from = enter ] && echo 1000 || echo 4000)"
}

row_denied()
{
	site < <(printf '%s\n' "${main[@]}")
	host_"$1"
	play "$code_shown" "run act deny" "mark denied" "run act answered access_denied" "$(collect)" \
		"expect 6 The request was denied" "run act silent 2"
	played "denied: the person is told"
	unlike "nobody is in" "$(seen)" "$inside"
	logged "the log says so" "outcome=\"denied\".*origin=\"$place\".* user=\"$user\""
	is "the denial ends it: one code" "$(codes)" 1
}

row_expired()
{
	site --expires-in 3 < <(printf '%s\n' "${main[@]}")
	host_"$1"
	play "$code_shown" "run act lapsed" "$(collect)" "expect 8 The code expired" "mark told" \
		"${anew:+expect 8 $anew}"
	played "expired: the person is told"
	unlike "nobody is in" "$(seen)" "$inside"
	logged "the log says so" "outcome=\"expired\".*origin=\"$place\".* user=\"$user\""
}

row_down()
{
	site < <(printf '%s\n' "${main[@]}")
	host_"$1"
	provider quit >/dev/null
	play "mark begun" "expect 15 The sign-in service cannot be reached" "mark told"
	played "provider down: the person is told"
	unlike "nobody is in" "$(seen)" "$inside|^Code:"
	logged "the log says so" "outcome=\"provider_unreachable\".*origin=\"$place\".* user=\"$user\""
}

row_aborted()
{
	site "${slow[@]}" < <(printf '%s\n' "${main[@]}")
	host_"$1"
	play "$not_polled" "mark ctrl-c" "send \\x03" "run act gone ${patience:-1}" "mark gone" \
		"run act silent 4.5"
	played "^C: the helper is gone within ${patience:-1} s, the provider is asked no more"
	unlike "nobody is in" "$(seen)" "$inside"
}

codes()
{
	provider log | grep -c '"endpoint":"device"'
}

row()	# HOST ENDING
{
	row_"$2" "$1"
	if [ "$2" = down ]; then
		# A client of OpenSSH begins anew by itself: the helper of that attempt gives up by itself, too,
		# where sshd 10 learns late that the client has gone: it asks for a code for 35 s at most.
		helper_gone "no helper is left" 40
		return
	fi
	provider_clean "$2"
	helper_gone "no helper is left" "${patience:-1}"
}

rows()	# HOST...
{
	local name ending

	cells=()
	for name; do
		for ending in approved denied expired down aborted; do
			[ "$(type -t "cell_${name}_$ending")" = function ] ||
				eval "cell_${name}_$ending() { row $name $ending; }"
			cells+=("${name}_$ending")
		done
	done
}

# What `act inspect` has seen of a pending helper: no more than it needs.
helper_confined()
{
	local file=$TMP/helper uid

	uid=$(id -u _pamdevicecode)
	is "the helper has the ids of _pamdevicecode alone" \
		"$(sed -n 's/^[UG]id:\s*//p' "$file" | tr '\t\n' '  ')" \
		"$uid $uid $uid $uid $uid $uid $uid $uid "
	is "no groups" "$(sed -n 's/^Groups:\s*//p' "$file" | tr -d ' ')" ""
	is "no capabilities" "$(grep '^Cap\(Inh\|Prm\|Eff\|Amb\)' "$file" | grep -vc '0000000000000000$')" 0
	is "no signal is blocked or ignored but what it chose" \
		"$(sed -n 's/^SigBlk:\s*//p' "$file")" 0000000000000000
	is "the environment is fixed" "$(sed -n 's/^env //p' "$file" | xargs)" "PATH=/usr/bin:/bin LC_ALL=C"
	is "0, 1 and 2 are /dev/null" "$(sed -n 's/^fd [012] //p' "$file" | sort -u)" /dev/null
	is "no other file is open" \
		"$(sed -n 's/^fd \([3-9]\|[1-9][0-9]*\) //p' "$file" | grep -v '^socket:\|^anon_inode:' |
			grep -vx '/dev/null\|/dev/urandom')" ""
	is "no socket is shared with anybody" "$(grep -c '^shared ' "$file")" 0
	is "it leads a session of its own" "$(sed -n 's/^NSsid:\s*//p' "$file")" \
		"$(sed -n 's/^Pid:\s*//p' "$file")"
	like "core files: none" "$(cat "$file")" '^Max core file size +0 +0'
	like "files: none is written" "$(cat "$file")" '^Max file size +0 +0'
	like "descriptors: 64" "$(cat "$file")" '^Max open files +64 +64'
	like "memory: 256 MB" "$(cat "$file")" '^Max address space +268435456 +268435456'
	like "its directory is /" "$(cat "$file")" '^cwd /$'
	like "file mode mask 077" "$(cat "$file")" '^Umask:\s+0077'
}
