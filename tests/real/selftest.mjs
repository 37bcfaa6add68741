/*
 * Two things that the selftest cannot say in shell.
 *
 *	node selftest.mjs verify ID-TOKEN ALG JWKS	is it signed by ALG, with a key of this set?
 *	node selftest.mjs patient DIR/env ISSUER CA	a login as the product has to make it
 */

import { execFileSync } from 'node:child_process';
import { constants, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

function token_verify(token, alg, jwks) {
	const [head, body, signature] = token.split('.');
	const { alg: said, kid } = JSON.parse(Buffer.from(head, 'base64url'));
	const jwk = JSON.parse(jwks).keys.find((one) => one.kid === kid);
	const bits = alg.slice(2);
	const more = {
		RS: {},
		PS: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 },
		ES: { dsaEncoding: 'ieee-p1363' },
		Ed: {},
	}[alg.slice(0, 2)];
	const hash = alg === 'EdDSA' ? null : `sha${bits}`;
	const key = { key: createPublicKey({ format: 'jwk', key: jwk }), ...more };
	const said_bytes = Buffer.from(`${head}.${body}`);
	const good = verify(hash, said_bytes, key, Buffer.from(signature, 'base64url'));

	console.log(`says ${said}, key ${kid}: ${good}`);
	return said === alg && good;
}

/* One connection, and five seconds after each reply; approved after the first poll. */
async function patient_login(env, issuer, ca) {
	const agent = new Agent({ ca: readFileSync(ca), servername: 'localhost', keepAlive: true,
		maxSockets: 1 });
	const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
	const how = { hostname: '127.0.0.1', method: 'POST', agent, headers };
	const post = (path, form) => new Promise((done, failed) => {
		const req = request(issuer + path, how, async (res) => {
			let text = '';

			for await (const chunk of res)
				text += chunk;
			done(JSON.parse(text || '{}'));
		});

		req.on('error', failed);
		req.end(String(new URLSearchParams({ client_id: 'kiosk', ...form })));
	});
	const { device_code, verification_uri_complete: uri } =
		await post('/device/auth', { scope: 'openid offline_access' });
	const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';

	await sleep(5000);
	await post('/token', { grant_type, device_code });
	execFileSync('node', ['approve.mjs', '--env', env, '--uri', uri, '--as', 'alice']);
	await sleep(5000);

	const { refresh_token: token } = await post('/token', { grant_type, device_code });

	await post('/token/revocation', { token });
	agent.destroy();
	return Boolean(token);
}

const [verb, ...args] = process.argv.slice(2);

process.exit(await { verify: token_verify, patient: patient_login }[verb](...args) ? 0 : 1);
