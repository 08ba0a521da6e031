import { describe, expect, it } from 'vitest';
import type { AnswerEvent, AnswerPart } from '../../p2p/answer-events.ts';
import type { PeerId } from '../../protocol/ids.ts';
import { entryId } from '../../protocol/log-entry.ts';
import type { AnswerTurn } from '../../store/chat-records.ts';
import { MemoryChats } from '../../store/memory-chats.ts';
import { ProofKeeper } from './proof-keeper.ts';

const PEER = `c${'ab'.repeat(32)}` as PeerId;
const turn: AnswerTurn = {
	kind: 'answer',
	id: 't',
	chat: 'c',
	position: 1,
	at: 1,
	model: 'tiny',
	text: '',
	outcome: { kind: 'streaming' },
	authors: [],
	digest: null,
	figures: null,
	earlier: []
};

const part = (entry: string | null): AnswerPart => ({
	contributor: PEER,
	engine: 'wllama',
	tokens: 1,
	length: 1,
	coveredLength: 1,
	costNano: 0n,
	evidence: entry === null ? null : { job: '{}', offer: 'o', runs: [], text: 'x', entry },
	mismatch: null
});
const failed = (kind: 'cheated' | 'lost', parts: AnswerPart[]): AnswerEvent => ({
	kind: 'failed',
	failure: kind === 'cheated' ? { kind, text: 'bad' } : { kind, code: null, text: 'gone' },
	parts,
	costNano: 0n,
	paidNano: 0n
});

function setUp() {
	const store = new MemoryChats();
	const handed: string[] = [];
	const avoided: string[] = [];
	const keeper = new ProofKeeper({
		store,
		entryId,
		hand: async (entry) => void handed.push(entry),
		avoid: async (peer) => void avoided.push(peer)
	});
	const entries = async () => (await store.proofs('t')).map(({ evidence }) => evidence.entry);
	return { store, keeper, handed, avoided, entries };
}

describe('what proves an answer', () => {
	it('is kept while the answer grows, and handed in at its end', async () => {
		const { keeper, handed, entries } = setUp();
		const writer = await keeper.begin(turn, false);
		writer.take({ kind: 'covered', parts: [part('run 1')] });
		expect(await entries()).toEqual(['run 1']);
		writer.take({ kind: 'covered', parts: [part('run 2')] });
		// A second has not passed; a page that goes writes it all the same.
		expect(await entries()).toEqual(['run 1']);
		void writer.flush();
		expect(await entries()).toEqual(['run 2']);
		expect(handed).toEqual([]);
		writer.take(failed('lost', [part('run 3'), part(null)]));
		await writer.flush();
		expect([await entries(), handed]).toEqual([['run 3'], ['run 3']]);
	});

	it('stays with an answer that is carried on, and names the part before', async () => {
		const { keeper, entries } = setUp();
		const first = await keeper.begin(turn, false);
		first.take(failed('lost', [part('one')]));
		await first.flush();
		const second = await keeper.begin(turn, true);
		expect(second.previous).toBe(await entryId('one'));
		second.take(failed('lost', [part('two'), part('three')]));
		await second.flush();
		expect(await entries()).toEqual(['one', 'two', 'three']);
	});

	it('goes with the text when the answer is made anew', async () => {
		const { keeper, entries } = setUp();
		const first = await keeper.begin(turn, false);
		first.take(failed('lost', [part('one')]));
		await first.flush();
		expect((await keeper.begin(turn, false)).previous).toBeUndefined();
		expect(await entries()).toEqual([]);
		const carried = await keeper.begin(turn, true);
		carried.take({ kind: 'covered', parts: [part('two')] });
		carried.take({ kind: 'restarted', contributor: PEER });
		carried.take(failed('lost', [part('three')]));
		await carried.flush();
		expect(await entries()).toEqual(['three']);
	});

	it('names contributors not to ask again: wrong receipts and broken rules, not lost ones', async () => {
		const { keeper, avoided } = setUp();
		const writer = await keeper.begin(turn, false);
		writer.take(failed('lost', [part('one')]));
		expect(avoided).toEqual([]);
		writer.take({ kind: 'mismatch', contributor: PEER, text: 'answer: not what this job was' });
		writer.take(failed('cheated', [part('two')]));
		expect(avoided).toEqual([PEER, PEER]);
	});

	it('is handed in later, if the page went away before its end', async () => {
		const { keeper, handed, store } = setUp();
		const writer = await keeper.begin(turn, false);
		writer.take({ kind: 'covered', parts: [part('one'), part('two')] });
		await writer.flush();
		await store.putLogged('t', 'one', { index: 0, head: 'h', proof: [] });
		await keeper.handIn('t');
		expect(handed).toEqual(['two']);
	});
});
