/**
 * The JavaScript that a page loads before anybody does anything, after gzip, against its budget.
 * Counted is what Vite's manifest says a route imports statically, and the theme script. Run after
 * `vite build`; ends with 1 above a budget, or when code that needs Node has got into the pages.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const CLIENT = '.svelte-kit/output/client';
const GENERATED = '.svelte-kit/generated/client-optimized';
/** Kilobytes of 1000 bytes. */
const BUDGETS_KB: Record<string, number> = { '/': 50, '/chat': 100, '/contribute': 100 };

/** A name that only the local chain's emulator has, whose 10 MB no page may load. */
const EMULATOR = 'emulate_with_emulator';

interface Chunk {
	file: string;
	imports?: string[];
	isEntry?: boolean;
}
type Manifest = Record<string, Chunk>;

const manifest: Manifest = JSON.parse(readFileSync(join(CLIENT, '.vite/manifest.json'), 'utf8'));

/** Kit numbers its pages; the generated app says which number a route has. */
function pageNode(route: string): string {
	const app = readFileSync(join(GENERATED, 'app.js'), 'utf8');
	const dictionary = /dictionary = \{([\s\S]*?)\};/.exec(app)?.[1] ?? '';
	const line = dictionary.split('\n').find((text) => text.trim().startsWith(`"${route}":`));
	const node = line && /\[~?(\d+)/.exec(line)?.[1];
	if (!node) throw new Error(`no page for ${route} in ${GENERATED}/app.js`);
	return `${GENERATED}/nodes/${node}.js`;
}

/** Kit's own start script is an entry whose source lies in node_modules. */
function kitEntry(): string {
	const key = Object.keys(manifest).find((name) => name.endsWith('runtime/client/entry.js'));
	if (!key) throw new Error('no entry of SvelteKit in the manifest');
	return key;
}

function addStaticImports(key: string, seen: Set<string>): void {
	if (seen.has(key)) return;
	const chunk = manifest[key];
	if (!chunk) throw new Error(`${key} is not in the manifest`);
	seen.add(key);
	for (const imported of chunk.imports ?? []) addStaticImports(imported, seen);
}

function gzipBytes(path: string): number {
	return gzipSync(readFileSync(path)).length;
}

function firstLoad(route: string): { files: number; bytes: number } {
	const seen = new Set<string>();
	const entries = [kitEntry(), `${GENERATED}/app.js`, `${GENERATED}/nodes/0.js`, pageNode(route)];
	for (const entry of entries) addStaticImports(entry, seen);
	const files = new Set([...seen].map((key) => manifest[key]?.file ?? ''));
	const scripts = [...files]
		.filter((file) => file.endsWith('.js'))
		.map((file) => join(CLIENT, file));
	scripts.push(join(CLIENT, 'theme.js'));
	return {
		files: scripts.length,
		bytes: scripts.reduce((sum, path) => sum + gzipBytes(path), 0)
	};
}

function chunksWith(text: string): string[] {
	return readdirSync(CLIENT, { recursive: true, encoding: 'utf8' }).filter(
		(file) => file.endsWith('.js') && readFileSync(join(CLIENT, file), 'utf8').includes(text)
	);
}

const rows = Object.entries(BUDGETS_KB).map(([route, budgetKb]) => {
	const { files, bytes } = firstLoad(route);
	return { route, files, 'gzip kB': Number((bytes / 1000).toFixed(1)), 'budget kB': budgetKb };
});
console.log('First-load JavaScript:');
console.table(rows);
const over = rows.filter((row) => row['gzip kB'] > row['budget kB']);
for (const row of over) console.error(`${row.route} is above its budget.`);
const misled = chunksWith(EMULATOR);
for (const file of misled) console.error(`${file} holds the local chain, which needs Node.`);
if (over.length > 0 || misled.length > 0) process.exitCode = 1;
