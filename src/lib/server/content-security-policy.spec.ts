import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bridgesOf } from '../chain/tonconnect/wallet-list.ts';
import { ANNOUNCER_STYLE, contentSecurityPolicy, withBridges } from './content-security-policy.js';

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

describe('the bridges of wallets', () => {
	const policy = "default-src 'self'; connect-src 'self' https://hf.example; img-src 'self'";

	it('may be connected to where the network has any, and nothing else changes', () => {
		for (const network of ['testnet', 'mainnet'] as const) {
			const bridges = bridgesOf(network);
			const widened = withBridges(policy, bridges);
			expect(widened).toBe(
				policy.replace('https://hf.example', `https://hf.example ${bridges.join(' ')}`)
			);
			for (const bridge of bridges) expect(bridge).toMatch(/^https:\/\/[\w.-]+\/[\w/.-]*\/$/);
		}
	});

	it('are not on the devnet', () => {
		expect(withBridges(policy, bridgesOf('devnet'))).toBe(policy);
	});
});
