import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

function messages(locale: string): Map<string, unknown> {
	const parsed: Record<string, unknown> = JSON.parse(
		readFileSync(join(root, `messages/${locale}.json`), 'utf8')
	);
	return new Map(Object.entries(parsed).filter(([key]) => key !== '$schema'));
}

/** Every text of a message, the variants of a plural too. */
function texts(message: unknown): string[] {
	if (typeof message === 'string') return [message];
	if (Array.isArray(message)) return message.flatMap((part) => texts(part.match));
	return Object.values(message ?? {}).flatMap(texts);
}

const placeholders = (message: unknown) =>
	[...new Set(texts(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

function sources(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return entry.name === 'paraglide' ? [] : sources(path);
		return /\.(svelte|ts)$/.test(entry.name) && !entry.name.endsWith('.spec.ts') ? [path] : [];
	});
}

const english = messages('en');
const french = messages('fr');

describe('the messages', () => {
	it('are the same in both languages', () => {
		expect([...french.keys()].sort()).toEqual([...english.keys()].sort());
	});

	it('take the same values in both languages and say something', () => {
		for (const [key, message] of english) {
			expect(placeholders(french.get(key)), key).toEqual(placeholders(message));
			for (const text of [...texts(message), ...texts(french.get(key))]) {
				expect(text.trim(), key).not.toBe('');
			}
		}
	});

	it('are all used, and every one that is used exists', () => {
		const code = sources(join(root, 'src'))
			.map((path) => readFileSync(path, 'utf8'))
			.join('\n');
		const used = new Set([...code.matchAll(/\bm\.([a-z]\w*)\b/g)].map(([, key]) => key));
		expect([...english.keys()].filter((key) => !used.has(key))).toEqual([]);
		expect([...used].filter((key) => key !== undefined && !english.has(key))).toEqual([]);
	});

	it('never promise what there is not', () => {
		const all = [...english.values(), ...french.values()].flatMap(texts).join('\n');
		expect(all).not.toMatch(/confidenti/i);
	});
});
