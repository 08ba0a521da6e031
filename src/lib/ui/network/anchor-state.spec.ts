import { describe, expect, it } from 'vitest';
import type { BeaconState } from '../../chain/beacon/read-beacon.ts';
import type { SignedHead } from '../../log/head.ts';
import type { AnchorsAnswer } from '../../log/log-client.ts';
import { anchorState as stateOf } from './anchor-state.ts';

const headOf = (size: number): SignedHead => ({
	...{ text: `head ${size}`, key: 'k', size, time: size * 10 },
	root: new Uint8Array(32).fill(size)
});
const anchorOf = (size: number) => ({
	...{ head: headOf(size), beacon: '0:b', transaction: 't', lt: '1', at: size * 100 }
});
const answer = (anchored: number[], size: number): AnchorsAnswer => {
	const entries = size - (anchored.at(-1) ?? 0);
	return {
		beacon: '0:b',
		anchors: anchored.map(anchorOf),
		unanchored: entries > 0 ? { entries, since: 1 } : null,
		head: headOf(size)
	};
};
const chain = (size: number): BeaconState => ({
	head: { size, root: headOf(size).root, timeMs: size * 10 },
	catalogue: ''
});
const ok = { kind: 'ok' } as const;
const anchorState = (...[answer, onChain, fits, chainFits = true]: Given) =>
	stateOf(answer, onChain, fits, chainFits);
type Given = [AnchorsAnswer, BeaconState | null, Parameters<typeof stateOf>[2], boolean?];

describe('what is said of the anchors', () => {
	it('is good news only where the chain confirms the newest head of this log', () => {
		expect(anchorState(answer([2, 3], 3), chain(3), ok)).toEqual({ kind: 'holds' });
		expect(anchorState(answer([2, 3], 3), null, ok)).toEqual({ kind: 'said' });
		const unproven = { kind: 'unproven', reason: 'away' } as const;
		expect(anchorState(answer([2, 3], 3), chain(3), unproven)).toEqual({ kind: 'said' });
		// The chain is behind what the coordinator claims.
		expect(anchorState(answer([2, 3], 3), chain(2), ok)).toEqual({ kind: 'said' });
	});

	it('names since when newer entries wait', () => {
		const since = { kind: 'since', at: 200, entries: 3 };
		expect(anchorState(answer([2], 5), chain(2), ok)).toEqual({ ...since, isConfirmed: true });
		expect(anchorState(answer([2], 5), null, ok)).toEqual({ ...since, isConfirmed: false });
	});

	it('does not believe a coordinator that counts no waiting entries', () => {
		const lying = { ...answer([2], 5), unanchored: null };
		expect(anchorState(lying, chain(2), ok)).toMatchObject({ kind: 'since', entries: 3 });
	});

	it('tells an empty log from one that never was anchored', () => {
		expect(anchorState(answer([], 0), null, null)).toEqual({ kind: 'empty' });
		expect(anchorState(answer([], 4), chain(0), null)).toEqual({ kind: 'never' });
	});

	it('is no alarm while a new head of this log is not listed yet', () => {
		expect(anchorState(answer([2], 3), chain(3), ok)).toMatchObject({ kind: 'since' });
		expect(stateOf(answer([], 3), chain(3), null, null)).toEqual({ kind: 'never' });
	});

	it('is an alarm where the chain has a head of another log, or one that is listed otherwise', () => {
		const differs = { kind: 'differs', size: 3 };
		expect(anchorState(answer([2], 3), chain(3), ok, false)).toEqual(differs);
		expect(anchorState(answer([], 3), chain(3), null, false)).toEqual(differs);
		const other = chain(2);
		other.head.root = new Uint8Array(32);
		expect(anchorState(answer([2], 2), other, ok)).toEqual({ kind: 'differs', size: 2 });
		const later = chain(2);
		later.head.timeMs += 1;
		expect(anchorState(answer([2], 2), later, ok)).toEqual({ kind: 'differs', size: 2 });
	});

	it('is an alarm where the anchored head is not of this log', () => {
		const evidence = { kind: 'evidence', evidence: {} } as never;
		expect(anchorState(answer([2], 2), chain(2), evidence)).toEqual({ kind: 'contradicts' });
	});
});
