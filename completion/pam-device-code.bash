# bash completion for pam-device-code

_pam_device_code()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options=

	COMPREPLY=()
	case $before in
	--origin) COMPREPLY=($(compgen -W "seat session remote" -- "$word")); return ;;
	--style) COMPREPLY=($(compgen -W "utf8 colour full" -- "$word")); return ;;
	--conf|--ca-file) COMPREPLY=($(compgen -f -- "$word")); return ;;
	--user) COMPREPLY=($(compgen -u -- "$word")); return ;;
	--groups) COMPREPLY=($(compgen -g -- "$word")); return ;;
	people) COMPREPLY=($(compgen -W "add import list remove show" -- "$word")); return ;;
	import) COMPREPLY=($(compgen -f -- "$word")); return ;;
	--section|--client-id|--profile|--metadata|--proxy|--from|--issuer|--subject) return ;;
	esac
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "setup try qr check sessions refresh revoke people --help --version" -- "$word"))
		return
	fi
	case ${COMP_WORDS[1]} in
	setup) options="--section --client-id --profile --metadata --ca-file --proxy --conf --pin --write --help" ;;
	try) options="--section --conf --origin --from --help" ;;
	qr) options="--style --help" ;;
	check) options="--json --user --help" ;;
	sessions) options="--enforce --end --help" ;;
	refresh) options="--help" ;;
	revoke) options="--all --help" ;;
	people) options="--issuer --subject --groups --existing --json --purge --help" ;;
	esac
	if [[ $word != -* && ${COMP_WORDS[1]} = try ]]; then
		COMPREPLY=($(compgen -u -- "$word"))
	else
		COMPREPLY=($(compgen -W "$options" -- "$word"))
	fi
}
complete -F _pam_device_code pam-device-code
