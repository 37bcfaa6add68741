# Puts the product and a provider together for tests and the demo. Sourced by bash, from anywhere:
#
#	product_build			builds what this user can use: build/stage for root, else build/user
#	provider_start DIR OPTION...	the provider of tests/provider; sets ISSUER, CONTROL, CA, PROVIDER_PID
#	provider_stop
#	provider COMMAND [QUERY] [BODY]	talks to its control port: provider set interval=1
#	etc_make DIR CA			DIR for STAND_ETC: a CA file that the helper may read
#	etc_service DIR SERVICE ARGS	pam.d/SERVICE with our auth and account lines
#	etc_section DIR SECTION <LINES	device_code.conf with a section of LINES and the provider's issuer
#
# The variables: TOP, STAND_MODE (root or user), ETC_CA (the CA's path where the product runs).

TOP=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd) || exit 99
STAND_MODE=${STAND_MODE:-$("$TOP/tests/stand" --mode)}
USER_ROOT=$TOP/build/user/root
export STAND_MODE

product_make()
{
	make -C "$TOP" --no-print-directory "$@"
}

product_build()
{
	if [ "$STAND_MODE" = root ]; then
		product_make stage
	else
		product_make user
	fi
}

provider_start()
{
	local dir=$1 tries=0
	shift

	mkdir -p "$dir"
	"$TOP/build/tests/provider/provider" --dir "$dir" --with-parent "$@" \
		>"$dir/output" 2>&1 </dev/null &
	PROVIDER_PID=$!
	until [ -s "$dir/env" ]; do
		tries=$((tries + 1))
		if [ $tries -gt 200 ] || ! kill -0 "$PROVIDER_PID" 2>/dev/null; then
			echo "the provider of tests/provider does not start:" >&2
			cat "$dir/output" >&2
			return 1
		fi
		sleep 0.05
	done
	. "$dir/env"
}

provider_stop()
{
	[ -n "${PROVIDER_PID-}" ] || return 0
	kill "$PROVIDER_PID" 2>/dev/null
	wait "$PROVIDER_PID" 2>/dev/null
	PROVIDER_PID=
}

# One request to a server on loopback, but for a file without a program: the reply's body. What is slow or broken ends with ten seconds.
http_request()	# METHOD URL [BODY or @FILE]
{
	local LC_ALL=C method=$1 url=${2#http://} body=${3-} line length= peer link

	case $body in
	@*) # what is in a file may hold NULs, and a shell's text none
		curl -sS --max-time 60 -X "$method" --data-binary "$body" "http://$url"
		return ;;
	esac
	peer=${url%%/*}
	exec {link}<>"/dev/tcp/${peer%:*}/${peer##*:}" || return 1
	printf '%s /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
		"$method" "${url#*/}" "$peer" ${#body} "$body" >&$link
	while IFS= read -r -t 60 line <&$link && [ "${line%$'\r'}" != "" ]; do
		case ${line,,} in
		content-length:*) line=${line#*: } length=${line%$'\r'} ;;
		esac
	done
	# The shell reads byte by byte, which is for what is short.
	if [ "${length:-9999}" -gt 2000 ]; then
		timeout 60 cat <&$link
	elif [ "$length" -gt 0 ]; then
		IFS= read -r -t 60 -N "$length" line <&$link
		printf %s "$line"
	fi
	exec {link}>&-
}

provider()
{
	local command=$1 query=${2-}
	shift
	[ $# -eq 0 ] || shift
	case $command in
	log|stats|pending)
		http_request GET "$CONTROL/$command" ;;
	*)
		http_request POST "$CONTROL/$command${query:+?$query}" "${1-}" ;;
	esac
}

etc_make()
{
	local dir=$1 ca=$2

	mkdir -p "$dir/pam.d" "$dir/security"
	chmod 755 "$dir" "$dir/pam.d" "$dir/security"
	cp "$ca" "$dir/security/test-ca.pem"
	chmod 644 "$dir/security/test-ca.pem"
	if [ "$STAND_MODE" = root ]; then
		ETC_PATH=/etc
		MODULE=pam_device_code.so
		MODULE_CONF=
	else
		ETC_PATH=$dir
		MODULE=$USER_ROOT/lib/security/pam_device_code.so
		MODULE_CONF=conf=$dir/security/device_code.conf
	fi
	ETC_CA=$ETC_PATH/security/test-ca.pem
}

etc_service()
{
	local dir=$1 service=$2
	shift 2

	cat >"$dir/pam.d/$service" <<-LINES
	auth     required  $MODULE $MODULE_CONF $*
	account  required  $MODULE $MODULE_CONF $*
	session  required  $MODULE $MODULE_CONF $*
	LINES
}

etc_section()
{
	local dir=$1 section=$2
	{
		echo "[$section]"
		[ "${ISSUER_LINE-}" = no ] || echo "issuer = $ISSUER"
		echo "ca_file = $ETC_CA"
		# A build whose helper has fewer restrictions (tests/coverage) says so in each section.
		[ -z "${SECTION_LINE-}" ] || echo "$SECTION_LINE"
		cat
	} >>"$dir/security/device_code.conf"
	chmod 644 "$dir/security/device_code.conf"
}

# ---- the systems that the provider can be --------------------------------------------------------

SYSTEMS="oidc paste trakt trakt-paste mastodon calcom calcom-platform"

# The lines of a section for one of SYSTEMS, alice being the one who may enter; its secret and its
# map go to DIR/security.
system_lines()	# DIR SYSTEM
{
	local dir=$1 system=$2 identity= client= secret= profile=${2%-paste}

	case $system in
	oidc|paste)
		echo "client_id = kiosk"
		echo "user_claim = preferred_username"
		[ "$system" = oidc ] || printf '%s\n' "flow = authorization_code" "redirect_uri = $ISSUER/show-code"
		return ;;
	trakt*)
		client=trakt-kiosk secret=trakt-secret identity=5f1c0de0-8ef0-4c7b-9d00-000000000001
		echo "authorization_endpoint = $ISSUER/oauth/authorize"
		[ "$system" = trakt ] ||
			printf '%s\n' "flow = authorization_code" "redirect_uri = $ISSUER/show-code" ;;
	mastodon)
		client=mastodon-kiosk secret=mastodon-secret identity=109348684262348721 ;;
	calcom*)
		client=cal-oauth secret=cal-oauth-secret identity=1001
		[ "$system" = calcom ] || client=cal-kiosk secret=cal-secret
		echo "authorization_endpoint = $ISSUER/auth/oauth2/authorize"
		echo "redirect_uri = $ISSUER/show-code" ;;
	esac
	echo "$secret" >"$dir/security/$system.secret"
	chmod 600 "$dir/security/$system.secret"
	echo "$ISSUER $identity alice" >"$dir/security/$system.map"
	chmod 644 "$dir/security/$system.map"
	cat <<-LINES
	profile = $profile
	base_url = $ISSUER
	client_id = $client
	client_secret_file = $ETC_PATH/security/$system.secret
	map_file = $ETC_PATH/security/$system.map
	LINES
}

# Somebody with a browser: opens ADDRESS, is PERSON, approves (or MORE=deny=yes), and prints what
# the browser ends with: the redirected address, or the code that a page shows.
browse()	# ADDRESS PERSON [MORE]
{
	curl -sS --max-time 60 -G -X POST --data-urlencode "uri=$1" --data-urlencode "person=$2" \
		${3:+--data "$3"} "$CONTROL/authorize"
}
