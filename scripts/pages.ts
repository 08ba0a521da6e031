import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execute } from './execute.ts';
import { inRoot } from './root.ts';

const STAMP = inRoot('build', '.built');
const INPUTS = [
	'src',
	'static',
	'messages',
	'package-lock.json',
	'svelte.config.js',
	'vite.config.ts'
];

/** Builds the pages and checks their first-load sizes. @throws Error when either fails */
export async function build(): Promise<void> {
	if (!(await execute('vite', ['build', '--logLevel', 'warn'])))
		throw new Error('vite build failed');
	if (!(await execute('node', ['scripts/check-bundle-size.ts']))) {
		throw new Error('a page loads more than its budget');
	}
	writeFileSync(STAMP, '');
	utimesSync(STAMP, new Date(), new Date());
}

/** Builds unless nothing changed since the last build. */
export async function buildIfStale(): Promise<void> {
	const built = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
	if (INPUTS.some((input) => newest(inRoot(input)) > built)) await build();
}

function newest(file: string): number {
	// Generated while building, so always newer than what was built before.
	if (file.endsWith(path.join('src', 'lib', 'paraglide'))) return 0;
	const stat = statSync(file);
	if (!stat.isDirectory()) return stat.mtimeMs;
	return Math.max(0, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}
