import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artifactDigest, hashBlob, StreamingHash } from './digest.ts';

const signal = new AbortController().signal;

describe('a streaming hash', () => {
	// FIPS 180-2, appendix B, and the empty string.
	it.each([
		['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
		['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
		[
			'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
			'248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'
		]
	])('of %j is the published one', (text, hex) => {
		const hash = new StreamingHash();
		hash.update(new TextEncoder().encode(text));
		expect(hash.hex()).toBe(hex);
	});

	it('does not depend on how the bytes are cut', () => {
		fc.assert(
			fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
				const hash = new StreamingHash();
				for (const piece of pieces) hash.update(piece);
				expect(hash.hex()).toBe(createHash('sha256').update(Buffer.concat(pieces)).digest('hex'));
			})
		);
	});

	it('may be read in between and starts afresh when reset', () => {
		const hash = new StreamingHash();
		hash.update(Uint8Array.of(1));
		const first = hash.hex();
		hash.update(Uint8Array.of(2));
		expect(hash.hex()).not.toBe(first);
		hash.reset();
		hash.update(Uint8Array.of(1));
		expect(hash.hex()).toBe(first);
	});
});

describe('the hash of a blob', () => {
	it('is the same in one piece and in many', async () => {
		const large = new Uint8Array(65 * 1024 * 1024).fill(7);
		for (const bytes of [large.subarray(0, 1000), large]) {
			const expected = createHash('sha256').update(bytes).digest('hex');
			expect(await hashBlob(new Blob([bytes]), signal)).toBe(expected);
		}
	});

	it('stops when cancelled', async () => {
		await expect(hashBlob(new Blob(['a']), AbortSignal.abort())).rejects.toThrow();
	});
});

describe('the artifact digest', () => {
	const files = [
		{ path: 'params_shard_1.bin', sha256: 'b'.repeat(64) },
		{ path: 'params_shard_0.bin', sha256: 'c'.repeat(64) },
		{ path: 'tokenizer.json', sha256: 'a'.repeat(64) }
	];

	it('is SHA-256 over the sorted lines of hash and path', async () => {
		const lines =
			`${'a'.repeat(64)}  tokenizer.json\n` +
			`${'b'.repeat(64)}  params_shard_1.bin\n` +
			`${'c'.repeat(64)}  params_shard_0.bin\n`;
		expect(await artifactDigest(files)).toBe(
			createHash('sha256').update(lines).digest('base64url')
		);
	});

	it('does not depend on the order in which files were loaded', async () => {
		expect(await artifactDigest(files.toReversed())).toBe(await artifactDigest(files));
	});

	it('changes with any hash and any path', async () => {
		const [first, ...rest] = files;
		if (first === undefined) throw new Error('unreachable');
		const digest = await artifactDigest(files);
		expect(await artifactDigest([{ ...first, sha256: 'd'.repeat(64) }, ...rest])).not.toBe(digest);
		expect(await artifactDigest([{ ...first, path: 'x' }, ...rest])).not.toBe(digest);
		expect(await artifactDigest(rest)).not.toBe(digest);
	});
});
