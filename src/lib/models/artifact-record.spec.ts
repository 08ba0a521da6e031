import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHashFresh, parseRecord, type ArtifactRecord } from './artifact-record.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = 1_800_000_000_000;
const LARGE_BYTES = 800_000_000;
const whole = {
	sha256: 'a'.repeat(64),
	sizeBytes: LARGE_BYTES,
	modifiedMs: NOW_MS - DAY_MS,
	hashedMs: NOW_MS - DAY_MS
};
const file = { size: LARGE_BYTES, lastModified: NOW_MS - DAY_MS };

describe('a hash on record', () => {
	it('speaks for a large file that nobody wrote to this week', () => {
		expect(isHashFresh(whole, file, NOW_MS)).toBe(true);
	});

	it.each([
		['written to since', whole, { ...file, lastModified: NOW_MS }, NOW_MS],
		['of another size', whole, { ...file, size: LARGE_BYTES - 1 }, NOW_MS],
		['hashed more than a week ago', whole, file, NOW_MS + 7 * DAY_MS],
		['hashed in the future', whole, file, NOW_MS - 2 * DAY_MS],
		['small', { ...whole, sizeBytes: 1000 }, { ...file, size: 1000 }, NOW_MS]
	])('does not speak for a file %s', (_, whole, file, nowMs) => {
		expect(isHashFresh(whole, file, nowMs)).toBe(false);
	});
});

describe('a record', () => {
	const record: ArtifactRecord = {
		v: 1,
		url: '/models/a.gguf',
		path: 'a.gguf',
		version: { etag: '"1"', lastModified: null, totalBytes: 5 },
		whole
	};

	it('is read as it was written', () => {
		expect(parseRecord(JSON.stringify(record))).toEqual(record);
	});

	it('cut short anywhere counts as none', () => {
		const json = JSON.stringify(record);
		for (let length = 0; length < json.length; length++) {
			expect(parseRecord(json.slice(0, length))).toBeNull();
		}
	});

	it('of any other shape counts as none', () => {
		fc.assert(fc.property(fc.json(), (json) => parseRecord(json) === null));
	});
});
