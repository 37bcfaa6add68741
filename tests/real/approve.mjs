/*
 * Does what a person does in a browser after a device has shown a code, by plain HTTPS.
 *
 *	node approve.mjs --env DIR/env --uri ADDRESS [--code USER-CODE] --as NAME
 *	                 [--deny | --deny-at login | --deny-at consent] [--address]
 *
 * ADDRESS is a verification_uri, a verification_uri_complete (then --code may be left out) or, for
 * the paste flow, an authorization address. --deny says no where the device is confirmed. Prints
 * what the last page says; with --address, where it stands (of the paste flow: redirect_uri with
 * code and state). Exit 0: the person got to the end they wanted.
 *
 * Must never: ask another machine than this one.
 */

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: {
	env: { type: 'string' },
	uri: { type: 'string' },
	code: { type: 'string' },
	as: { type: 'string' },
	deny: { type: 'boolean', default: false },
	'deny-at': { type: 'string' },
	address: { type: 'boolean', default: false },
} });
const deny = options.deny ? 'confirm' : options['deny-at'];

function fail(text) {
	console.error(`approve.mjs: ${text}`);
	process.exit(1);
}

for (const name of ['env', 'uri', 'as'])
	options[name] ?? fail(`--${name} is missing`);

const ca = /^CA='(.*)'$/m.exec(readFileSync(options.env, 'utf8'))?.[1]
	?? fail(`${options.env}: no line CA='...'`);
const agent = new Agent({ ca: readFileSync(ca), keepAlive: true });
const jar = new Map();		/* name and path → {name, value, path} */

function cookies_keep(lines = []) {
	for (const line of lines) {
		const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
		const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? '/';
		const until = /;\s*expires=([^;]*)/i.exec(line)?.[1];

		jar.delete(`${name} ${path}`);
		if (!until || Date.parse(until) > Date.now())
			jar.set(`${name} ${path}`, { name, value, path });
	}
}

const cookies_for = (path) => [...jar.values()]
	.filter((c) => c.path === '/' || path === c.path || path.startsWith(`${c.path}/`))
	.map((c) => `${c.name}=${c.value}`).join('; ');

/* Always asks this machine, whatever `localhost` means to its resolver. */
function fetch_one(url, form) {
	const headers = { Host: url.host, Accept: 'text/html', Cookie: cookies_for(url.pathname) };
	const how = { hostname: '127.0.0.1', servername: 'localhost', timeout: 60000,
		agent, headers, method: form ? 'POST' : 'GET' };

	if (form)
		headers['Content-Type'] = 'application/x-www-form-urlencoded';
	return new Promise((done, failed) => {
		const req = request(url, how, async (res) => {
			let html = '';

			for await (const chunk of res.setEncoding('utf8'))
				html += chunk;
			cookies_keep(res.headers['set-cookie']);
			done({ url, status: res.statusCode, location: res.headers.location, html });
		});

		req.on('timeout', () => req.destroy(new Error('no answer within 60 s')));
		req.on('error', failed).end(form && String(form));
	});
}

/* One step of the person: a request and all redirects after it, as long as they stay here. */
async function go(url, form) {
	let page = await fetch_one(url, form);

	for (let hops = 0; page.location && hops < 10; hops++) {
		const next = new URL(page.location, page.url);

		if (next.origin !== new URL(options.uri).origin)
			return { url: next, status: 200, html: '' };
		page = await fetch_one(next);
	}
	return page;
}

const unescape = (text) => text.replace(/&#(\d+);/g, (all, n) => String.fromCharCode(n))
	.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
	.replaceAll('&amp;', '&');
const attribute = (tag, name) => unescape(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');

/* The form of a page, which question it asks, and its fields as the page fills them. */
function form_read({ url, html }) {
	const [form, open] = /(<form[^>]*>)[^]*?<\/form>/.exec(html) ?? [];

	if (!form)
		return null;

	const inputs = form.match(/<input[^>]*>/g) ?? [];
	const fields = new URLSearchParams(inputs.map((tag) =>
		[attribute(tag, 'name'), attribute(tag, 'value')]));
	const asks = ['login', 'consent', 'confirm'].find((name) => fields.has(name))
		?? (/type="text"/.test(form) ? 'code' : 'forward');

	return { action: new URL(attribute(open, 'action'), url), fields, asks };
}

function says({ html, status }) {
	const text = (what) => unescape(what.exec(html)?.[1] ?? '').replace(/\s+/g, ' ').trim();
	const title = text(/<h1>([^<]*)/) || `status ${status}`;

	return `${title}: ${text(/<p class="say">([^<]*)/)}`;
}

const answered = new Set();
let page = await go(new URL(options.uri)).catch((err) => fail(err.message));
let form = form_read(page);

/* A question that comes a second time means that the first answer was not taken. */
while (form && !answered.has(form.asks) && !answered.has('no')) {
	answered.add(form.asks);
	if (form.asks === 'code')
		form.fields.set('user_code', options.code ?? fail('the page asks for a --code'));
	if (form.asks === 'login')
		form.fields.set('login', options.as);
	if (form.asks === deny) {
		form.fields.set('abort', 'yes');
		answered.add('no');
	}
	page = await go(form.action, form.fields).catch((err) => fail(err.message));
	form = form_read(page);
}

const good = page.status === 200 && answered.has(deny ? 'no' : 'consent') && (deny || !form);

console.log(options.address ? page.url.href : says(page));
process.exit(good ? 0 : 1);
