/*
 * Looks at conf/show-code.html by a real browser: Debian's Chromium, headless, from a static server
 * of its own on 127.0.0.1.
 *
 *	node browser.mjs --page FILE --hostile FILE --playwright DIR --shots DIR [--only REGEX]
 *
 * --only: the tests whose names match.
 * Prints a line for each test: "pass", a tab, its name; or "fail", a tab, its name, a tab, why.
 * No name but those made up here can be looked up, and whatever else the page asks for is seen: by
 * the browser, by the server, and by a second server that nobody has a reason to ask.
 */

import { readFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: {
	page: { type: 'string' },
	hostile: { type: 'string' },
	playwright: { type: 'string' },
	shots: { type: 'string' },
	only: { type: 'string', default: '' },
} });

const { chromium } = createRequire(import.meta.url)(resolve(options.playwright));
const file = readFileSync(options.page);
const only = new RegExp(options.only);

/* ---- results ---- */

/* One line of plain ASCII, whatever the page has brought to light. */
const one_line = (text) => String(text).replace(/[\t\n]+/g, ' ').slice(0, 2000)
	.replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

let wrong = [];		/* all that was not as it should be in the test that runs */

async function test(name, run) {
	if (!only.test(name))
		return;
	wrong = [];
	await run().catch((err) => wrong.push(err.message));
	if (wrong.length)
		console.log(`fail\t${name}\t${wrong.map(one_line).join('; ')}`);
	else
		console.log(`pass\t${name}`);
}

const quoted = (value) => JSON.stringify(value)?.slice(0, 300);

function equal(what, got, want) {
	if (got !== want)
		wrong.push(`${what}: got ${quoted(got)}, want ${quoted(want)}`);
}

const nothing = (what, list) => equal(what, list.join(' '), '');

/* ---- the two servers ---- */

const served = [];	/* "METHOD path" of every request, the page's own among them */
const strayed = [];	/* the same, at the server that nobody should ask */
let framed = '';	/* the address that the second server's one page puts into a frame */

const listen = (handler) => new Promise((done) => {
	const server = createServer({ maxHeaderSize: 1 << 20 }, handler);

	server.listen(0, '127.0.0.1', () => done(server));
});

const site = await listen((request, response) => {
	const path = request.url.split('?')[0];

	served.push(`${request.method} ${path}`);
	if (path !== '/show-code.html') {
		response.writeHead(404).end();
		return;
	}
	response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(file);
});
const elsewhere = await listen((request, response) => {
	if (request.url !== '/frame.html') {
		strayed.push(`${request.method} ${request.url}`);
		response.writeHead(404).end();
		return;
	}
	response.writeHead(200, { 'Content-Type': 'text/html' });
	response.end(`<link rel="icon" href="data:,"><iframe src="${framed}"></iframe>`);
});
const origin = `http://127.0.0.1:${site.address().port}`;
const canary = `http://127.0.0.1:${elsewhere.address().port}`;
const address = `${origin}/show-code.html`;

/* ---- the browser ---- */

const browser = await chromium.launch({
	executablePath: '/usr/bin/chromium',
	headless: true,
	timeout: 120000,
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
		'--disable-background-networking', '--disable-sync', '--disable-component-update',
		'--no-proxy-server',
		'--host-resolver-rules=' +
			'MAP show.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
});

async function context_open(settings = {}) {
	const context = await browser.newContext(settings);

	context.setDefaultTimeout(40000);
	return context;
}

/* Opens an address and notes whatever happens there beside the page itself. */
async function visit(context, at) {
	const page = await context.newPage();
	const seen = { asked: [], dialogs: [], complaints: [], popups: 0 };

	page.on('request', (request) => seen.asked.push(request.url().split('?')[0].slice(0, 200)));
	page.on('dialog', (dialog) => (seen.dialogs.push(dialog.message()), dialog.dismiss()));
	page.on('console', (message) => seen.complaints.push(message.text()));
	page.on('pageerror', (err) => seen.complaints.push(err.message));
	page.on('popup', () => seen.popups++);
	served.length = 0;
	strayed.length = 0;
	await page.goto(at);
	/* Two frames until the address bar is cleared, and two more. */
	await page.evaluate(() => new Promise((done) => {
		let left = 4;
		const next = () => (left-- ? requestAnimationFrame(next) : setTimeout(done, 20));
		next();
	}));
	return { page, seen };
}

