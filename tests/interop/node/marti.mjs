// node-tak: every command of its API that this node answers, and what became of each.
// Argument: {"url", "cert", "key", "uid", "other", "pack"} as JSON; cert and key are PEM, uid a client's
// own, other the name of another, pack a data package in base64.
// Prints {"step": NAME, "value"} or {"step": NAME, "error"} for each, then {"done": true}.
// Answers are held to the library's own schemas where it has them.

import { Readable } from 'node:stream';
import { createHash } from 'node:crypto';
import { Value } from '@sinclair/typebox/value';
import { APIAuthCertificate, TAKAPI } from '@tak-ps/node-tak';
import { TAKList_Group } from '@tak-ps/node-tak/lib/api/groups';
import { ClientEndpointList } from '@tak-ps/node-tak/lib/api/client';
import { Contact } from '@tak-ps/node-tak/lib/api/contacts';
import { TAKList_Subscription } from '@tak-ps/node-tak/lib/api/subscriptions';
import { Content, TAKList_Content, Config } from '@tak-ps/node-tak/lib/api/files';
import { Package } from '@tak-ps/node-tak/lib/api/package';
import { VideoConnection, VideoConnectionList } from '@tak-ps/node-tak/lib/api/video';
import { TAKItem_MissionLog } from '@tak-ps/node-tak/lib/api/mission-log';
import { MissionInviteList } from '@tak-ps/node-tak/lib/api/mission-invite';
import { TAKItem_MissionLayer, TAKList_MissionLayer } from '@tak-ps/node-tak/lib/api/mission-layer';
import {
    Mission, MissionRole, MissionSubscriber, TAKItem_MissionSubscriber, TAKList_Mission,
    TAKList_MissionChange, TAKList_MissionSubscriber,
} from '@tak-ps/node-tak/lib/api/mission';
import { TAKList_Iconsets } from '@tak-ps/node-tak/lib/api/iconsets';
import { TAKList_Injector } from '@tak-ps/node-tak/lib/api/injectors';
import { TAKList_Repeater } from '@tak-ps/node-tak/lib/api/repeater';
import { Type } from '@sinclair/typebox';

const { url, cert, key, uid, other, pack } = JSON.parse(process.argv[2]);
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

const text = async (stream) => {
    const parts = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts).toString();
};

const data = Buffer.from('PK not looked into');
const hash = createHash('sha256').update(data).digest('hex');
const soon = new Date().toISOString();

// Who and what there is
await step('Group.list', TAKList_Group, () => api.Group.list({ useCache: true }));
await step('Group.update', null, async () => {
    const { data: groups } = await api.Group.list();
    await api.Group.update(groups);
});
await step('Client.list', ClientEndpointList, () => api.Client.list({ secAgo: 3600 }));
await step('Contacts.list', Type.Array(Contact), () => api.Contacts.list());
await step('Subscription.list', TAKList_Subscription, () => api.Subscription.list({
    sortBy: 'CALLSIGN', direction: 'ASCENDING', page: -1, limit: -1,
}));
await step('Query.single', null, () => api.Query.single(uid));
await step('Query.singleFeat', null, () => api.Query.singleFeat(uid));
await step('Query.history', null, () => api.Query.history(uid, { secago: '3600' }));
await step('Query.historyFeats', null, () => api.Query.historyFeats(uid, { secago: '3600' }));
await step('Profile.connection', null, () => api.Profile.connection({ syncSecago: -1, clientUid: uid }));

// What was, and what there is none of
await step('Export.export', null, async () => text(await api.Export.export({
    startTime: new Date(Date.now() - 3600e3).toISOString(), endTime: new Date(Date.now() + 60e3).toISOString(),
    groups: ['Blue'], format: 'kml',
})));
await step('Iconsets.list', TAKList_Iconsets, () => api.Iconsets.list());
await step('Injectors.list', TAKList_Injector, () => api.Injectors.list());
await step('Injectors.get', TAKList_Injector, () => api.Injectors.get(uid));
await step('Repeater.list', TAKList_Repeater, () => api.Repeater.list());

// Files
await step('Files.config', Config, () => api.Files.config());
await step('Files.uploadPackage', null, () => api.Files.uploadPackage(
    { name: 'pack ā.zip', creatorUid: uid, hash, keywords: ['one'], groups: ['Blue'] }, data,
));
await step('Files.upload', Content, () => api.Files.upload(
    { name: 'note.txt', contentLength: 5, keywords: ['a', 'b'], creatorUid: uid }, Buffer.from('words'),
));
await step('Package.list', null, async () => {
    const { results } = await api.Package.list({ tool: 'public' });
    const wrong = results.flatMap((each) => [...Value.Errors(Package, each)]);
    if (wrong.length) throw new Error(JSON.stringify(wrong[0]));
    return results.map((each) => each.Name).sort();
});
await step('Files.list', TAKList_Content, () => api.Files.list());
await step('Files.meta', null, () => api.Files.meta(hash));
await step('Files.download', null, async () => text(await api.Files.download(hash)));
await step('Files.count', null, () => api.Files.count());

// Video
const video = await step('Video.create', VideoConnection, () => api.Video.create({
    active: true, alias: 'Bow', feeds: [{ active: true, alias: 'Bow', url: 'rtsp://camera.example/bow' }],
}));
await step('Video.list', VideoConnectionList, () => api.Video.list());
await step('Video.update', VideoConnection, () => api.Video.update({
    uuid: video.uuid, active: true, alias: 'Stern', feeds: video.feeds,
}));
await step('Video.get', VideoConnection, () => api.Video.get(video.uuid));
await step('Video.delete', null, () => api.Video.delete(video.uuid));

