import { describe, expect, it } from 'vitest';
import type { AnswerEvent, AnswerFailure, Question } from '../../p2p/answer-events.ts';
import type { PeerId } from '../../protocol/ids.ts';
import { entryId } from '../../protocol/log-entry.ts';
import type { AnswerTurn, ChatStore } from '../../store/chat-records.ts';
import { MemoryChats } from '../../store/memory-chats.ts';
import type { Asker } from './chat-events.ts';
import { Conversation } from './conversation.svelte.ts';
import { ProofKeeper } from './proof-keeper.ts';
import { TurnSaver } from './turn-saver.ts';

const PEER = `c${'ab'.repeat(32)}` as PeerId;

const on = (model: string) => ({ model, place: 'network' as const });

const done = (
	tokens: number,
	finish: 'stop' | 'cancelled' = 'stop',
	paidNano = 0n
): AnswerEvent => ({
	kind: 'done',
	finish,
	usage: { promptTokens: 5, completionTokens: tokens },
	timings: { queueMs: 0, prefillMs: 1, generateMs: 1 },
	parts: [
		{
			contributor: PEER,
			engine: 'wllama',
			tokens,
			length: 9,
			coveredLength: 9,
			costNano: 0n,
			evidence: null,
			mismatch: null
		}
	],
	costNano: 0n,
	paidNano,
	connectMs: 1,
	firstTokenMs: 2,
	tokensPerSecond: 30,
	path: 'host'
});
const text = (piece: string, tokens: number): AnswerEvent => ({
	kind: 'text',
	text: piece,
	tokens
});

const failed = (failure: AnswerFailure): AnswerEvent => ({
	kind: 'failed',
	failure,
	parts: [],
	costNano: 0n,
	paidNano: 0n
});

/** The far side: answers each question with the next script, and waits where it says so. */
class ScriptedAsker implements Asker {
	readonly questions: Question[] = [];
	readonly #scripts: (AnswerEvent | 'wait for stop')[][];

	constructor(...scripts: (AnswerEvent | 'wait for stop')[][]) {
		this.#scripts = scripts;
	}

	async *ask(question: Question, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
		this.questions.push(question);
		for (const event of this.#scripts.shift() ?? []) {
			if (event !== 'wait for stop') yield event;
			else if (!signal.aborted) {
				await new Promise((resolve) => signal.addEventListener('abort', resolve));
			}
		}
	}
}

const keeperOf = (store: ChatStore) =>
	new ProofKeeper({ store, entryId, hand: async () => {}, avoid: async () => {} });

function setUp(asker: Asker) {
	const store = new MemoryChats();
	let count = 0;
	const conversation = new Conversation({
		store,
		saver: new TurnSaver(store),
		proofs: keeperOf(store),
		asker: async () => asker,
		contextTokens: () => 512,
		newId: () => `id${count++}`
	});
	return { store, conversation };
}

const lastAnswer = (conversation: Conversation): AnswerTurn => {
	const turn = conversation.turns.at(-1);
	if (turn?.kind !== 'answer') throw new Error('expected an answer at the end');
	return turn;
};

const until = async (isSo: () => boolean | Promise<boolean>) => {
	for (let i = 0; i < 200 && !(await isSo()); i += 1) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
};

