// Holds the page to its layers: each room imports only what stands here. Run by `npm run check`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const source = join(import.meta.dirname, '../src');

/** Room -> the rooms, and the packages, that it may import. */
const ALLOWED = {
  picture: { rooms: [], packages: ['mgrs'] },
  words: { rooms: [], packages: [] },
  net: { rooms: ['picture'], packages: [] },
  map: { rooms: ['picture'], packages: ['@fontsource/noto-sans', 'maplibre-gl', 'milsymbol', 'pmtiles'] },
  panels: { rooms: ['picture', 'net', 'map', 'words'], packages: ['maplibre-gl', 'svelte'] },
  '': { rooms: ['picture', 'net', 'map', 'words', 'panels'], packages: ['svelte'] },
};
const OF_TESTS = ['vitest'];
/** What would tie the pure room to a browser. */
const BROWSER = /\b(?:document|window|fetch|WebSocket|localStorage|Date\.now|performance|setTimeout)\b/;

const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

const roomOf = (path) => (path.includes('/') ? path.split('/')[0] : '');
const packageOf = (name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');

function faultsOf(path) {
  const text = readFileSync(join(source, path), 'utf8');
  const room = roomOf(path);
  const allowed = ALLOWED[room];
  if (allowed === undefined) return [`${path}: the room ${room}/ has no place in tools/layers.mjs`];
  const isTest = path.endsWith('.test.ts');
  const faults = [];
  for (const [, from, lazily] of text.matchAll(IMPORT)) {
    const name = from ?? lazily;
    if (name.startsWith('.')) {
      const other = roomOf(normalize(join(dirname(path), name)));
      if (other !== room && !allowed.rooms.includes(other)) faults.push(`${path}: ${room || 'src'} imports ${other || 'src'}`);
    } else if (!allowed.packages.includes(packageOf(name)) && !(isTest && OF_TESTS.includes(name))) {
      faults.push(`${path}: ${room || 'src'} imports the package ${name}`);
    }
  }
  if (room === 'picture' && !isTest) {
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const found = code.match(BROWSER);
    if (found) faults.push(`${path}: the pure room uses ${found[0]}`);
  }
  return faults;
}

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((each) => each.isFile() && /\.(?:ts|svelte)$/.test(each.name) && !each.name.endsWith('.d.ts'))
  .map((each) => relative(source, join(each.parentPath, each.name)));
const faults = files.flatMap(faultsOf);
for (const each of faults) console.error(each);
console.log(faults.length ? `${faults.length} imports against the layers` : `${files.length} files keep to the layers`);
process.exit(faults.length ? 1 : 0);
