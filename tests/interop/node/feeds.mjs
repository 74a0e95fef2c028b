// node-tak: a mission that is about a data feed. It has no commands for feeds, but asks as its own do.
// Argument: {"url", "cert", "key", "uid"} as JSON; cert and key are PEM, uid a client's own.
// Prints {"step": NAME, "value"} or {"step": NAME, "error"} for each, then {"done": true}.
// Answers are held to the library's own schemas where it has them.

import { Value } from '@sinclair/typebox/value';
import { APIAuthCertificate, TAKAPI } from '@tak-ps/node-tak';
import { Mission, TAKList_MissionChange } from '@tak-ps/node-tak/lib/api/mission';

const { url, cert, key, uid } = JSON.parse(process.argv[2]);
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const api = await TAKAPI.init(new URL(url), new APIAuthCertificate(cert, key));

async function step(name, schema, work) {
    try {
        const value = await work();
        const wrong = schema ? [...Value.Errors(schema, value)].slice(0, 3) : [];
        print(wrong.length ? { step: name, error: JSON.stringify(wrong) } : { step: name, value: value ?? null });
        return value;
    } catch (error) {
        print({ step: name, error: `${error.message} ${error.safe ?? ''}` });
        return undefined;
    }
}

const feeds = await step('datafeeds', null, () => api.fetch(
    new URL('/Marti/api/datafeeds', api.url), { method: 'GET' },
));
const mission = await step('Mission.create', Mission, () => api.Mission.create({
    name: 'Harbour', creatorUid: uid, description: '', group: ['Blue'],
}));
await step('feed', null, async () => {
    const to = new URL('/Marti/api/missions/Harbour/feed', api.url);
    to.searchParams.append('creatorUid', uid);
    to.searchParams.append('dataFeedUid', feeds.data[0].uuid);
    for (const point of ['-41.0,174.0', '-42.0,175.0', '-41.0,175.0']) to.searchParams.append('filterPolygon', point);
    to.searchParams.append('filterCotTypes', JSON.stringify(['a-*']));
    return (await api.fetch(to, { method: 'POST' }, true)).status;
});
const held = { token: mission?.token };
await step('Mission.get', Mission, () => api.Mission.get('Harbour', {}, held));
await step('Mission.update', Mission, () => api.Mission.update('Harbour', { description: 'of ships' }, held));
await step('Mission.changes', TAKList_MissionChange, () => api.Mission.changes('Harbour', { squashed: false }, held));
print({ done: true });
process.exit(0);
