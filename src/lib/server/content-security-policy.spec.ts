import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ANNOUNCER_STYLE, contentSecurityPolicy } from './content-security-policy.js';

it('forbids eval, inline scripts, plugins and frames', () => {
	const directives = contentSecurityPolicy?.directives ?? {};
	expect(directives['script-src']).toEqual(['self', 'wasm-unsafe-eval']);
	expect(directives['object-src']).toEqual(['none']);
	expect(directives['frame-ancestors']).toEqual(['none']);
	expect(JSON.stringify(directives)).not.toMatch(/"unsafe-(inline|eval)"/);
});

it('allows the one style attribute of Kit’s root component, and app.html has none', async () => {
	const kit = dirname(createRequire(import.meta.url).resolve('@sveltejs/kit/package.json'));
	const sources = await Promise.all([
		readFile(join(kit, 'src/core/sync/write_root.js'), 'utf8'),
		readFile('src/app.html', 'utf8')
	]);
	const found = sources.flatMap((text) => [...text.matchAll(/style="([^"]*)"/g)]);
	const attributes = found.map(([, attribute]) => attribute);
	expect(attributes).toEqual([ANNOUNCER_STYLE]);
});
