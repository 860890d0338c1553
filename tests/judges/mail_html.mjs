// Asks caniemail what mail programs make of a mail's HTML. Reads {"html": text, "clients": [glob]} on stdin and writes
// one line {"errors": {client: [feature]}, "warnings": {client: [feature]}}.
import { createRequire } from 'node:module';
import process from 'node:process';

const require = createRequire(import.meta.url);
const { caniemail } = await import(require.resolve('caniemail'));

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { html, clients } = JSON.parse(Buffer.concat(chunks).toString());
const { issues } = caniemail({ clients, html });
const told = map => Object.fromEntries([...map].map(([client, found]) => [client, [...new Set(found.map(one => one.title))].sort()]));
console.log(JSON.stringify({ errors: told(issues.errors), warnings: told(issues.warnings) }));
