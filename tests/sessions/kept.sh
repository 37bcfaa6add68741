# What the groups of tests/sessions ask about what is kept. Sourced by bash where the product is
# installed and the provider of tests/product.sh runs.
#
#	alive			how many tokens are worth anything
#	left			how many files are kept
#	id_of			the one record's id
#	leader_of		the pid of its session's process, 0: no session yet
#	time_is_over SERVICE	as if session_max of the one session of SERVICE were behind it
#	newest_kept		whether the tokens that were issued last are those of the record
#	revocations		what was revoked, in order: refresh access
#	$use_token		a shell script for the person: ISSUER/userinfo with the token of the file, and
#				nothing of it in the arguments

kept=/run/pam-device-code/sessions
tokens=/run/pam-device-code/tokens
admin=/usr/sbin/pam-device-code
# shellcheck disable=SC2016
use_token='printf "oauth2-bearer = \"%s\"\n" "$(cat "$DEVICE_CODE_TOKEN_FILE")" |
	curl -sS --max-time 60 --cacert /etc/security/test-ca.pem -K - "$ISSUER/userinfo"'

alive()	# of the tokens that were issued last, for a refresh voids the ones before: those not revoked
{
	provider log | jq -sr '([.[] | select((.issued // []) != [])] | last | .issued // []) - [.[].revoked // empty] | length'
}

left()
{
	find "$kept" "$tokens" -type f -not -name accounts 2>/dev/null | wc -l
}

id_of()
{
	basename "$(find "$kept" -type f -not -name '*.*' -not -name accounts)"
}

leader_of()
{
	tr '\0' '\n' <"$kept/$(id_of)" | grep -A1 '^session0$' | tail -n 1 | cut -d' ' -f7
}

time_is_over()	# SERVICE
{
	perl -0777 -pi -e 's/(\b1 [0-9a-f]{32} (?:\d+ ){9})0*[1-9]\d* /${1}000000000000001 /' \
		"$kept/$($admin sessions | awk -v service="$1" '$5 == service { print $1 }')"
}

revocations()
{
	provider log | jq -sr '[.[].issued // empty] as $pairs | [.[] | .revoked // empty | . as $token |
		if any($pairs[]; .[1] == $token) then "refresh"
		elif any($pairs[]; .[0] == $token) then "access" else "unknown" end] | join(" ")'
}

newest_kept()
{
	local access
	access=$(tr '\0' '\n' <"$kept/$(id_of)" | grep -A1 '^token_blob$' | tail -n 1 | cut -d' ' -f2)
	[ "$(printf %s "$access" | sha256sum | head -c 16)" = "$(provider log |
		jq -sr '[.[] | select((.issued // []) != [])] | last | .issued[0]')" ]
}
