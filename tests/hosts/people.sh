# How the programs that people log in through are set up in a cell. Each function host_NAME is a row's
# host: it prepares the program (after `site`) and sets
#
#	program		what `record` is given: options and command line
#	greeting	the script's lines before the code is shown
#	prompting	yes where Enter has to be pressed after the approval
#	inside		a regular expression that is shown once somebody is in
#	leave		the script's lines that end the session again
#	place, user	what the log says of them
#	anew		what is shown after a refusal that may be tried again, instead of an end
#	patience	seconds after which a helper is gone whose person has left (1)
#	helper_ends	what ends with the terminal: nothing else is left of the host

. "$hosts/sshd.sh"

clean_env=(env -i LC_ALL=C.UTF-8 PATH=/usr/bin:/bin:/usr/sbin:/sbin)
shell_works='expect 5 \$ $
mark prompt
send echo in-as-$(id -un)\r'

as_person()	# NAME PROGRAM...: as somebody who is logged in
{
	local name=$1
	shift
	program=("${clean_env[@]}" TERM=xterm HOME=/run/home/$name USER=$name LOGNAME=$name
		setpriv --reuid "$name" --regid "$name" --init-groups "$@")
}

# What `prompt = auto` makes of this machine's sshd. One that shows a text at once is not asked anything then,
# and learns of a client's end with its next word: when half of the code's time is over.
ssh_prompting()
{
	sshd_shows_at_once || echo yes
}

ssh_patience()
{
	if sshd_shows_at_once; then echo 25; else echo 1; fi
}

host_ssh()
{
	sshd_start
	program=("${ssh[@]}" alice@localhost)
	greeting= prompting=$(ssh_prompting) patience=$(ssh_patience) inside='^in-as-alice' place=remote user=alice anew='^Code: '
	leave="${shell_works}"
}

host_ssh_key()
{
	sshd_start "AuthenticationMethods publickey,keyboard-interactive"
	program=("${ssh[@]}" -i "$TMP/alice" alice@localhost)
	greeting= prompting=$(ssh_prompting) patience=$(ssh_patience) inside='^in-as-alice' place=remote user=alice anew='^Code: '
	leave="${shell_works}"
}

# Debian's agetty and login, on a terminal that is /dev/tty1.
# util-linux's login (Debian 13) ignores ^C and ^\\, and asks again after a wrong answer alone: any other
# refusal ends it after five seconds. shadow's (Debian 12) dies of ^C, and asks again after each.
login_is_shadow()
{
	! login --version 2>/dev/null | grep -q util-linux
}

host_login()
{
	service login section=main
	program=(-t /dev/tty1 "${clean_env[@]}" TERM="${TERM_HERE:-linux}" agetty --noclear tty1 "${TERM_HERE:-linux}")
	greeting=$'expect 5 login: \nsend alice\\r'
	prompting= inside='^in-as-alice' place=seat user=alice anew='(login: |^Sign in to .* .login.\.)'
	leave="${shell_works}"
}

host_su()
{
	service su section=main
	as_person bob su alice
	greeting= prompting= inside='^in-as-alice' place=session user=alice anew=
	leave="${shell_works}"
}

host_sudo()
{
	service sudo section=main
	printf '%s\n' 'Defaults passwd_tries=1' 'alice ALL=(ALL:ALL) ALL' >/etc/sudoers.d/cell
	chmod 440 /etc/sudoers.d/cell
	as_person alice sudo -u carol sh
	greeting= prompting= inside='^in-as-carol' place=session user=alice anew=
	leave="${shell_works}"
}

host_pamtester()
{
	service tester section=main
	program=("${clean_env[@]}" pamtester -I tty=tty1 tester alice authenticate acct_mgmt)
	greeting= prompting= place=seat user=alice anew= leave=
	inside='successfully authenticated'
}
