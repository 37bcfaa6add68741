/*
 * The provider itself: npm's oidc-provider with our people, clients and keys.
 *
 * It is left as it is wherever the product could notice: no `interval` in the device reply, no
 * slow_down. Only the pages and the two questions behind them are ours: who are you, do you allow
 * this.
 */

import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { Provider } from 'oidc-provider';
import * as pages from './pages.mjs';

const device = 'urn:ietf:params:oauth:grant-type:device_code';
/* What this release of it signs with, but for secrets; the name Ed25519 is not among them. */
const algs = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const acr = 'urn:test:one-factor';

/*
 * Secrets of the confidential clients, worth nothing outside the tests. The odd characters are
 * there because RFC 6749 wants them encoded in a form body, and inside Basic too.
 */
export const secrets = {
	'kiosk-post': 'only for tests: 100% & +/=',
	'kiosk-basic': 'only for tests: a:b%c+d&e/f',
	'kiosk-secret-jwt': 'only for tests: as long as a digest, at least 32 bytes',
};

/*
 * name is what a person types at the login page. mallory has, unverified, the mail address of
 * alice; root is a person who was given that name at the provider.
 */
const people = [
	{ name: 'alice', sub: '3f6c1a52-0b1d-4f0e-9a57-c2a1d0e7b101', full: 'Alice Example',
	  email: 'alice@example.org', verified: true, groups: ['kiosk', 'staff'] },
	{ name: 'bob', sub: '81f0d7c4-5a29-4b63-8d1e-77e5b2c9b202', full: 'Bob Example',
	  email: 'bob@example.org', verified: true, groups: ['staff'] },
	{ name: 'mallory', sub: 'e4b95d38-c6f2-47a8-b0d3-19a64f83c303', full: 'Mallory Example',
	  email: 'alice@example.org', verified: false, groups: [] },
	{ name: 'root', sub: 'c7a20e91-94bd-4d15-a6f8-5d0b3e12d404', full: 'Root Example',
	  email: 'root@example.org', verified: true, groups: ['staff'] },
];

const claimsOf = (person) => ({
	sub: person.sub,
	preferred_username: person.name,
	name: person.full,
	email: person.email,
	email_verified: person.verified,
	groups: person.groups,
});

/* A key for each algorithm; a new RSA key takes long, and three algorithms share one. */
function keys() {
	const kinds = [
		[['RS256', 'RS384', 'RS512'], 'rsa', { modulusLength: 2048 }],
		[['PS256', 'PS384', 'PS512'], 'rsa', { modulusLength: 2048 }],
		[['ES256'], 'ec', { namedCurve: 'P-256' }],
		[['ES384'], 'ec', { namedCurve: 'P-384' }],
		[['ES512'], 'ec', { namedCurve: 'P-521' }],
		[['EdDSA'], 'ed25519', {}],
	];

	return kinds.flatMap(([algs, type, how]) => {
		const key = generateKeyPairSync(type, how).privateKey.export({ format: 'jwk' });

		return algs.map((alg) => ({ ...key, alg, use: 'sig', kid: `test-${alg.toLowerCase()}` }));
	});
}

/*
 * Clients that prove themselves by a key of their own, as the files of server.mjs have it: PROOF has the
 * public keys as JWK, and the certificates as PEM.
 */
function clients_of_keys(client, { keys: [rsa, ec], certificates }) {
	const signed = (alg, jwk) => client(`kiosk-key-${alg.toLowerCase()}`, {
		token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: alg,
		jwks: { keys: [{ ...jwk, kid: 'ours' }] } });
	const bound = { tls_client_certificate_bound_access_tokens: true };
	const x5c = [certificates.self.replace(/-----[A-Z ]+-----|\s/g, '')];

	return [
		signed('RS256', rsa), signed('PS256', rsa), signed('ES256', ec),
		client('kiosk-tls', { ...bound, token_endpoint_auth_method: 'tls_client_auth',
			tls_client_auth_subject_dn: 'CN=kiosk-tls' }),
		client('kiosk-tls-self', { ...bound, jwks: { keys: [{ ...ec, x5c }] },
			token_endpoint_auth_method: 'self_signed_tls_client_auth' }),
	];
}

const certificate_of = (ctx) => {
	const { raw } = ctx.socket.getPeerCertificate?.() ?? {};

	return raw && new X509Certificate(raw);
};

const mtls = {
	enabled: true,
	certificateBoundAccessTokens: true,
	selfSignedTlsClientAuth: true,
	tlsClientAuth: true,
	getCertificate: (ctx) => certificate_of(ctx)?.toString(),
	certificateAuthorized: (ctx) => ctx.socket.authorized,
	certificateSubjectMatches: (ctx, property, expected) =>
		certificate_of(ctx).subject === expected,
};

