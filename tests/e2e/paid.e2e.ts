/** From a deposit to coins in the payee's account, on the real pages. Only the engine and its tab are scripted. */
import { Address } from '@ton/core';
import type { Page } from 'playwright/test';
import { accountOf } from '../../src/lib/chain/account.ts';
import { openTonClient } from '../../src/lib/chain/ton-client.ts';
import { randomBytes } from '../../src/lib/protocol/bytes.ts';
import { CoordinatorProcess } from '../support/coordinator-process.ts';
import { MODEL } from '../support/memory-contributor.ts';
import { words } from '../support/scripted-generator.ts';
import type { EarningTerms } from '../session/earning.ts';
import { answerText, ask, expect, lastAnswer, test as base, untilServed } from './fixtures.ts';
import {
	COIN,
	confirm,
	connect,
	deposit,
	getCoins,
	openPanel,
	panel,
	purseFree,
	travel,
	walletBalance
} from './wallet-steps.ts';

/** Small enough that many tickets fit a deposit, large enough that redeeming is worth it. */
const FACE_NANO = 5_000_000n;
/** The most that one ticket may cost; every twentieth wins. */
const TICKET_NANO = FACE_NANO / 20n;
/** None of so many wins once in 28,000 runs of this test. */
const PROMPT_TICKETS = 200n;
/** The scripted engine counts three prompt tokens for everything. */
const PROMPT_PRICE = (PROMPT_TICKETS * TICKET_NANO * 1_000_000n) / 3n;
const COMPLETION_PRICE = 160_000_000n;
const LENGTH = 70;

/** A coordinator whose chain is quick and whose time can be moved. */
const test = base.extend<object, { coordinator: CoordinatorProcess }>({
	coordinator: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
		async ({}, use) => {
			const coordinator = await CoordinatorProcess.start({
				...{ DEVNET_BLOCK_MS: '500', DEVNET_TIME_TRAVEL: '1' }
			});
			await use(coordinator);
			await coordinator.stop();
		},
		{ scope: 'worker' }
	]
});

const newTerms = (): EarningTerms => ({
	payout: accountOf(randomBytes(32)),
	faceValue: String(FACE_NANO),
	promptPrice: String(PROMPT_PRICE),
	completionPrice: String(COMPLETION_PRICE)
});

async function openPurse(page: Page): Promise<void> {
	await openPanel(page);
	await connect(page);
	await getCoins(page);
	await panel(page).getByText('Free and paid.').click();
	await deposit(page, '1');
	await confirm(page);
	await expect(purseFree(page)).toHaveText(/^0\.917\d devnet TON$/);
	await closePanel(page);
}

const closePanel = (page: Page) =>
	panel(page).getByRole('button', { name: 'Close', exact: true }).click();

/** What the payee received, in messages, and what the chain took of it for keeping the account. */
async function received(coordinator: CoordinatorProcess, payee: string) {
	const client = await openTonClient(new URL(coordinator.url));
	const address = Address.parse(payee);
	const transactions = await client.getTransactions(address, { limit: 100 });
	const values = transactions.map(({ inMessage }) =>
		inMessage?.info.type === 'internal' ? inMessage.info.value.coins : 0n
	);
	const sum = (nanos: bigint[]) => nanos.reduce((total, nano) => total + nano, 0n);
	return {
		count: transactions.length,
		inNano: sum(values),
		keptNano: sum(transactions.map(({ totalFees }) => totalFees.coins)),
		balanceNano: await client.getBalance(address)
	};
}

test('deposit, chat, win, pay out, withdraw, close', async ({ open, sessions, coordinator }) => {
	test.setTimeout(150_000);
	const terms = newTerms();
	const contributor = await sessions.newPage();
	await contributor.evaluate(
		([length, given]) => window.session.contributePaid({ length }, given),
		[LENGTH, terms] as const
	);
	const page = await open('/chat');
	await untilServed(page, coordinator);
	await openPurse(page);

	// The prompt alone is dearer than the usual limit of an answer: nothing is paid before somebody allows it.
	await ask(page, MODEL.id, 'count');
	await expect(lastAnswer(page)).toContainText(
		`Payment stopped at your limit of 0.01 ${COIN} for this answer.`
	);
	expect(await contributor.evaluate(() => window.session.earnings())).toMatchObject({ tickets: 0 });
	await lastAnswer(page)
		.getByRole('button', { name: /^Go on for up to 0\.1\d* devnet TON more$/ })
		.click();
	await expect(answerText(page)).toHaveText(words(0, LENGTH).trim(), { timeout: 40_000 });
	await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'false');

	// 200 tickets of the prompt, and one for each of the four runs that were asked for.
	const earned = await contributor.evaluate(() => window.session.earnings());
	expect(earned.tickets).toBe(Number(PROMPT_TICKETS) + 4);
	expect(earned.expectedNano).toBeGreaterThanOrEqual(PROMPT_TICKETS * TICKET_NANO);
	const figures = lastAnswer(page).getByRole('list', { name: 'About this answer' });
	await expect(figures).toContainText(`cost 0.05 ${COIN}`);

	// The winners arrive in the payee's account by themselves.
	await expect
		.poll(() => contributor.evaluate(() => window.session.earnings()), { timeout: 60_000 })
		.toMatchObject({ pending: 0 });
	const settled = await contributor.evaluate(() => window.session.earnings());
	expect(settled.winners).toBeGreaterThan(0);
	expect(settled.drawnNano).toBe(BigInt(settled.winners) * FACE_NANO);
	expect(settled.paidOutNano).toBe(settled.drawnNano - settled.feeNano);
	expect(settled.feeNano).toBeGreaterThan(0n);
	const payee = await received(coordinator, terms.payout);
	expect(payee.count).toBe(settled.winners);
	expect(payee.inNano).toBe(settled.paidOutNano);
	expect(payee.balanceNano).toBe(settled.paidOutNano - payee.keptNano);

	// The head of the chat follows, and the cost stays with the chat.
	await expect(page.getByRole('button', { name: /^Purse: 0\.(8|7)/ })).toBeVisible();
	await page.reload();
	await expect(figures).toContainText(`cost 0.05 ${COIN}`);

	await takeEverythingOut(page, coordinator);
});

async function takeEverythingOut(page: Page, coordinator: CoordinatorProcess): Promise<void> {
	await openPanel(page);
	await expect(walletBalance(page)).toBeVisible();
	await panel(page).getByText('Take money out').click();
	await panel(page).getByRole('button', { name: 'Withdraw all that is free' }).click();
	await confirm(page);
	await expect(purseFree(page)).toHaveText(`0 ${COIN}`);
	await panel(page).getByRole('button', { name: 'Unlock the reserve' }).click();
	await confirm(page);
	await expect(panel(page).getByText('The reserve is being unlocked')).toBeVisible();
	// Tickets that were paid may still be shown again for two days.
	await travel(coordinator, 3_605);
	await closePanel(page);
	await openPanel(page);
	const close = panel(page).getByRole('button', { name: 'Close the purse' });
	await expect(close).toBeDisabled();
	await travel(coordinator, 2 * 86_400);
	await closePanel(page);
	await openPanel(page);
	await expect(close).toBeEnabled();
	await close.click();
	await confirm(page);
	await expect(panel(page).getByText('You have no purse in this browser.')).toBeVisible();
}
