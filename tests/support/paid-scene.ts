/** A requester that pays and a contributor that earns, over a network in memory. */
import type { Question } from '../../src/lib/p2p/answer-events.ts';
import type { ContributorTerms } from '../../src/lib/p2p/contributor-terms.ts';
import { Requester } from '../../src/lib/p2p/requester.ts';
import { costNano, pricesOf } from '../../src/lib/protocol/amounts.ts';
import { parseFrame, type FrameOf, type Tag } from '../../src/lib/protocol/frames.ts';
import { MemoryContributor, MODEL } from './memory-contributor.ts';
import { MemoryNetwork } from './memory-network.ts';
import { makeEarner, makePayer, PRICES, type Earner, type Payer } from './paid-parties.ts';
import { ScriptedGenerator, type Script } from './scripted-generator.ts';
import { ScriptedPurses } from './scripted-purses.ts';

/** The scripted engine counts three prompt tokens for everything. */
export const PROMPT_TOKENS = 3;
export const costOf = (completionTokens: number, prices = PRICES): bigint =>
	costNano(pricesOf(prices), PROMPT_TOKENS, completionTokens);

export const FREE_QUESTION: Question = {
	model: MODEL.id,
	messages: [{ role: 'user', content: 'count' }],
	sampling: { max_tokens: 1_000 }
};
export const PAID_QUESTION: Question = { ...FREE_QUESTION, paid: {} };

export interface PaidScene {
	chain: ScriptedPurses;
	network: MemoryNetwork;
	payer: Payer;
	earner: Earner;
	contributor: MemoryContributor;
	requester: Requester;
}

export async function paidScene(script: Script, prices = PRICES): Promise<PaidScene> {
	const chain = new ScriptedPurses();
	const network = new MemoryNetwork();
	const payer = await makePayer(chain);
	const earner = await makeEarner(chain);
	const contributor = await addContributor(network, earner, script, 'both', prices);
	const requester = new Requester({
		...{ directory: network, connect: network.connect, payments: payer.payments },
		timeouts: { firstTextMs: 10_000, textMs: 10_000, startMs: 10_000, cancelMs: 5_000 }
	});
	return { chain, network, payer, earner, contributor, requester };
}

/** @param earner `null` for one that serves free jobs alone */
export async function addContributor(
	network: MemoryNetwork,
	earner: Earner | null,
	script: Script,
	jobs: 'paid' | 'both' = 'both',
	prices = PRICES
): Promise<MemoryContributor> {
	const terms: ContributorTerms = earner
		? { jobs, payments: earner.income, ...prices }
		: { jobs: 'free' };
	const contributor = await MemoryContributor.create(new ScriptedGenerator(script), MODEL, terms);
	network.contributors.push(contributor);
	return contributor;
}

/** What requesters sent, over all connections. */
export function framesOf<T extends Tag>(network: MemoryNetwork, tag: T): FrameOf<T>[] {
	return network.opened
		.flatMap(({ channel }) => channel.sent)
		.flatMap((text) => {
			const parsed = parseFrame(text);
			return parsed.kind === 'frame' && parsed.frame.t === tag ? [parsed.frame as FrameOf<T>] : [];
		});
}
