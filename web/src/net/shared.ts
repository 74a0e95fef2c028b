/** What TAK clients share: missions and files (docs/reference/api.md). */
import { asked } from './rest';

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
