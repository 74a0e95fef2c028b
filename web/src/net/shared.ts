/** What TAK clients share: missions and files (docs/reference/api.md). */
import { asked, sent } from './rest';

export interface Mission {
  name: string;
  guid: string;
  description: string;
  groups: string[];
  creator: string;
  made: string;
  edited: string;
  keywords: string[];
  /** Null where it is closed. */
  items: number | null;
  subscribers: number | null;
  closed: boolean;
}

export interface SharedFile {
  hash: string;
  name: string;
  size: number;
  type: string;
  submitter: string;
  submitted: string;
  keywords: string[];
  /** Of those that hold it, the ones that one may read. */
  missions: string[];
}

export interface Shared {
  missions: Mission[];
  files: SharedFile[];
  /** Whether these are all: the node tells of the newest only. */
  isWholeMissions: boolean;
  isWholeFiles: boolean;
}

export async function sharedNow(): Promise<Shared> {
  const [ours, theirs] = (await Promise.all([asked('missions'), asked('files')])) as [
    { missions: Mission[]; whole: boolean },
    { files: SharedFile[]; whole: boolean },
  ];
  return { missions: ours.missions, files: theirs.files, isWholeMissions: ours.whole, isWholeFiles: theirs.whole };
}

/** Where the bytes of a file are. */
export function bytesPath(hash: string): string {
  return `/api/v1/files/${encodeURIComponent(hash)}`;
}

/** Something in a mission: a thing on the map, or a file. */
export interface Item {
  kind: 'thing' | 'file';
  /** The uid of a thing, the hash of a file. */
  id: string;
  title: string;
  type: string;
  size: number | null;
  at: string;
  by: string;
  context: string;
}

/** What is in a mission, who takes part, and what was noted; the newest first. */
export interface Room {
  name: string;
  guid: string;
  role: string | null;
  writes: boolean;
  joined: boolean;
  items: Item[];
  log: { id: string; at: string; author: string; text: string }[];
  people: { person: string; uid: string; role: string }[];
}

const of = (guid: string, what = '') => `missions/${encodeURIComponent(guid)}${what && `/${what}`}`;

export function roomOf(guid: string): Promise<Room> {
  return asked(of(guid)) as Promise<Room>;
}

export async function joinMission(guid: string, password: string): Promise<void> {
  await sent('POST', of(guid, 'join'), password ? { password } : {});
}

export async function leaveMission(guid: string): Promise<void> {
  await sent('POST', of(guid, 'leave'), {});
}

export async function noteInMission(guid: string, text: string): Promise<void> {
  await sent('POST', of(guid, 'log'), { text });
}

/** Puts a file into a mission; a data package is taken apart where that is wanted. */
export async function putIntoMission(guid: string, file: File, isPackage: boolean): Promise<void> {
  const path = of(guid, isPackage ? 'files' : `files?name=${encodeURIComponent(file.name)}`);
  await asked(path, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: file });
}

/** Where everything in a mission is, as one data package. */
export function packagePath(guid: string): string {
  return `/api/v1/${of(guid, 'package')}`;
}

/** Before the name of a user of the page, where TAK clients see it. */
const AT_THE_PAGE = '.page:';

/** The name of a person or client, without what says that he is at the page. */
export function personOf(name: string): string {
  return name.startsWith(AT_THE_PAGE) ? name.slice(AT_THE_PAGE.length) : name;
}
