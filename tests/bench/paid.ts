/**
 * What paying costs in speed: the same prompts through the same two tabs, free and paid, in interleaved pairs;
 * the time that tickets take; and whether a job on an open purse waits for the chain.
 */
import type { Page } from 'playwright';
import { accountOf } from '../../src/lib/chain/account.ts';
import { accountOfAddress } from '../../src/lib/chain/contracts/addresses.ts';
import { Purse } from '../../src/lib/chain/contracts/purse.ts';
import { askFaucet } from '../../src/lib/chain/coordinator-chain.ts';
import { RESERVE_NANO } from '../../src/lib/chain/purse/purse-terms.ts';
import { eventually, TestWallet } from '../../src/lib/chain/testing/test-wallet.ts';
import { openTonClient } from '../../src/lib/chain/ton-client.ts';
import { fromBase64Url } from '../../src/lib/protocol/bytes.ts';
import { TINY_MODEL_ID } from '../model/make-tiny-gguf.ts';
import { SessionSite } from '../session/session-site.ts';
import { median, spread } from './statistics.ts';

const PAIRS = 15;
const TOKENS = 256;
const ROUNDS = 1_000;
/** At which the aim for signing and verifying is set. */
const TICKETS_PER_SECOND = 30 / 32;
const DEPOSIT_NANO = 3_000_000_000n;
/** Cocoon's prices, and the usual face value. */
const EARNING = {
	...{ payout: accountOf(new Uint8Array(32).fill(7)), faceValue: '20000000' },
	...{ promptPrice: '20000000', completionPrice: '160000000' }
};

/** A purse of the requester's tab, opened by a wallet that lives here. */
async function openPurse(coordinator: URL, requester: Page): Promise<void> {
	const client = await openTonClient(coordinator);
	const wallet = new TestWallet(client, 5);
	await askFaucet(coordinator, wallet.address.toRawString());
	await eventually(async () => (await wallet.balance()) > DEPOSIT_NANO, 'coins of the faucet');
	const owner = accountOfAddress(wallet.address);
	const made = await requester.evaluate((raw) => window.session.makePurse(raw), owner);
	const sessionKey = fromBase64Url(made.publicKey);
	if (!sessionKey) throw new TypeError('publicKey: expected base64url');
	const config = { owner: wallet.address, number: made.number, reserveNano: RESERVE_NANO };
	const { address, init } = Purse.createFromConfig({ ...config, sessionKey });
	if (!init?.code || !init.data) throw new Error('purse: expected code and data');
	const deployed = { code: init.code, data: init.data };
	await wallet.send({ to: address, value: DEPOSIT_NANO, seqno: 0, init: deployed });
	await eventually(async () => await client.isContractDeployed(address), 'the purse');
	await requester.evaluate(() => window.session.startPaying());
}

/** How often a tab asks the chain while `work` is done. */
async function chainCalls<T>(page: Page, work: () => Promise<T>): Promise<[T, number]> {
	let calls = 0;
	const count = (request: { url(): string }) => {
		if (request.url().includes('/api/chain')) calls += 1;
	};
	page.on('request', count);
	const result = await work();
	page.off('request', count);
	return [result, calls];
}

export async function run(): Promise<Record<string, number>> {
	const site = await SessionSite.open();
	try {
		const [contributor, requester] = [await site.newPage(), await site.newPage()];
		await openPurse(new URL(site.coordinator.url), requester);
		await contributor.evaluate(([id, terms]) => window.session.contributeModel(id, terms), [
			TINY_MODEL_ID,
			EARNING
		] as const);
		const ask = (prompt: string, isPaid: boolean) =>
			requester.evaluate(([id, text, n, paid]) => window.session.ask(id, text, n, paid), [
				...([TINY_MODEL_ID, prompt, TOKENS, isPaid] as const)
			] as const);
		await ask('warm up, please', false);
		await ask('warm up once more', true);
		const pairs = [];
		let requesterCalls = 0;
		for (let i = 0; i < PAIRS; i++) {
			// Other words of the same length each time, or the engine's cache would have them.
			const prompt = (side: string) => `${side}${i} ${'what is a mulberry tree? '.repeat(3)}`;
			const askPaid = async () => {
				const [timed, calls] = await chainCalls(requester, () => ask(prompt('p'), true));
				requesterCalls += calls;
				return timed;
			};
			const before = i % 2 === 0 ? null : await askPaid();
			const free = await ask(prompt('f'), false);
			pairs.push({ free, paid: before ?? (await askPaid()) });
		}
		const rate = (timed: { tokens: number; streamMs: number }) =>
			((timed.tokens - 1) / timed.streamMs) * 1000;
		const ratios = pairs.map(({ free, paid }) => rate(paid) / rate(free));
		const ttftFree = pairs.map(({ free }) => free.ttftMs);
		const ttftPaid = pairs.map(({ paid }) => paid.ttftMs);
		const { signMs, verifyMs } = await requester.evaluate(
			(rounds) => window.session.timeTickets(rounds),
			ROUNDS
		);
		const { tickets } = await contributor.evaluate(() => window.session.earnings());
		const cpuShare = ((signMs + verifyMs) / 1000) * TICKETS_PER_SECOND;
		console.log(`free, tokens/s           ${spread(pairs.map(({ free }) => rate(free)))}`);
		console.log(`paid, tokens/s           ${spread(pairs.map(({ paid }) => rate(paid)))}`);
		console.log(`throughput ratio         ${spread(ratios, 3)}`);
		console.log(`first token free, ms     ${spread(ttftFree)}`);
		console.log(`first token paid, ms     ${spread(ttftPaid)}`);
		console.log(`tickets taken            ${tickets}`);
		console.log(`sign, verify, ms         ${signMs.toFixed(3)}, ${verifyMs.toFixed(3)}`);
		console.log(`share of a core          ${(cpuShare * 100).toFixed(3)} %`);
		console.log(`chain calls to pay       ${requesterCalls}`);
		return {
			ratio: median(ratios),
			cpuShare,
			signMs,
			verifyMs,
			requesterChainCalls: requesterCalls,
			ttftFreeMs: median(ttftFree),
			ttftPaidMs: median(ttftPaid)
		};
	} finally {
		await site.close();
	}
}
