// node-tak: makes a key, and has a certificate made for it with a username and a one-time token.
// Argument: {"url", "username", "token"} as JSON. Prints {"cert", "key", "ca"}, PEM without armour in ca.

import { APIAuthPassword, TAKAPI } from '@tak-ps/node-tak';

const { url, username, token } = JSON.parse(process.argv[2]);

// It would ask for an OAuth token first; this node has Basic credentials only.
class Basic extends APIAuthPassword {
    async init() {}

    async fetch(api, url, opts) {
        const credentials = 'Basic ' + btoa(`${this.username}:${this.password}`);
        opts.headers = { Authorization: credentials, ...opts.headers };
        return await super.fetch(api, url, opts);
    }
}

const api = await TAKAPI.init(new URL(url), new Basic(username, token));
process.stdout.write(JSON.stringify({ enrolled: await api.Credentials.generate() }) + '\n');
