import { describe, expect, it } from 'vitest';
import { catalogueHash, checkCatalogue } from './catalogue-check.ts';

const SERVED = '{"v":1,"models":[]}';
const OTHER = '{"v":1,"models":[{}]}';

describe('a catalogue against the one on the chain', () => {
	it('is the same only with the same bytes', async () => {
		const hash = await catalogueHash(SERVED);
		expect(await checkCatalogue(SERVED, hash)).toEqual({ kind: 'same', hash });
		expect(await checkCatalogue(`${SERVED} `, hash)).toMatchObject({ kind: 'changed' });
	});

	it('shows a change with both hashes', async () => {
		const [served, onChain] = [await catalogueHash(SERVED), await catalogueHash(OTHER)];
		expect(await checkCatalogue(SERVED, onChain)).toEqual({ kind: 'changed', served, onChain });
	});

	it.each([null, 'A'.repeat(43)])('is unknown where the chain has %s', async (onChain) => {
		expect((await checkCatalogue(SERVED, onChain)).kind).toBe('unknown');
	});

	it('has the hash that any tool gives: printf %s BODY | sha256sum', async () => {
		expect(Buffer.from(await catalogueHash('abc'), 'base64url').toString('hex')).toBe(
			'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
		);
	});
});
