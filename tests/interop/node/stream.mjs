// node-tak: sends what stands in lines of standard input, prints what it receives.
// Argument: {"url", "cert", "key", "ca"} as JSON; the last three are PEM.

import { createInterface } from 'node:readline';
import TAK from '@tak-ps/node-tak';
import { CoTParser } from '@tak-ps/node-cot';

const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const { url, ...auth } = JSON.parse(process.argv[2]);
const tak = await TAK.connect(new URL(url), { ...auth, rejectUnauthorized: true });

tak.on('ping', () => print({ open: tak.open, version: tak.version }));
tak.on('cot', (cot) => print({ heard: CoTParser.to_xml(cot) }));
tak.on('error', (error) => print({ error: error.message }));
tak.client.on('close', () => print({ closed: true }));

for await (const line of createInterface({ input: process.stdin })) {
    await tak.write(JSON.parse(line).xml.map((event) => CoTParser.from_xml(event)));
}