/* Only the page was asked for, once, and nobody complained. */
function alone(seen) {
	equal('requests of the browser', seen.asked.length, 1);
	equal('requests at the server', served.join(' '), 'GET /show-code.html');
	nothing('requests elsewhere', strayed);
	nothing('dialogs', seen.dialogs);
	nothing('the console', seen.complaints);
	equal('windows', seen.popups, 0);
}

/* The whole document but the text that is meant to change: no parameter may leave a trace in it. */
const skeleton = (page) => page.evaluate(() => {
	const copy = document.documentElement.cloneNode(true);

	for (const id of ['code', 'code-spelled', 'address', 'refused-why', 'refused-quote',
		'broken-why'])
		copy.querySelector(`#${id}`).textContent = '';
	for (const one of copy.querySelectorAll('[hidden]'))
		one.removeAttribute('hidden');
	copy.querySelector('#code-box').className = 'code';
	copy.querySelector('title').textContent = '';
	for (const take of ['code', 'address'])
		copy.querySelector(`#${take}-take`).textContent = '';
	return copy.outerHTML;
});

const section_of = (page) => page.evaluate(() =>
	Array.from(document.querySelectorAll('section'))
		.filter((one) => one.offsetHeight > 0).map((one) => one.id).join(' '));

const text_of = (page, id) => page.evaluate((it) => document.getElementById(it).textContent, id);
const seen_of = (page, id) => page.evaluate((it) =>
	document.getElementById(it).offsetHeight > 0, id);
const clipboard_of = (page) => page.evaluate(() => navigator.clipboard.readText());
const clipboard_clear = (page) => page.evaluate(() => navigator.clipboard.writeText('(nothing)'));

/* Nothing in the code's element but groups of text. */
const groups_of = (page) => page.evaluate(() =>
	Array.from(document.getElementById('code').querySelectorAll('*'))
		.filter((one) => one.tagName !== 'SPAN' || one.attributes.length ||
			one.children.length)
		.length);

/* ---- the tests ---- */

const codes = {
	'of Mastodon\'s length': 'ZvQ8m1Il0O_b-K7xPq3rT5uWy9AaBbCcDdEeFfGgHh2',
	'of Keycloak\'s kind': '2f9b1c1e-5a3f-4a57-9d2e-0b6f2f4c9a11' +
		'.7c1f3c0a-5d51-4f0e-8d8e-b1a2c3d4e5f6.0a9b8c7d-6e5f-4a3b-2c1d-0e9f8a7b6c5d',
	'of Google\'s kind': '4/0AX4XfWh-_q~a.B+c=:@,d',
	'of one character': '7',
	'of 1,200 characters': '0.AXoA' + 'x9Yz-_'.repeat(199),
};

const plain = await context_open();
const skeleton_wanted = await (async () => {
	const { page } = await visit(plain, address);
	const text = await skeleton(page);

	await page.close();
	return text;
})();

for (const [name, code] of Object.entries(codes))
	await test(`a code ${name} is shown exactly`, async () => {
		const at = `${address}?code=${encodeURIComponent(code)}&state=S-1_2` +
			'&iss=https%3A%2F%2Fa.example';
		const { page, seen } = await visit(plain, at);

		equal('section', await section_of(page), 'shown');
		equal('code', await text_of(page, 'code'), code);
		equal('address', await text_of(page, 'address'), at);
		equal('too long for ssh', await seen_of(page, 'code-wide'), code.length > 1022);
		equal('address too long for ssh', await seen_of(page, 'address-wide'),
			at.length > 1022);
		equal('unusual', await seen_of(page, 'code-odd'), false);
		equal('foreign elements', await groups_of(page), 0);
		equal('title', await page.title(), 'Your code');
		alone(seen);
		await page.close();
	});

await test('the code leaves the address bar and the history, and stays on the page', async () => {
	const { page } = await visit(plain, address);
	const before = await page.evaluate(() => history.length);

	await page.goto(`${address}?code=abc&state=s`);
	await page.waitForURL(address, { timeout: 20000 });
	equal('entries', await page.evaluate(() => history.length), before + 1);
	equal('the note', await seen_of(page, 'gone'), true);
	equal('code', await text_of(page, 'code'), 'abc');
	await page.goBack();
	equal('back', page.url(), address);
	await page.goForward();
	equal('forward', page.url(), address);
	equal('stored', await page.evaluate(() =>
		localStorage.length + sessionStorage.length + document.cookie.length), 0);
	equal('state', await page.evaluate(() => history.state), null);
	await page.close();
});

