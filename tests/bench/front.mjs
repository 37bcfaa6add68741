/*
 * A TLS server in front of the provider, which hands out tickets, as tests/provider's library does
 * not: what it receives goes on to the provider, and it says which connections took an earlier
 * session up again.
 *
 *	node front.mjs KEY CERTIFICATE PROVIDER-PORT
 *
 * Prints its own port, then "full" or "resumed" for each connection. It ends with its parent.
 */

import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:tls';

const [key, cert, port] = process.argv.slice(2);
const parent = process.ppid;

const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (client) => {
	const provider = connect({ port: Number(port), host: 'localhost',
		rejectUnauthorized: false });

	console.log(client.isSessionReused() ? 'resumed' : 'full');
	client.on('error', () => provider.destroy());
	provider.on('error', () => client.destroy());
	client.pipe(provider).pipe(client);
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
setInterval(() => process.ppid === parent || process.exit(0), 500);