// Missions
const mission = await step('Mission.create', Mission, () => api.Mission.create({
    name: 'Search ā', creatorUid: uid, description: 'of the bay', keywords: ['sea'], group: ['Blue'],
}));
const held = { token: mission?.token };
const guid = mission?.guid;
await step('Mission.list', TAKList_Mission, () => api.Mission.list({ passwordProtected: true, defaultRole: true }));
await step('Mission.get', Mission, () => api.Mission.get('Search ā', {}, held));
await step('Mission.getGuid', Mission, () => api.Mission.getGuid(guid, { changes: true, logs: true }, held));
await step('Mission.access', null, () => api.Mission.access(guid, held));
await step('Mission.update', Mission, () => api.Mission.update(guid, { description: 'of the strait' }, held));
await step('Mission.subscribe', TAKItem_MissionSubscriber, () => api.Mission.subscribe(guid, { uid }, held));
await step('Mission.subscription', MissionSubscriber, () => api.Mission.subscription(guid, { uid }, held));
await step('Mission.subscriptions', null, () => api.Mission.subscriptions(guid, held));
await step('Mission.subscriptionRoles', TAKList_MissionSubscriber, () => api.Mission.subscriptionRoles(guid, held));
await step('Mission.role', MissionRole, () => api.Mission.role(guid, held));
await step('Mission.contacts', Type.Array(Contact), () => api.Mission.contacts(guid, held));
await step('Mission.attachContents', null, () => api.Mission.attachContents(guid, { hashes: [hash], uids: [uid] }, held));
await step('Mission.contents', Mission, () => api.Mission.get(guid, {}, held));
await step('Mission.changes', TAKList_MissionChange, () => api.Mission.changes(guid, { squashed: false }, held));
await step('Mission.latestCots', null, () => api.Mission.latestCots(guid, held));
await step('Mission.latestFeats', null, () => api.Mission.latestFeats(guid, held));
await step('Mission.getArchive', null, async () => (await text(await api.Mission.getArchive('Search ā', held))).slice(0, 2));
await step('Mission.upload', null, () => api.Mission.upload(guid, uid, Readable.from([Buffer.from(pack, 'base64')]), held));
await step('Mission.contents with those of a package', Mission, () => api.Mission.get(guid, {}, held));
await step('Mission.detachContents', null, () => api.Mission.detachContents(guid, { hash }, held));
const folder = await step('MissionLayer.create', TAKItem_MissionLayer, () => api.MissionLayer.create(
    guid, { name: 'Bay ā', type: 'GROUP', creatorUid: uid }, held,
));
const marks = await step('MissionLayer.create by name', TAKItem_MissionLayer, () => api.MissionLayer.create(
    'Search ā', { name: 'Marks', type: 'UID', uid: 'marks', creatorUid: uid }, held,
));
await step('MissionLayer.create inside', TAKItem_MissionLayer, () => api.MissionLayer.create(
    guid, { name: 'Old marks', type: 'UID', parentUid: folder.data.uid, creatorUid: uid }, held,
));
await step('MissionLayer.create an item', TAKItem_MissionLayer, () => api.MissionLayer.create(
    guid, { name: uid, type: 'ITEM', uid, parentUid: 'marks', creatorUid: uid }, held,
));
await step('MissionLayer.list', TAKList_MissionLayer, () => api.MissionLayer.list(guid, held));
await step('MissionLayer.listAsPathMap', null, async () => [...(await api.MissionLayer.listAsPathMap(guid, held)).keys()]);
await step('MissionLayer.rename', null, () => api.MissionLayer.rename(guid, 'marks', { name: 'Buoys', creatorUid: uid }, held));
await step('MissionLayer.get', TAKItem_MissionLayer, () => api.MissionLayer.get(guid, marks.data.uid, held));
await step('MissionLayer.isEmpty', null, async () => (await api.MissionLayer.list(guid, held)).data.map(
    (each) => api.MissionLayer.isEmpty(each),
));
await step('MissionLayer.latestFeats', null, async () => (await api.MissionLayer.latestFeats(guid, 'marks', held)).map(
    (each) => each.id,
));
await step('MissionLayer.delete', null, () => api.MissionLayer.delete(
    guid, { uid: ['marks', folder.data.uid], creatorUid: uid }, held,
));
await step('MissionLayer.list of none', TAKList_MissionLayer, () => api.MissionLayer.list(guid, held));
await step('MissionInvite.invite', null, () => api.MissionInvite.invite(guid, 'userName', other, { creatorUid: uid }, held));
await step('MissionInvite.get', MissionInviteList, () => api.MissionInvite.get(guid, held));
await step('MissionInvite.list', MissionInviteList, () => api.MissionInvite.list(uid));
await step('MissionInvite.uninvite', null, () => api.MissionInvite.uninvite(guid, 'userName', other, { creatorUid: uid }, held));
const entry = await step('MissionLog.create', TAKItem_MissionLog, () => api.MissionLog.create(
    guid, { dtg: soon, content: 'two sails', creatorUid: uid, keywords: [] }, held,
));
await step('MissionLog.update', TAKItem_MissionLog, () => api.MissionLog.update(
    guid, { id: entry.data.id, dtg: soon, content: 'three sails', creatorUid: uid, keywords: [] }, held,
));
await step('MissionLog.delete', null, () => api.MissionLog.delete(entry.data.id, held));
await step('Mission.unsubscribe', null, () => api.Mission.unsubscribe(guid, { uid }, held));
await step('Mission.delete', null, () => api.Mission.delete(guid, { creatorUid: uid }));
await step('Mission.access to what was deleted', null, () => api.Mission.access(guid));
await step('Files.delete', null, () => api.Files.delete(hash));
await step('Files.adminDelete', null, () => api.Files.adminDelete(createHash('sha256').update('words').digest('hex')));
print({ done: true });
process.exit(0);
