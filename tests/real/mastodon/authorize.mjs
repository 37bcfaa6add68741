/*
 * Does what a person does in a browser with the address of an application's authorization page, by
 * plain HTTPS: logs in, consents, and reads the code off the out-of-band page.
 *
 *	node authorize.mjs --env DIR/env --uri ADDRESS --as NAME [--deny]
 *
 * Prints the code that the page shows; with --deny, what the instance says of it. Who has consented
 * before is asked, and can say no, only where ADDRESS has force_login=true. Exit 0: the person got
 * to the end they wanted. Otherwise the last page's words are on standard error.
 *
 * Must never: ask another machine than this one.
 */

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: {
	env: { type: 'string' },
	uri: { type: 'string' },
	as: { type: 'string' },
	deny: { type: 'boolean', default: false },
} });

function fail(text) {
	console.error(`authorize.mjs: ${text}`);
	process.exit(1);
}

for (const name of ['env', 'uri', 'as'])
	options[name] ?? fail(`--${name} is missing`);

const env = readFileSync(options.env, 'utf8');
const value_of = (name) => new RegExp(`^${name}='(.*)'$`, 'm').exec(env)?.[1]
	?? fail(`${options.env}: no line ${name}='...'`);
const { origin } = new URL(value_of('BASE_URL'));
const agent = new Agent({ ca: readFileSync(value_of('CA')), keepAlive: true });
const jar = new Map();

/* Always asks this machine, whatever `localhost` means to its resolver. */
function fetch_one(url, form) {
	const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
	const headers = { Host: url.host, Accept: 'text/html', Cookie: cookies };
	const how = { hostname: '127.0.0.1', port: url.port, servername: 'localhost',
		path: url.pathname + url.search, method: form ? 'POST' : 'GET',
		agent, headers, timeout: 60000 };

	if (url.origin !== origin)
		fail(`${url.origin} is not the instance of ${options.env}`);
	if (form)
		headers['Content-Type'] = 'application/x-www-form-urlencoded';
	return new Promise((done, failed) => {
		const req = request(how, async (res) => {
			let text = '';

			for await (const chunk of res.setEncoding('utf8'))
				text += chunk;
			for (const line of res.headers['set-cookie'] ?? [])
				jar.set(...line.split(';')[0].split(/=(.*)/s, 2));
			done({ url, status: res.statusCode, location: res.headers.location, text });
		});

		req.on('timeout', () => req.destroy(new Error('no answer within 60 s')));
		req.on('error', failed).end(form && String(form));
	});
}

/* One step of the person: a request and all redirects after it. */
async function go(url, form) {
	let page = await fetch_one(url, form);

	for (let hops = 0; page.location && hops < 10; hops++)
		page = await fetch_one(new URL(page.location, page.url));
	return page;
}

const unescape = (text) => text.replace(/&#(\d+);/g, (all, n) => String.fromCharCode(n))
	.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
	.replaceAll('&amp;', '&');
const attribute = (tag, name) => unescape(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

/* Every form of a page with its fields as the page fills them. */
function forms_read({ url, text }) {
	return [...text.matchAll(/(<form[^>]*>)[^]*?<\/form>/g)].map(([form, open]) => ({
		action: new URL(attribute(open, 'action'), url),
		fields: new URLSearchParams((form.match(/<input[^>]*>/g) ?? []).map((tag) =>
			[attribute(tag, 'name'), attribute(tag, 'value')])),
	}));
}

function code_read({ text }) {
	const tag = /<input[^>]*class="oauth-code"[^>]*>/.exec(text)?.[0];

	return tag && attribute(tag, 'value');
}

function says({ text, status }) {
	const words = text.replace(/<title>[^]*?<\/title>|<[^>]*>/g, ' ')
		.replace(/\s+/g, ' ').trim();

	return `${status} ${unescape(words)}`;
}

async function main() {
	let page = await go(new URL(options.uri));
	const login = forms_read(page).find(({ fields }) => fields.has('login'));

	if (login) {
		login.fields.set('login', options.as);
		page = await go(login.action, login.fields);
	}

	const wanted = options.deny ? 'delete' : null;
	const answer = forms_read(page).find(({ fields }) =>
		fields.has('client_id') && fields.get('_method') === wanted);

	if (answer)
		page = await go(answer.action, answer.fields);

	const code = code_read(page);

	if (options.deny ? answer && !code : code)
		console.log(options.deny ? says(page) : code);
	else
		fail(says(page));
	process.exit(0);
}

main().catch((err) => fail(err.message));
