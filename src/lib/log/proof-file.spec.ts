import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeAnswer } from '../protocol/testing/receipts.ts';
import { readProofFile } from './proof-file.ts';
import { readFragment, toFragment } from './receipt-link.ts';

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
			what: expect.any(String),
			reason: expect.stringMatching(reason)
		});
	});

	it('is a value for any text', () => {
		fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readProofFile(text)));
	});
});

describe('a link to a receipt', () => {
	it.each([receipt, record])('carries it whole and without words', (entry) => {
		const url = new URL(`https://mulberry.example/verify#${toFragment(entry)}`);
		expect(readFragment(url.hash)).toBe(entry);
		expect(url.href.length).toBeLessThan(2_000);
	});

	it.each(['', '#', '#receipt=', '#record=', '#record=%', '#other=x'])('is none in %j', (hash) => {
		expect(readFragment(hash)).toBeNull();
	});
});
