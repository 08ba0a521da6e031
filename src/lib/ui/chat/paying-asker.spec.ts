/** The requester, the contributors and the payments are the real ones; engines and the chain are scripted. */
import { describe, expect, it } from 'vitest';
import { listen } from '../../../../tests/support/memory-network.ts';
import {
	addContributor,
	costOf,
	framesOf,
	FREE_QUESTION,
	paidScene
} from '../../../../tests/support/paid-scene.ts';
import { words } from '../../../../tests/support/scripted-generator.ts';
import type { AnswerEvent, Question } from '../../p2p/answer-events.ts';
import { PayingAsker, type PayingAskerParts } from './paying-asker.ts';

const never = new AbortController().signal;

async function setUp(changes: Partial<PayingAskerParts> = {}) {
	const scene = await paidScene({ length: 70 });
	const { requester, payer } = scene;
	let paying = 0;
	const asker = new PayingAsker({
		requester,
		beginPaying: async () => {
			paying += 1;
			return { payments: payer.payments, end: () => void (paying -= 1) };
		},
		terms: () => ({}),
		...changes
	});
	const ask = (question: Question = FREE_QUESTION) =>
		listen(asker.ask(question, never) as AsyncGenerator<AnswerEvent>);
	return { ...scene, asker, ask, paying: () => paying };
}

describe('a chat that pays', () => {
	it('pays whoever wants to be paid, and no longer than the answer takes', async () => {
		const { ask, network, paying } = await setUp();
		const heard = await ask();
		expect(heard).toMatchObject({ text: words(0, 70), last: { paidNano: costOf(128) } });
		expect(framesOf(network, 'ticket')).toHaveLength(5);
		expect(paying()).toBe(0);
	});

	it('pays nobody where the person pays for nothing, or has no purse', async () => {
		const { ask, network } = await setUp({ beginPaying: async () => null });
		const heard = await ask({ ...FREE_QUESTION, paid: { limitNano: 5n } });
		expect(heard).toMatchObject({ text: words(0, 70), last: { kind: 'done', paidNano: 0n } });
		expect(framesOf(network, 'ticket')).toEqual([]);
	});

	it('asks for free where nobody wants to be paid', async () => {
		const { ask, network, paying } = await setUp();
		network.contributors.splice(0);
		await addContributor(network, null, { length: 5 });
		expect(await ask()).toMatchObject({ text: words(0, 5), last: { kind: 'done', paidNano: 0n } });
		expect(paying()).toBe(0);
	});

	it('passes over contributors that want much more than was shown', async () => {
		const ceiling = { promptNano: 1n, completionNano: 1n };
		const { ask, network } = await setUp({ terms: () => ({ ceiling }) });
		network.contributors.splice(0, 1, await addContributor(network, null, { length: 5 }));
		expect(await ask()).toMatchObject({ text: words(0, 5), last: { paidNano: 0n } });
	});

	it('says what stopped it and what was paid, and goes on within another limit', async () => {
		const { ask, payer, paying } = await setUp();
		payer.budgets.answerNano = costOf(64);
		const heard = await ask();
		expect(heard.text).toBe(words(0, 64));
		expect(heard.last).toMatchObject({
			kind: 'failed',
			failure: { kind: 'unpaid', refusal: { kind: 'answer_limit', limitNano: costOf(64) } },
			paidNano: costOf(64)
		});
		expect(paying()).toBe(0);
		const more = { prefix: heard.text, paid: { limitNano: costOf(128) } };
		const rest = await ask({ ...FREE_QUESTION, ...more });
		expect(heard.text + rest.text).toBe(words(0, 70));
	});

	it('ends paying also when the page stops listening', async () => {
		const { asker, paying } = await setUp();
		for await (const event of asker.ask(FREE_QUESTION, never)) if (event.kind === 'text') break;
		expect(paying()).toBe(0);
	});
});