function clients(redirects, proof) {
	const client = (id, more) => ({
		client_id: id,
		client_name: 'The kiosk',
		token_endpoint_auth_method: 'none',
		grant_types: [device, 'authorization_code', 'refresh_token'],
		response_types: ['code'],
		redirect_uris: redirects,
		...more,
	});
	const secret = (id, method) =>
		client(id, { token_endpoint_auth_method: method, client_secret: secrets[id] });
	const signed = (alg) =>
		client(`kiosk-${alg.toLowerCase()}`, { id_token_signed_response_alg: alg });

	return [
		client('kiosk'),
		secret('kiosk-post', 'client_secret_post'),
		secret('kiosk-basic', 'client_secret_basic'),
		secret('kiosk-secret-jwt', 'client_secret_jwt'),
		...algs.filter((alg) => alg !== 'RS256').map(signed),
		client('kiosk-userinfo-ps384', { userinfo_signed_response_alg: 'PS384' }),
		client('kiosk-userinfo-es512', { userinfo_signed_response_alg: 'ES512' }),
		...(proof ? clients_of_keys(client, proof) : []),
	];
}

export function provider_create(issuer, { expires, accessTtl, conform, redirects, proof }) {
	const bySub = new Map(people.map((person) => [person.sub, person]));

	const provider = new Provider(issuer, {
		clients: clients([`${issuer}/show-code`, ...redirects], proof),
		clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt',
			'private_key_jwt', ...(proof ? ['tls_client_auth', 'self_signed_tls_client_auth'] : [])],
		jwks: { keys: keys() },
		cookies: { keys: [randomBytes(32).toString('hex')] },
		acrValues: [acr],
		claims: {
			openid: ['sub', 'auth_time', 'acr', 'amr'],
			profile: ['preferred_username', 'name'],
			email: ['email', 'email_verified'],
			groups: ['groups'],
		},
		clockTolerance: 0,
		conformIdTokenClaims: conform,
		enabledJWA: { idTokenSigningAlgValues: algs, userinfoSigningAlgValues: algs },
		features: {
			devInteractions: { enabled: false },
			deviceFlow: {
				enabled: true,
				userCodeInputSource: (ctx, form, out, err) => {
					ctx.body = pages.enterCode(form, err);
				},
				userCodeConfirmSource: (ctx, form, { clientName }, info, code) => {
					ctx.body = pages.confirmDevice(form, clientName, code);
				},
				successSource: (ctx) => {
					ctx.body = pages.signedIn(ctx.oidc.client.clientName);
				},
			},
			...(proof && { mTLS: mtls }),
			revocation: { enabled: true },
			userinfo: { enabled: true },
			jwtUserinfo: { enabled: true },
		},
		findAccount: (ctx, sub) => bySub.has(sub)
			? { accountId: sub, claims: () => claimsOf(bySub.get(sub)) } : undefined,
		interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
		renderError: (ctx, { error, error_description: why }) => {
			ctx.body = pages.page('This did not work', `${error}: ${why}`);
		},
		ttl: {
			DeviceCode: expires,
			AccessToken: accessTtl,
			AuthorizationCode: 60,
			IdToken: 3600,
			RefreshToken: 14 * 86400,
			Interaction: 3600,
			Session: 86400,
			Grant: 14 * 86400,
		},
	});

	provider.on('server_error', (ctx, err) => console.error(err));
	return provider;
}

async function grant_save(provider, { grantId, session, params, prompt: { details } }) {
	const grant = grantId ? await provider.Grant.find(grantId)
		: new provider.Grant({ accountId: session.accountId, clientId: params.client_id });

	if (details.missingOIDCScope)
		grant.addOIDCScope(details.missingOIDCScope.join(' '));
	if (details.missingOIDCClaims)
		grant.addOIDCClaims(details.missingOIDCClaims);
	return grant.save();
}

/* Asks one question (form absent), or takes its answer and sends the person on. */
export async function interaction(provider, req, res, form) {
	const asked = await provider.interactionDetails(req, res);
	const login = asked.prompt.name === 'login';
	const show = (html) => res.setHeader('Content-Type', 'text/html; charset=utf-8').end(html);
	const finish = (result) =>
		provider.interactionFinished(req, res, result, { mergeWithLastSubmission: !login });

	if (form?.get('abort'))
		return finish({ error: 'access_denied', error_description: 'the person said no' });

	if (login) {
		const person = people.find(({ name }) => name === form?.get('login'));

		if (!person)
			return show(pages.askName(req.url, form?.get('login')));
		return finish({ login: { accountId: person.sub, acr, amr: ['pwd'] } });
	}

	if (!form?.get('consent')) {
		const client = await provider.Client.find(asked.params.client_id);
		const scopes = asked.prompt.details.missingOIDCScope ?? [];

		return show(pages.askConsent(req.url, client.clientName, scopes));
	}
	return finish({ consent: { grantId: await grant_save(provider, asked) } });
}