await test('an address that is too long to be shown stays in the address bar', async () => {
	const at = `${address}?code=abc&state=${'s'.repeat(5000)}`;
	const { page, seen } = await visit(plain, at);

	equal('code', await text_of(page, 'code'), 'abc');
	equal('whole address', await seen_of(page, 'whole'), false);
	equal('the note', await seen_of(page, 'gone'), false);
	equal('address bar', page.url(), at);
	alone(seen);
	await page.close();
});

await test('whose code it is stands there, where that is said in plain letters', async () => {
	const rows = [
		['iss=https%3A%2F%2Flogin.example.org%2Frealm', 'login.example.org'],
		['iss=https://login.example.org:8443', 'login.example.org:8443'],
		['', ''],
		['iss=', ''],
		['iss=http%3A%2F%2Flogin.example.org', ''],
		['iss=https%3A%2F%2Fbank.example%40evil.example', ''],
		['iss=https%3A%2F%2Fb%C3%A4nk.example', ''],
		['iss=javascript%3Aalert(1)', ''],
		['iss=https%3A%2F%2Fa.example&iss=https%3A%2F%2Fb.example', ''],
		['iss=%3Cb%3E', ''],
	];

	for (const [query, host] of rows) {
		const { page, seen } = await visit(plain, `${address}?code=abc&state=s&${query}`);

		equal(`${query}: seen`, await seen_of(page, 'code-from'), host !== '');
		equal(`${query}: the host`, await text_of(page, 'code-issuer'), host);
		alone(seen);
		await page.close();
	}
});

await test('a code of unusual characters carries a warning', async () => {
	for (const query of ['code=%24(id)&state=s', 'code=abc&state=;id']) {
		const { page } = await visit(plain, `${address}?${query}`);

		equal('warning', await seen_of(page, 'code-odd'), true);
		await page.close();
	}
});

await test('the code is spelled out, letter by letter', async () => {
	const { page } = await visit(plain, `${address}?code=aB3-_.!&state=s`);

	await page.click('summary');
	equal('letters', await page.innerText('#code-spelled'),
		'small a, capital B, digit 3, minus -, underscore _, dot ., sign !');
	await page.close();
});

/* Copying: by the button, by one click and the keyboard, without a secure origin, when refused. */
const copying = await context_open();
await copying.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });

for (const [name, code] of Object.entries(codes)) {
	const at = `${address}?code=${encodeURIComponent(code)}&state=S1`;

	await test(`copying a code ${name} gives the exact bytes`, async () => {
		const { page } = await visit(copying, at);

		for (const [id, want] of [['code', code], ['address', at]]) {
			await clipboard_clear(page);
			await page.click(`#${id}-take`);
			await page.waitForFunction((it) => document.getElementById(it).textContent,
				`${id}-said`);
			equal('says', await text_of(page, `${id}-said`), 'Copied.');
			equal(`button: ${id}`, await clipboard_of(page), want);
			await clipboard_clear(page);
			await page.click(`#${id}-box`, { position: { x: 30, y: 25 } });
			await page.keyboard.press('Control+C');
			equal(`click and Ctrl+C: ${id}`, await clipboard_of(page), want);
			await clipboard_clear(page);
			await page.dblclick(`#${id}`);
			await page.keyboard.press('Control+C');
			equal(`two clicks and Ctrl+C: ${id}`, await clipboard_of(page), want);
		}
		await page.close();
	});
}

await test('the keyboard alone reaches the copy button first', async () => {
	const { page } = await visit(copying, `${address}?code=abcdefgh&state=s`);

	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() => document.getElementById('code-said').textContent);
	equal('clipboard', await clipboard_of(page), 'abcdefgh');
	await page.close();
});

await test('without a secure origin the button selects the code', async () => {
	const at = `http://show.test:${site.address().port}/show-code.html?code=abcdefgh&state=s`;
	const { page, seen } = await visit(plain, at);

	equal('button', await text_of(page, 'code-take'), 'Select the code');
	await page.click('#code-take');
	equal('selected', await page.evaluate(() => getSelection().toString()), 'abcdefgh');
	await page.click('#address-take');
	equal('selected', await page.evaluate(() => getSelection().toString()), at);
	alone(seen);
	await page.close();
});

