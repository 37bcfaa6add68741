/*
 * Starts the real provider on https://localhost:PORT, with a CA of its own, and writes down what it
 * is asked.
 *
 *	node server.mjs --dir DIR [--port 0] [--expires 600] [--access-ttl 3600] [--conform]
 *	                [--slow-down N] [--keep-alive 120] [--redirect URI]... [--page FILE]
 *	                [--with-parent] [--keys]
 *
 * DIR/ca.pem	the CA to trust; made anew at every start, its key is thrown away
 * DIR/keys	with --keys: rsa.key, ec.key, tls.key and tls.pem, self.pem (of ec.key), other.pem
 * DIR/env	for `. DIR/env`: ISSUER, CA, LOG, PID, POST_SECRET, BASIC_SECRET, JWT_SECRET;
 *		appears when the provider answers and goes when it ends
 * DIR/log	one JSON object a line and a request, written before the reply leaves:
 *		n, method, path, status (0: the client went away first), error;
 *		type: what it is, if not JSON;
 *		t_in_ms, t_out_ms: CLOCK_MONOTONIC, in rounded up and out rounded down, so that a
 *		wait measured between them is never shorter than the client's own;
 *		conn: which TLS connection, from 1; client, grant_type, scope;
 *		of device code and tokens the first 8 digits of their SHA-256: device, access and
 *		refresh (handed out), token (refreshed or revoked), bearer (shown)
 *
 * --expires, --access-ttl	how many seconds a device code, an access token lives
 * --conform	the ID token has no names, groups or addresses; they come from userinfo only
 * --slow-down	the first N polls of each device code are answered slow_down, which this provider
 *		never says by itself
 * --keep-alive	ends a TLS connection after so many idle seconds (0: never)
 * --redirect	one more redirect_uri for every client, beside ISSUER/show-code
 * --page	an HTML file to serve as /show-code
 * --keys	knows clients that prove themselves by these, and asks who connects for a certificate
 * --with-parent	ends when the process that started it has gone
 */

import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import {
	mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync,
	writeSync,
} from 'node:fs';
import { createServer } from 'node:https';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as pages from './pages.mjs';

const { values: options } = parseArgs({ options: {
	dir: { type: 'string' },
	port: { type: 'string', default: '0' },
	expires: { type: 'string', default: '600' },
	'access-ttl': { type: 'string', default: '3600' },
	'slow-down': { type: 'string', default: '0' },
	'keep-alive': { type: 'string', default: '120' },
	redirect: { type: 'string', multiple: true, default: [] },
	page: { type: 'string' },
	conform: { type: 'boolean', default: false },
	'with-parent': { type: 'boolean', default: false },
	keys: { type: 'boolean', default: false },
} });

const parent = process.ppid;
const body_max = 64 * 1024;

function fail(text) {
	console.error(`server.mjs: ${text}`);
	process.exit(1);
}

function number(name, min, max) {
	const value = Number(options[name]);

	if (options[name].trim() === '' || !Number.isInteger(value) || value < min || value > max)
		fail(`--${name} ${options[name]}: expected a whole number from ${min} to ${max}`);
	return value;
}

