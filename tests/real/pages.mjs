/*
 * Every page that a person sees: enter the code, confirm the device, log in, consent, the end.
 *
 * The stock pages import a web font; these ask no other host for anything and need no script.
 * Must never: decide anything. A button named "abort" says no on every page that asks.
 */

const style = `
	body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 0;
		background: #eef1f4; color: #17212b }
	main { max-width: 22rem; margin: 2rem auto; padding: 1.5rem;
		background: #fff; border-radius: .75rem }
	h1 { font-size: 1.5rem; margin: 0 0 1rem }
	code { display: block; font: 700 2rem/2 monospace; text-align: center }
	code.long { font-size: 1rem; overflow-wrap: anywhere }
	input[type=text] { width: 100%; box-sizing: border-box; font-size: 1.3rem;
		padding: .5rem; margin: 0 0 1rem }
	button { width: 100%; font-size: 1.1rem; padding: .7rem; margin: .3rem 0;
		border: 0; border-radius: .4rem; background: #1f5fbf; color: #fff }
	button[name=abort] { background: #e2e6ea; color: #17212b }
`;

export const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

export function page(title, say, rest = '') {
	return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><style>${style}</style></head>
<body><main><h1>${escape(title)}</h1>
<p class="say">${escape(say)}</p>
${rest}
</main></body></html>
`;
}

/* The three pages of the device flow; the provider makes the forms, so the buttons name them. */

export function enterCode(form, error) {
	const say = !error ? 'Enter the code that your device shows.'
		: error.name === 'AbortedError' ? 'The sign-in was interrupted.'
		: error.name === 'ExpiredError' ? 'This code has expired.'
		: error.name === 'AlreadyUsedError' ? 'This code has been used already.'
		: error.name === 'NotFoundError' ? 'This code is not right. Try again.'
		: error.name === 'NoCodeError' ? 'This needs a code.'
		: 'The sign-in failed.';

	return page('Sign in a device', say,
		`${form}<button type="submit" form="op.deviceInputForm">Continue</button>`);
}

export function confirmDevice(form, client, code) {
	return page('Is this your device?', `${client} asks to sign you in. It shows this code:`,
		`<code>${escape(code)}</code>
<p>Only continue if you started this yourself and the code is the same.</p>${form}
<button type="submit" form="op.deviceConfirmForm">Continue</button>
<button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">
This is not mine</button>`);
}

export const signedIn = (client) =>
	page('Signed in', `${client} has been signed in. You can close this page.`);

/* The two questions that the provider leaves to its owner. */

export function askName(action, unknown) {
	const say = unknown ? `Nobody here is called ${unknown}.`
		: 'Type your name; there is no password.';

	return page('Who are you?', say,
		`<form method="post" action="${escape(action)}">
<input type="text" name="login" autofocus autocomplete="off" autocapitalize="none">
<button type="submit">Log in</button>
<button type="submit" name="abort" value="yes">Cancel</button></form>`);
}

export function askConsent(action, client, scopes) {
	const list = scopes.map((scope) => `<li>${escape(scope)}</li>`).join('');

	return page('Allow this?', `${client} wants to know:`,
		`<ul>${list || '<li>what you have allowed before</li>'}</ul>
<form method="post" action="${escape(action)}">
<input type="hidden" name="consent" value="yes">
<button type="submit">Allow</button>
<button type="submit" name="abort" value="yes">Refuse</button></form>`);
}

/* Where the paste flow ends when no page of one's own is given: the code in large type. */
export function showCode(query) {
	const code = query.get('code');
	const error = query.get('error_description') ?? query.get('error');

	if (!code)
		return page('No code', error ?? 'This page was opened without one.');
	return page('Your code', 'Type or paste this into the terminal:',
		`<code class="long">${escape(code)}</code>`);
}
