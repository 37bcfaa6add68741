/*
 * The same as approve.mjs, by a real browser of the size of a phone: Debian's Chromium, headless,
 * with an empty profile.
 *
 *	node approve-in-browser.mjs --env DIR/env --uri ADDRESS [--code USER-CODE] --as NAME
 *	                            [--deny] --shots DIR
 *
 * Writes DIR/confirm.png and DIR/last.png and prints what the last page says. No name but the
 * provider's own can be looked up, and a page that asks another host for anything fails the run.
 * Exit 0: the person got to the end they wanted. (--env is there to be called like approve.mjs; a
 * browser has no place for one more CA, so the certificate is not checked.)
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: {
	env: { type: 'string' },
	uri: { type: 'string' },
	code: { type: 'string' },
	as: { type: 'string' },
	deny: { type: 'boolean', default: false },
	shots: { type: 'string' },
} });

for (const name of ['uri', 'as', 'shots'])
	if (!options[name]) {
		console.error(`approve-in-browser.mjs: --${name} is missing`);
		process.exit(1);
	}

const { origin, hostname } = new URL(options.uri);
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function browser_open(home) {
	const { chromium } = await import('playwright-core').catch(() => {
		throw new Error('playwright-core is not installed; run tests/real/install browser');
	});

	return chromium.launchPersistentContext(join(home, 'profile'), {
		executablePath: '/usr/bin/chromium',
		env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, LANG: 'C.UTF-8' },
		headless: true,
		ignoreHTTPSErrors: true,
		viewport: { width: 390, height: 844 },
		deviceScaleFactor: 2,
		isMobile: true,
		hasTouch: true,
		timeout: 120000,
		args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
			'--no-first-run', '--disable-background-networking', '--disable-sync',
			'--disable-component-update', '--no-proxy-server',
			`--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${hostname}`],
	});
}

async function walk(page) {
	await page.goto(options.uri);
	if (options.code && await page.locator('input[name=user_code][type=text]').count()) {
		await page.fill('input[name=user_code]', options.code);
		await press(page, 'Continue');
	}

	await page.waitForSelector('input[name=confirm]', { state: 'attached' });
	await page.screenshot({ path: join(options.shots, 'confirm.png') });
	if (options.deny) {
		await press(page, 'This is not mine');
		await page.waitForSelector('input[name=user_code][type=text]');
	} else {
		await press(page, 'Continue');
		await page.fill('input[name=login]', options.as);
		await press(page, 'Log in');
		await press(page, 'Allow');
		await page.waitForSelector('h1:text-is("Signed in")');
	}
	await page.screenshot({ path: join(options.shots, 'last.png') });
	return `${await page.textContent('h1')}: ${await page.textContent('.say')}`;
}

const home = mkdtempSync(join(tmpdir(), 'approve-'));
const foreign = [];
let context;

process.on('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

try {
	mkdirSync(options.shots, { recursive: true });
	context = await browser_open(home);
	context.setDefaultTimeout(60000);
	await context.route((url) => url.origin !== origin && url.protocol !== 'data:', (route) => {
		foreign.push(route.request().url());
		return route.abort();
	});
	console.log(await walk(context.pages()[0] ?? await context.newPage()));
	if (foreign.length)
		throw new Error(`the pages asked other hosts: ${foreign.join(' ')}`);
} catch (err) {
	console.error(`approve-in-browser.mjs: ${err.message}`);
	process.exitCode = 1;
} finally {
	await context?.close();
}
