// Verifies the DKIM signatures of a mail with mailauth. Reads {"mail": base64, "records": {name: text}} on stdin and
// writes one line {"results": [{algorithm, result, comment, signed}]}. Asks no DNS but the records given.
import { createRequire } from 'node:module';
import process from 'node:process';

const require = createRequire(import.meta.url);
const { dkimVerify } = require('mailauth/lib/dkim/verify');

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { mail, records } = JSON.parse(Buffer.concat(chunks).toString());

const resolver = async (name, type) => {
    const found = records[name.replace(/\.$/, '')];
    if (type === 'TXT' && found) return [[found]];
    const error = new Error('no such name');
    error.code = 'ENOTFOUND';
    throw error;
};
const verified = await dkimVerify(Buffer.from(mail, 'base64'), { resolver });
const results = verified.results.map(result => ({
    algorithm: result.algo,
    result: result.status.result,
    comment: result.status.comment || '',
    signed: (result.signingHeaders && result.signingHeaders.keys) || ''
}));
console.log(JSON.stringify({ results }));
