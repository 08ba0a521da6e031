import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from './bytes.ts';
import { createIdentity } from './keys.ts';
import { RunningState, signRun, verifyRun } from './running-state.ts';

const salt = new Uint8Array(32).fill(7);

describe('running state', () => {
	it('has the value that docs/protocol.md gives as a vector', async () => {
		const start = await RunningState.start(salt, '{"t":"job"}', 'a.b.c', 5);
		const one = await start.next(3, 'héllo');
		expect(toHex(start.value)).toBe(VECTOR.start);
		expect(toHex(one.value)).toBe(VECTOR.one);
		expect([one.seq, one.tokens, one.nano]).toEqual([1, 3, 0n]);
	});

	it('changes with every one of its inputs', async () => {
		const start = await RunningState.start(salt, 'job', 'offer', 5);
		const values = await Promise.all([
			start.next(3, 'text'),
			start.next(4, 'text'),
			start.next(3, 'texT'),
			start.next(3, 'text', 1n),
			RunningState.start(salt, 'job', 'offer', 6),
			RunningState.start(salt, 'job ', 'offer', 5),
			RunningState.start(salt, 'job', 'offers', 5),
			RunningState.start(new Uint8Array(32), 'job', 'offer', 5)
		]);
		expect(new Set([start, ...values].map(({ value }) => toHex(value))).size).toBe(9);
	});

	it('is signed run by run, and no other state fits the signature', async () => {
		const identity = await createIdentity();
		const start = await RunningState.start(salt, 'job', 'offer', 5);
		const sig = await signRun(identity.privateKey, start);
		expect(await verifyRun(identity.publicKey, sig, start)).toBe(true);
		await fc.assert(
			fc.asyncProperty(fc.nat(1000), fc.string(), async (tokens, text) => {
				const next = await start.next(tokens, text);
				expect(await verifyRun(identity.publicKey, sig, next)).toBe(false);
			}),
			{ numRuns: 20 }
		);
	});
});

/** Computed once with Python's hashlib from the formulas of docs/protocol.md. */
const VECTOR = {
	start: 'e980bf663207f392023347360432fa2edcb4a98f690a3f91f311e0968c56281d',
	one: '92dba9db54c261a5d03e7c23229304c304d414b25cfa8fafd4f60196363e4661'
};
