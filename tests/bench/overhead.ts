/**
 * What the network adds to the engine: the same prompts to the engine alone in its worker and
 * through two tabs, in interleaved pairs on one machine.
 */
import { TINY_MODEL_ID } from '../model/make-tiny-gguf.ts';
import { SessionSite } from '../session/session-site.ts';
import { median, spread } from './statistics.ts';

const PAIRS = 7;
const TOKENS = 256;
const CONNECTS = 11;

export async function run(): Promise<Record<string, number>> {
	const site = await SessionSite.open();
	try {
		const contributor = await site.newPage();
		const requester = await site.newPage();
		await contributor.evaluate((id) => window.session.contributeModel(id), TINY_MODEL_ID);
		const local = (prompt: string) =>
			contributor.evaluate(([text, n]) => window.session.generate(text, n), [
				prompt,
				TOKENS
			] as const);
		const network = (prompt: string, tokens = TOKENS) =>
			requester.evaluate(([id, text, n]) => window.session.ask(id, text, n), [
				TINY_MODEL_ID,
				prompt,
				tokens
			] as const);
		await local('warm up, please');
		await network('warm up, please');
		const pairs = [];
		for (let i = 0; i < PAIRS; i++) {
			// Other words of the same length each time, or the engine's cache would have them.
			const prompt = (side: string) => `${side}${i} ${'what is a mulberry tree? '.repeat(3)}`;
			const order = i % 2 === 0;
			const before = order ? null : await network(prompt('n'));
			const alone = await local(prompt('l'));
			pairs.push({ alone, together: before ?? (await network(prompt('n'))) });
		}
		const rate = (timed: { tokens: number; streamMs: number }) =>
			((timed.tokens - 1) / timed.streamMs) * 1000;
		const ratios = pairs.map(({ alone, together }) => rate(together) / rate(alone));
		const connects = [];
		for (let i = 0; i < CONNECTS; i++) {
			await requester.evaluate(() => window.session.disconnect());
			connects.push((await network(`connect ${i}`, 1)).connectMs);
		}
		const ttftLocal = pairs.map(({ alone }) => alone.ttftMs);
		const ttftNetwork = pairs.map(({ together }) => together.ttftMs);
		console.log(`engine alone, tokens/s   ${spread(pairs.map(({ alone }) => rate(alone)))}`);
		console.log(`two tabs, tokens/s       ${spread(pairs.map(({ together }) => rate(together)))}`);
		console.log(`throughput ratio         ${spread(ratios, 3)}`);
		console.log(`first token alone, ms    ${spread(ttftLocal)}`);
		console.log(`first token, network, ms ${spread(ttftNetwork)}`);
		console.log(`connect to accepted, ms  ${spread(connects)}`);
		return {
			ratio: median(ratios),
			ttftLocalMs: median(ttftLocal),
			ttftNetworkMs: median(ttftNetwork),
			connectP50Ms: median(connects)
		};
	} finally {
		await site.close();
	}
}
