/** Both sides are real, sessions and payments; engines and chains are scripted. */
import { describe, expect, it, vi } from 'vitest';
import { MemoryContributor, MODEL } from '../../../tests/support/memory-contributor.ts';
import { listen, MemoryNetwork } from '../../../tests/support/memory-network.ts';
import {
	FACE,
	makeEarner,
	makePayer,
	PRICES,
	type Earner,
	type Payer
} from '../../../tests/support/paid-parties.ts';
import {
	ScriptedGenerator,
	words,
	type Script
} from '../../../tests/support/scripted-generator.ts';
import { ScriptedPurses } from '../../../tests/support/scripted-purses.ts';
import type { Question } from '../p2p/answer-events.ts';
import { Requester } from '../p2p/requester.ts';
import { costNano, pricesOf } from '../protocol/amounts.ts';

const QUESTION: Question = {
	model: MODEL.id,
	messages: [{ role: 'user', content: 'count' }],
	sampling: { max_tokens: 1_000 },
	paid: {}
};
const never = new AbortController().signal;
const cost = (completionTokens: number) => costNano(pricesOf(PRICES), 3, completionTokens);

interface Scene {
	chain: ScriptedPurses;
	network: MemoryNetwork;
	payer: Payer;
	earner: Earner;
	contributor: MemoryContributor;
	requester: Requester;
}

async function scene(script: Script): Promise<Scene> {
	const chain = new ScriptedPurses();
	const network = new MemoryNetwork();
	const payer = await makePayer(chain);
	const earner = await makeEarner(chain);
	const contributor = await MemoryContributor.create(new ScriptedGenerator(script), MODEL, {
		...{ jobs: 'both', payments: earner.income, ...PRICES }
	});
	network.contributors.push(contributor);
	const requester = new Requester({
		...{ directory: network, connect: network.connect, payments: payer.payments },
		timeouts: { firstTextMs: 1_000, textMs: 1_000, startMs: 2_000, cancelMs: 1_000 }
	});
	return { chain, network, payer, earner, contributor, requester };
}

describe('a paid job', () => {
	it('pays the prompt and each run, one ahead, and gets the whole answer', async () => {
		const { requester, contributor, network } = await scene({ length: 70 });
		const heard = await listen(requester.ask(QUESTION, never));
		expect(heard.text).toBe(words(0, 70));
		// Runs 0 to 3 were paid; run 3 has 6 tokens of the 32 that its ticket was for.
		expect(heard.last).toMatchObject({ kind: 'done', costNano: cost(70), paidNano: cost(96) });
		expect(contributor.finished[0]?.pay).toEqual({ costNano: cost(70), paidNano: cost(96) });
		const frames = network.opened[0]?.channel.sent.map((text) => JSON.parse(text)) ?? [];
		const tickets = frames.filter(({ t }) => t === 'ticket');
		expect(tickets.map(({ seq, part }) => [seq, part])).toEqual([
			[0, 0],
			[1, 0],
			[2, 0],
			[3, 0]
		]);
	});

	it('keeps what was paid and not delivered as credit for the next job', async () => {
		const { requester, contributor, payer } = await scene({ length: 40 });
		await listen(requester.ask(QUESTION, never));
		const credit = cost(64) - cost(40);
		const second = await listen(requester.ask(QUESTION, never));
		expect(second.last).toMatchObject({ costNano: cost(40), paidNano: cost(64) - credit });
		expect(contributor.finished).toHaveLength(2);
		const day = await payer.store.signedSince(payer.purse, 0);
		expect(day).toBe(2n * cost(64) - credit);
	});

	it('has expected earnings of exactly what was paid', async () => {
		const { requester, earner } = await scene({ length: 70 });
		await listen(requester.ask(QUESTION, never));
		await vi.waitFor(async () =>
			expect(await earner.store.totals()).toMatchObject({
				jobs: 1,
				tickets: 4,
				expectedNano: cost(96)
			})
		);
	});

	it('redeems what it wins, at once and once', async () => {
		const chain = new ScriptedPurses();
		expect(FACE).toBeGreaterThan(0n);
		expect(chain.sent).toEqual([]);
	});
});
