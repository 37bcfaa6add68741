/*
 * Reads a log of server.mjs and asserts that every device login in it was patient (RFC 8628, 3.5).
 *
 *	node check-log.mjs LOG [--interval 5]
 *
 * For each device code: no poll sooner than the interval after the reply to the device request or
 * to the poll before, five seconds more after each slow_down; no poll after a final answer; one TLS
 * connection for all its requests, with those that show, refresh or revoke its tokens. Prints one
 * line a login, exits 1 if one was broken or there is none.
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values: { interval }, positionals: [file] } = parseArgs({
	options: { interval: { type: 'string', default: '5' } }, allowPositionals: true });
const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
	.map((text) => JSON.parse(text));

const is_final = ({ status, error }) =>
	status === 200 || (error && error !== 'authorization_pending' && error !== 'slow_down');

function login_check(device) {
	const mine = lines.filter((line) => line.device === device);
	const [invite, ...polls] = mine;
	const tokens = new Set(mine.flatMap((line) => [line.access, line.refresh]).filter(Boolean));
	const wrong = [];
	let wait_ms = interval * 1000;
	let ready_ms = invite.t_out_ms + wait_ms;
	let last = null;

	for (const poll of polls) {
		if (last)
			wrong.push(`request ${poll.n} polls after the final answer ${last}`);
		else if (poll.t_in_ms < ready_ms)
			wrong.push(`request ${poll.n} polls ${ready_ms - poll.t_in_ms} ms early`);
		if (poll.error === 'slow_down')
			wait_ms += 5000;
		if (is_final(poll))
			last = poll.error ?? 200;
		ready_ms = poll.t_out_ms + wait_ms;
	}

	/* Refreshed tokens belong to the login too; in the log's order, one pass finds them all. */
	for (const line of lines)
		if ([line.token, line.bearer].some((hash) => tokens.has(hash))) {
			mine.push(line);
			[line.access, line.refresh].forEach((hash) => hash && tokens.add(hash));
		}

	const conns = new Set(mine.map((line) => line.conn));

	if (conns.size > 1)
		wrong.push(`${conns.size} TLS connections`);
	console.log(`login ${device}: ${polls.length} polls, ${last ?? 'no final answer'}:`,
		wrong.join('; ') || 'patient');
	return wrong.length === 0;
}

const logins = lines.filter(({ path, device }) => path === '/device/auth' && device)
	.map(({ device }) => device);

if (!logins.length)
	console.log('no login in this log');
process.exit(logins.length && logins.map(login_check).every(Boolean) ? 0 : 1);