/* What clients prove themselves by: files of PEM, and what the provider has to know of them. */
function proof_make(dir, openssl, at) {
	const file = (name) => join(dir, name);
	const text = (name) => readFileSync(file(name), 'utf8');
	const public_of = (name) => createPublicKey(text(name)).export({ format: 'jwk' });

	mkdirSync(dir, { recursive: true, mode: 0o700 });
	writeFileSync(file('rsa.key'), generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
		.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
	openssl('-subj', '/CN=kiosk-tls-self', '-keyout', file('ec.key'), '-out', file('self.pem'));
	openssl('-subj', '/CN=kiosk-tls', '-extensions', 'client', '-CA', at('ca.pem'),
		'-CAkey', at('ca.key'), '-keyout', file('tls.key'), '-out', file('tls.pem'));
	openssl('-subj', '/CN=kiosk-other', '-extensions', 'client', '-CA', at('ca.pem'),
		'-CAkey', at('ca.key'), '-keyout', file('other.key'), '-out', file('other.pem'));
	return { keys: [public_of('rsa.key'), public_of('ec.key')],
		certificates: { self: text('self.pem') } };
}

/* A CA and, signed by it, a certificate for localhost. No private key of these is left as a file. */
function certificates_make(dir, with_keys) {
	const temp = mkdtempSync(join(dir, 'tls-'));
	const at = (name) => join(temp, name);
	const openssl = (...args) => execFileSync('openssl',
		['req', '-x509', '-config', at('conf'), '-newkey', 'ec',
			'-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30',
			...args],
		{ stdio: ['ignore', 'ignore', 'pipe'] });
	let proof;

	try {
		writeFileSync(at('conf'), `
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[client]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = clientAuth
`);
		openssl('-subj', '/CN=Test CA of pam_device_code', '-extensions', 'ca',
			'-keyout', at('ca.key'), '-out', at('ca.pem'));
		openssl('-subj', '/CN=localhost', '-extensions', 'leaf',
			'-CA', at('ca.pem'), '-CAkey', at('ca.key'),
			'-keyout', at('key'), '-out', at('cert'));
		if (with_keys)
			proof = proof_make(join(dir, 'keys'), openssl, at);
		renameSync(at('ca.pem'), join(dir, 'ca.pem'));
		return { proof, key: readFileSync(at('key')), cert: readFileSync(at('cert')),
			...(with_keys && { ca: readFileSync(join(dir, 'ca.pem')), requestCert: true,
				rejectUnauthorized: false }) };
	} finally {
		rmSync(temp, { recursive: true });
	}
}

/* The log */

const now_ms = () => Number(process.hrtime.bigint()) / 1e6;
const short = (secret) =>
	secret ? createHash('sha256').update(secret).digest('hex').slice(0, 8) : undefined;

function json_or_nothing(text) {
	try {
		return JSON.parse(text) ?? {};
	} catch {
		return {};
	}
}

function client_of(req, form) {
	const basic = /^Basic (.+)$/i.exec(req.headers.authorization ?? '');
	const name = basic && Buffer.from(basic[1], 'base64').toString().split(':')[0];

	return form.get('client_id') ?? name ?? undefined;
}

/* What was asked and answered, without anything that would let its reader in. */
function facts(req, form, reply) {
	const bearer = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '');

	return {
		error: reply.error,
		client: client_of(req, form),
		grant_type: form.get('grant_type') ?? undefined,
		scope: form.get('scope') ?? undefined,
		device: short(form.get('device_code') ?? reply.device_code),
		access: short(reply.access_token),
		refresh: short(reply.refresh_token),
		token: short(form.get('token') ?? form.get('refresh_token')),
		bearer: bearer ? short(bearer[1]) : undefined,
	};
}

/* Writes the line of a request just before its whole reply leaves, or when the client has gone. */
function log_attach(log, req, res, entry) {
	const end = res.end;
	const write = (status, chunk) => {
		if (entry.t_out_ms !== undefined)
			return;
		entry.t_out_ms = Math.floor(now_ms());
		entry.status = status;
		Object.assign(entry, facts(req, entry.form, json_or_nothing(chunk)));
		delete entry.form;
		writeSync(log, `${JSON.stringify(entry)}\n`);
	};

	res.end = (chunk, ...rest) => {
		const json = /json/.test(res.getHeader('content-type'));

		entry.type = json ? undefined : res.getHeader('content-type');
		write(res.statusCode, json ? String(chunk) : '');
		return end.call(res, chunk, ...rest);
	};
	res.on('close', () => write(0, ''));
}

/* Requests */