await test('where copying is refused the button selects the code', async () => {
	const refusing = await context_open();

	await refusing.addInitScript(() => {
		navigator.clipboard.writeText = () => Promise.reject(new Error('no'));
	});
	const { page } = await visit(refusing, `${address}?code=abcdefgh&state=s`);

	await page.click('#code-take');
	await page.waitForFunction(() => document.getElementById('code-said').textContent);
	equal('selected', await page.evaluate(() => getSelection().toString()), 'abcdefgh');
	await refusing.close();
});

await test('opened as a file it shows the code too', async () => {
	const at = `${pathToFileURL(options.page)}?code=abcdef&state=s`;
	const { page, seen } = await visit(plain, at);

	equal('section', await section_of(page), 'shown');
	equal('code', await text_of(page, 'code'), 'abcdef');
	nothing('the console', seen.complaints);
	await page.close();
});

/* No code. */

await test('access_denied: nothing was approved, said calmly', async () => {
	const at = `${address}?error=access_denied&error_description=The+user+said+no.&state=s`;
	const { page, seen } = await visit(plain, at);
	const text = await page.innerText('body');

	equal('section', await section_of(page), 'refused');
	equal('heading', await page.innerText('h1:visible'), 'Nothing was approved');
	equal('why', await text_of(page, 'refused-why'), 'The request was refused or cancelled.');
	equal('words', await text_of(page, 'refused-quote'), 'access_denied: The user said no.');
	equal('buttons', await page.locator('button:visible').count(), 0);
	equal('paste', /paste/i.test(text), false);
	alone(seen);
	await page.close();
});

await test('without parameters it says what it is for', async () => {
	const { page, seen } = await visit(plain, address);

	equal('section', await section_of(page), 'empty');
	equal('heading', await page.innerText('h1:visible'), 'There is no code here');
	equal('address bar', page.url(), address);
	alone(seen);
	await page.close();
});

await test('without script it says how to copy the address', async () => {
	const scriptless = await context_open({ javaScriptEnabled: false });
	const page = await scriptless.newPage();
	const asked = [];

	page.on('request', (request) => asked.push(request.url()));
	await page.goto(`${address}?code=abc&state=s`);
	equal('heading', await page.innerText('h1:visible'), 'Copy the address of this page');
	equal('says why', await page.locator('noscript p:visible').count(), 1);
	equal('requests', asked.length, 1);
	await scriptless.close();
});

await test('inside another page it shows no code', async () => {
	const page = await plain.newPage();

	framed = `${address}?code=abcdef&state=s`;
	await page.goto(`${canary}/frame.html`);
	const frame = page.frames()[1];
	const text = await frame.innerText('body');

	equal('heading', await frame.innerText('h1:visible'), 'Open this page by itself');
	equal('code', text.includes('abcdef') || await frame.textContent('#code') !== '', false);
	await page.close();
});

/* Hostile addresses. */

const expand = (text) => text.replaceAll('{CANARY}', canary)
	.replace(/\{(.)\*(\d+)\}/g, (all, one, times) => one.repeat(Number(times)));

const plain_text = /^[ -~\n\u27e8\u27e9\u2026]*$/;	/* and the page's own three signs */

const rows = readFileSync(options.hostile, 'utf8').split('\n')
	.filter((line) => line && !line.startsWith('#'))
	.map((line) => line.split('\t'));

