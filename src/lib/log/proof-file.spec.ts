import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeAnswer } from '../protocol/testing/receipts.ts';
import { fromFragment, readProofFile, toFragment } from './proof-file.ts';

const receipt = (await makeAnswer()).evidence.entry;
const record = (await makeAnswer({ isBrokenOff: true })).evidence.entry;

describe('a file to be verified', () => {
	it.each([receipt, record, `\n${receipt}\n`])('may be a receipt or record alone', (text) => {
		expect(readProofFile(text)).toEqual({ kind: 'entry', entry: text.trim() });
	});

	it.each([
		['{"typ":"mulberry-chat"}', /chat that cannot be read \(\w+: /],
		['{"typ":"mulberry-evidence"}', /evidence/],
		['{"typ":"other"}', /neither/],
		['null', /neither/],
		['hello', /neither/]
	])('is not %s', (text, reason) => {
		expect(readProofFile(text)).toEqual({
			kind: 'unknown',
			reason: expect.stringMatching(reason)
		});
	});

	it('is a value for any text', () => {
		fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readProofFile(text)));
	});
});

describe('a link to a receipt', () => {
	it.each([receipt, record])('carries it whole and without words', async (entry) => {
		const url = new URL(`https://mulberry.example/verify#${toFragment(entry)}`);
		expect(await fromFragment(url.hash)).toBe(entry);
		expect(url.href.length).toBeLessThan(2_000);
	});

	it.each(['', '#', '#receipt=', '#receipt=hello', '#record=%', '#record=%7B%7D', '#other=x'])(
		'is none in %j',
		async (hash) => {
			expect(await fromFragment(hash)).toBeNull();
		}
	);
});