async function body_read(req) {
	const chunks = [];
	let size = 0;

	for await (const chunk of req) {
		if ((size += chunk.length) > body_max)
			throw new Error('body too large');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

function slow_down_make(times) {
	const polls = new Map();

	return (path, form) => {
		const code = path === '/token' && form.get('device_code');
		const count = (code && polls.get(code)) ?? 0;

		if (!code || count >= times)
			return false;
		polls.set(code, count + 1);
		return true;
	};
}

function handler_make({ issuer, provider, ask, log, page, slow }) {
	const callback = provider.callback();
	let n = 0;

	return async (req, res) => {
		const t_in_ms = Math.ceil(now_ms());
		const { pathname: path, searchParams } = new URL(req.url, issuer);
		const entry = { n: ++n, t_in_ms, t_out_ms: undefined, conn: req.socket.conn,
			method: req.method, path, status: 0, form: new URLSearchParams() };
		const reply = (status, type, text) => {
			res.statusCode = status;
			res.setHeader('Content-Type', type);
			res.setHeader('Cache-Control', 'no-store');
			res.end(text);
		};
		const html = (status, text) => reply(status, 'text/html; charset=utf-8', text);

		log_attach(log, req, res, entry);
		try {
			if (req.method === 'POST') {
				req.body = await body_read(req);
				entry.form = new URLSearchParams(String(req.body));
			}
			if (path === '/show-code')
				return html(200, page ?? pages.showCode(searchParams));
			if (path.startsWith('/interaction/'))
				return await ask(req, res, req.body && entry.form);
			if (slow(path, entry.form))
				return reply(400, 'application/json', '{"error":"slow_down"}');
			return await callback(req, res);
		} catch (err) {
			if (!res.headersSent && !res.destroyed)
				html(400, pages.page('This did not work', err.message));
		}
	};
}

/* Beginning and end */

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

function env_write(dir, values) {
	const lines = Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}\n`);

	writeFileSync(join(dir, 'env.new'), lines.join(''), { mode: 0o600 });
	renameSync(join(dir, 'env.new'), join(dir, 'env'));
}

async function provider_load() {
	const { warn } = console;

	/* It wants to read bodies itself, but the log has; its memory is meant to be lost. */
	console.warn = (text, ...rest) =>
		/already parsed request body|in-memory adapter/.test(text) || warn(text, ...rest);
	try {
		return await import('./provider.mjs');
	} catch (err) {
		if (err.code === 'ERR_MODULE_NOT_FOUND')
			fail('npm package oidc-provider is not installed; run tests/real/install');
		throw err;
	}
}

async function main() {
	if (!options.dir)
		fail('--dir DIR is missing');

	const dir = resolve(options.dir);
	const port = number('port', 0, 65535);
	const slow = slow_down_make(number('slow-down', 0, 1000));
	const settings = {
		expires: number('expires', 1, 86400),
		accessTtl: number('access-ttl', 1, 86400),
		conform: options.conform,
		redirects: options.redirect,
	};
	const page = options.page && readFileSync(options.page, 'utf8');
	const { provider_create, interaction, secrets } = await provider_load();

	mkdirSync(dir, { recursive: true, mode: 0o700 });
	rmSync(join(dir, 'env'), { force: true });

	const { proof, ...tls } = certificates_make(dir, options.keys);
	const server = createServer(tls);
	let conns = 0;

	server.keepAliveTimeout = number('keep-alive', 0, 86400) * 1000;
	server.on('secureConnection', (socket) => { socket.conn = ++conns; });
	server.on('error', (err) => fail(err.message));
	await new Promise((done) => server.listen(port, '127.0.0.1', done));

	const issuer = `https://localhost:${server.address().port}`;
	const file = join(dir, 'log');
	const log = openSync(file, 'w', 0o600);

	const provider = provider_create(issuer, { ...settings, proof });
	const ask = (...question) => interaction(provider, ...question);

	server.on('request', handler_make({ issuer, provider, ask, log, page, slow }));
	env_write(dir, { ISSUER: issuer, CA: join(dir, 'ca.pem'), LOG: file, PID: process.pid,
		POST_SECRET: secrets['kiosk-post'], BASIC_SECRET: secrets['kiosk-basic'],
		JWT_SECRET: secrets['kiosk-secret-jwt'] });

	const finish = () => {
		rmSync(join(dir, 'env'), { force: true });
		process.exit(0);
	};

	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
		process.on(signal, finish);
	if (options['with-parent'])
		setInterval(() => process.ppid === parent || finish(), 250);
	console.log(`${issuer} answers; log: ${file}`);
}

main().catch((err) => fail(err.stack));
