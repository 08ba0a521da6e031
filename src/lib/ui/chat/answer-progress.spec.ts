import { describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../../p2p/answer-events.ts';
import type { PeerId } from '../../protocol/ids.ts';
import type { AnswerTurn } from '../../store/chat-records.ts';
import { applyEvent, beginAnswer, type AnswerProgress } from './answer-progress.ts';

const FIRST = `c${'11'.repeat(32)}` as PeerId;
const NEXT = `c${'22'.repeat(32)}` as PeerId;

const turn: AnswerTurn = {
	kind: 'answer',
	id: 'a',
	chat: 'c',
	position: 1,
	at: 0,
	model: 'tiny',
	text: '',
	outcome: { kind: 'streaming' },
	authors: [],
	digest: null,
	figures: null,
	earlier: []
};

/** The state after events that came a second apart. */
const after = (...events: AnswerEvent[]): AnswerProgress =>
	events.reduce((state, event, index) => applyEvent(state, event, index * 1000), beginAnswer(turn));

describe('an answer in the making', () => {
	it('waits in a queue, or is read at once where there is none', () => {
		const digest = 'D'.repeat(43);
		const queued = { kind: 'queued', contributor: FIRST, digest, waitMs: 5_000 } as const;
		expect(after({ ...queued, place: 2 }).phase).toEqual({
			kind: 'queued',
			place: 2,
			waitMs: 5_000
		});
		expect(after({ ...queued, place: 0 })).toMatchObject({
			phase: { kind: 'reading' },
			contributor: FIRST
		});
	});

	it('tells its speed from the second text on', () => {
		const first = after({ kind: 'text', text: 'a', tokens: 4 });
		expect(first.tokensPerSecond).toBeNull();
		const second = applyEvent(first, { kind: 'text', text: 'b', tokens: 24 }, 2_000);
		expect(second).toMatchObject({ tokensPerSecond: 10, tokens: 24, turn: { text: 'ab' } });
	});

	it('keeps its text when the connection breaks and when another carries on', () => {
		const state = after(
			{ kind: 'text', text: 'so far', tokens: 3 },
			{ kind: 'interrupted' },
			{ kind: 'continued', contributor: NEXT },
			{ kind: 'text', text: ' so good', tokens: 6 }
		);
		expect(state).toMatchObject({
			turn: { text: 'so far so good' },
			phase: { kind: 'writing' },
			detour: 'continued',
			contributor: NEXT
		});
	});

	it('goes on with the same contributor after a short break', () => {
		const state = after(
			{ kind: 'text', text: 'x', tokens: 1 },
			{ kind: 'interrupted' },
			{ kind: 'resumed', contributor: FIRST }
		);
		expect(state).toMatchObject({ phase: { kind: 'writing' }, detour: 'resumed' });
	});

	it('keeps what was paid, however it ends, and adds what carrying on costs', () => {
		const paid = after({ kind: 'paid', paidNano: 5n }, { kind: 'paid', paidNano: 9n });
		expect(paid.turn.paidNano).toBe(9n);
		const refusal = { kind: 'answer_limit', limitNano: 9n, neededNano: 12n } as const;
		const sums = { parts: [], costNano: 8n, paidNano: 9n };
		const failed = applyEvent(
			paid,
			{ kind: 'failed', failure: { kind: 'unpaid', refusal }, ...sums },
			0
		);
		expect(failed.turn).toMatchObject({
			paidNano: 9n,
			outcome: {
				failure: { kind: 'unpaid', code: 'answer_limit', limitNano: 9n, neededNano: 12n }
			}
		});
		const further = applyEvent(beginAnswer(failed.turn), { kind: 'paid', paidNano: 3n }, 0);
		expect(further.turn.paidNano).toBe(12n);
		expect(after({ kind: 'searching' }).turn).not.toHaveProperty('paidNano');
	});

	it('stores why it failed, without the words of a stranger', () => {
		const failure = {
			kind: 'refused',
			code: 'unsupported',
			field: 'sampling.seed',
			text: '<b>anything</b>'
		} as const;
		const failed = { failure, parts: [], costNano: 0n, paidNano: 0n };
		expect(after({ kind: 'failed', ...failed }).turn.outcome).toEqual({
			kind: 'failed',
			failure: { kind: 'refused', code: 'unsupported', field: 'sampling.seed' }
		});
	});
});