describe('a conversation', () => {
	it('keeps question, answer, author and figures', async () => {
		const asker = new ScriptedAsker([
			{ kind: 'searching' },
			text('Hel', 1),
			text('lo', 2),
			done(2)
		]);
		const { store, conversation } = setUp(asker);
		let opened = '';
		await conversation.send('Say hello', on('tiny'), (chat) => (opened = chat.id));
		expect(conversation.isAnswering).toBe(false);
		const [question, answer] = await store.turns(opened);
		expect(question).toMatchObject({ kind: 'question', text: 'Say hello' });
		expect(answer).toMatchObject({
			text: 'Hello',
			outcome: { kind: 'done', finish: 'stop' },
			authors: [{ peer: PEER, tokens: 2 }],
			figures: { completionTokens: 2, tokensPerSecond: 30 }
		});
		expect(asker.questions[0]?.sampling.max_tokens).toBe(256);
	});

	it('saves text while it comes, and calls it broken off when the page comes back', async () => {
		const { store, conversation } = setUp(new ScriptedAsker([text('half of', 2), 'wait for stop']));
		void conversation.send('Tell me', on('tiny'), () => {});
		const chat = () => conversation.chat?.id ?? '';
		await until(async () => (await store.turns(chat())).some((turn) => turn.text === 'half of'));
		const reopened = new Conversation({
			store,
			saver: new TurnSaver(store),
			proofs: keeperOf(store),
			asker: async () => new ScriptedAsker(),
			contextTokens: () => undefined,
			newId: () => 'x'
		});
		await reopened.open(chat());
		expect(lastAnswer(reopened)).toMatchObject({
			text: 'half of',
			outcome: { kind: 'streaming' }
		});
		// The page that wrote the answer goes, without an end of it.
		conversation.stop();
		await until(() => lastAnswer(reopened).outcome.kind !== 'streaming');
		expect(lastAnswer(reopened)).toMatchObject({
			text: 'half of',
			outcome: { kind: 'broken_off' }
		});
	});

	it('keeps what came before it was stopped, and carries on from there', async () => {
		const asker = new ScriptedAsker(
			[text('One, ', 2), 'wait for stop', done(2, 'cancelled')],
			[text('two.', 3), done(3)]
		);
		const { conversation } = setUp(asker);
		const sending = conversation.send('Count', on('tiny'), () => {});
		await until(() => conversation.progress?.turn.text === 'One, ');
		conversation.stop();
		await sending;
		expect(lastAnswer(conversation)).toMatchObject({
			text: 'One, ',
			outcome: { kind: 'done', finish: 'cancelled' }
		});
		await conversation.carryOn();
		expect(asker.questions[1]).toMatchObject({
			prefix: 'One, ',
			messages: [{ role: 'user', content: 'Count' }]
		});
		expect(lastAnswer(conversation)).toMatchObject({
			text: 'One, two.',
			authors: [
				{ peer: PEER, tokens: 2 },
				{ peer: PEER, tokens: 3 }
			],
			figures: { completionTokens: 5 }
		});
	});

	it('keeps the text of a failed answer, and of one that was made anew', async () => {
		const asker = new ScriptedAsker(
			[text('Alm', 1), failed({ kind: 'lost', code: 'gone', text: 'left' })],
			[text('All', 1), done(1)]
		);
		const { conversation } = setUp(asker);
		await conversation.send('Go', on('tiny'), () => {});
		expect(lastAnswer(conversation)).toMatchObject({
			text: 'Alm',
			outcome: { kind: 'failed', failure: { kind: 'lost', code: 'gone' } }
		});
		await conversation.regenerate(on('tiny'));
		expect(lastAnswer(conversation)).toMatchObject({ text: 'All', earlier: ['Alm'] });
		expect(conversation.turns).toHaveLength(2);
	});

	it('goes on where payment stopped, for as much more as the reader allows', async () => {
		const refusal = { kind: 'answer_limit', limitNano: 5n, neededNano: 6n } as const;
		const asker = new ScriptedAsker(
			[text('Half', 1), { kind: 'paid', paidNano: 5n }, failed({ kind: 'unpaid', refusal })],
			[text(' of it', 2), { kind: 'paid', paidNano: 4n }, done(2, 'stop', 4n)]
		);
		const { conversation, store } = setUp(asker);
		await conversation.send('Go', on('tiny'), () => {});
		expect(asker.questions[0]).not.toHaveProperty('paid');
		await conversation.carryOn(6n);
		expect(asker.questions[1]).toMatchObject({ prefix: 'Half', paid: { limitNano: 6n } });
		const stored = await store.turns(conversation.chat?.id ?? '');
		expect(stored.at(-1)).toMatchObject({ text: 'Half of it', outcome: { kind: 'done' } });
	});

	it('drops the text of an answer that another contributor begins anew', async () => {
		const { conversation } = setUp(
			new ScriptedAsker([
				text('{"a', 3),
				{ kind: 'restarted', contributor: PEER },
				text('{}', 1),
				done(1)
			])
		);
		await conversation.send('JSON', on('tiny'), () => {});
		expect(lastAnswer(conversation).text).toBe('{}');
	});

	it('sends the turns before, without thoughts and without questions that got no answer', async () => {
		const asker = new ScriptedAsker(
			[text('<think>hm</think>\nYes', 4), done(4)],
			[failed({ kind: 'no_contributor' })],
			[text('Fine', 1), done(1)]
		);
		const { conversation } = setUp(asker);
		await conversation.changeSettings({ system: 'Be brief.', temperature: 0, maxTokens: 7 });
		await conversation.send('Really?', on('tiny'), () => {});
		await conversation.send('Unheard', on('tiny'), () => {});
		await conversation.send('And now?', on('tiny'), () => {});
		expect(asker.questions[2]).toEqual({
			model: 'tiny',
			messages: [
				{ role: 'system', content: 'Be brief.' },
				{ role: 'user', content: 'Really?' },
				{ role: 'assistant', content: 'Yes' },
				{ role: 'user', content: 'And now?' }
			],
			sampling: { max_tokens: 7, temperature: 0 }
		});
	});

	it('says that the coordinator is away when the code for asking cannot be loaded', async () => {
		const store = new MemoryChats();
		const conversation = new Conversation({
			store,
			saver: new TurnSaver(store),
			proofs: keeperOf(store),
			asker: () => Promise.reject(new TypeError('Failed to fetch')),
			contextTokens: () => undefined,
			newId: () => crypto.randomUUID()
		});
		await conversation.send('Hello?', on('tiny'), () => {});
		expect(lastAnswer(conversation).outcome).toEqual({
			kind: 'failed',
			failure: { kind: 'directory_unreachable' }
		});
	});

	it('leaves an answer behind when another chat is opened', async () => {
		const { conversation } = setUp(new ScriptedAsker([text('x', 1), 'wait for stop', done(1)]));
		const sending = conversation.send('First', on('tiny'), () => {});
		await until(() => conversation.progress?.turn.text === 'x');
		await conversation.open(null);
		await sending;
		expect(conversation.turns).toEqual([]);
		expect(conversation.isAnswering).toBe(false);
	});
});