for (const [name, section, query, want] of rows)
	await test(`hostile: ${name}`, async () => {
		const at = address + (query.startsWith('#') ? '' : '?') + expand(query);
		const { page, seen } = await visit(plain, at);

		equal('section', await section_of(page), section);
		for (const [its, id] of [['shown', 'code'], ['refused', 'refused-quote'],
			['broken', 'broken-why']])
			equal(id, await text_of(page, id), section === its ? expand(want) : '');
		equal('foreign elements', await groups_of(page), 0);
		equal('skeleton', await skeleton(page) === skeleton_wanted, true);
		equal('executed', await page.evaluate(() => typeof window.pwned), 'undefined');
		equal('plain ASCII', plain_text.test(await page.innerText('main')), true);
		equal('sideways', await page.evaluate(() =>
			document.documentElement.scrollWidth > innerWidth), false);
		equal('still here', page.url().split(/[?#]/)[0], address);
		alone(seen);
		await page.close();
	});

/* What the policy would stop if the page's own script were turned against it. */

await test('the policy stops what a script could still try', async () => {
	const { page } = await visit(plain, `${address}?code=abcdef&state=s`);
	const tried = await page.evaluate(async (to) => {
		const outcome = {};
		const attempt = async (name, run) => {
			try {
				await run();
				outcome[name] = 'went through';
			} catch (err) {
				outcome[name] = 'stopped';
			}
		};

		await attempt('fetch', () => fetch(to, { mode: 'no-cors' }));
		await attempt('innerHTML', () => { document.body.innerHTML += '<p>'; });
		await attempt('image', () => new Promise((done, failed) => {
			const image = new Image();

			image.onload = done;
			image.onerror = failed;
			image.src = `${to}/i.png`;
		}));
		await attempt('handler', () => new Promise((done, failed) => {
			const button = document.createElement('button');

			window.ran = done;
			button.setAttribute('onclick', 'ran()');
			button.click();
			setTimeout(failed, 50);
		}));
		await attempt('form', () => {
			const form = document.createElement('form');

			form.action = to;
			document.body.append(form);
			form.submit();
			throw new Error('only the server knows');
		});
		return JSON.stringify(outcome);
	}, canary);

	await page.waitForTimeout(200);
	equal('outcome', tried, '{"fetch":"stopped","innerHTML":"stopped","image":"stopped",' +
		'"handler":"stopped","form":"stopped"}');
	nothing('requests elsewhere', strayed);
	equal('still here', page.url(), address);
	await page.close();
});

/* Pictures, to be looked at; what a program can see of them is that nothing stands out sideways. */

const hand = { deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const screens = {
	phone: { viewport: { width: 390, height: 844 }, ...hand },
	small: { viewport: { width: 320, height: 568 }, ...hand },
	sideways: { viewport: { width: 844, height: 390 }, ...hand },
	tv: { viewport: { width: 1920, height: 1080 } },
	laptop: { viewport: { width: 1366, height: 768 } },
};
const views = {
	code: `?code=${codes['of Mastodon\'s length']}&state=Jx0r_5yQ2mT8` +
		'&iss=https%3A%2F%2Flogin.example.org',
	short: '?code=Kf7Q-x2mP&state=Jx0r_5yQ2mT8',
	keycloak: `?state=Jx0r_5yQ2mT8&code=${codes['of Keycloak\'s kind']}`,
	huge: `?code=${codes['of 1,200 characters']}&state=Jx0r_5yQ2mT8`,
	odd: '?code=%3Cscript%3Ealert(1)%3C%2Fscript%3E&state=s',
	denied: '?error=access_denied&error_description=The+resource+owner+denied+the+request',
	broken: '?code=abc%E2%80%AEcba&state=s',
	empty: '',
};
const dark_views = ['code', 'odd', 'denied'];

/* Sizes in CSS pixels. */
const measure = (page) => page.evaluate(() => {
	const letters = (one) => parseFloat(getComputedStyle(one).fontSize);
	const one = (id) => document.getElementById(id);

	return {
		sideways: document.documentElement.scrollWidth - innerWidth,
		text: letters(document.body),
		code: letters(one('code')),
		button: one('code-take').offsetHeight,
		end: one('address-box').getBoundingClientRect().bottom,
	};
});

async function look(context, size, scheme, name) {
	const { page } = await visit(context, address + views[name]);
	const found = await measure(page);

	await page.screenshot({ path: join(options.shots, `${size}-${scheme}-${name}.png`) });
	equal(`${name}: sideways`, found.sideways, 0);
	equal(`${name}: text of 16 px or more`, found.text >= 16, true);
	if (name === 'code') {
		equal('code larger than text', found.code > 1.5 * found.text, true);
		equal('a button for a thumb', found.button >= 44, true);
	}
	if (name === 'code' && size === 'tv') {
		equal('code to be read from 3 m', found.code >= 80, true);
		equal('text to be read from 3 m', found.text >= 32, true);
		equal('code and address without scrolling', found.end <= 1080, true);
	}
	await page.close();
}

mkdirSync(options.shots, { recursive: true });
for (const [size, settings] of Object.entries(screens))
	for (const scheme of size === 'tv' || size === 'phone' ? ['light', 'dark'] : ['light'])
		await test(`it fits a ${size} screen, ${scheme}`, async () => {
			const context = await context_open({ ...settings, colorScheme: scheme });

			for (const name of scheme === 'dark' ? dark_views : Object.keys(views))
				await look(context, size, scheme, name);
			await context.close();
		});

await browser.close();
site.close();
elsewhere.close();
