/** A contributor that is paid, as a page joins it: the real client, store, redeemer and outbox. */
import { fetchChainInfo } from '../../src/lib/chain/coordinator-chain.ts';
import { coordinatorOutbox } from '../../src/lib/chain/coordinator-outbox.ts';
import { openPurses } from '../../src/lib/chain/open-purses.ts';
import { Redeemer } from '../../src/lib/chain/redeemer.ts';
import { TicketIncome } from '../../src/lib/chain/ticket-income.ts';
import type { PaidJobs } from '../../src/lib/p2p/contributor-terms.ts';
import { EarningsStore } from '../../src/lib/store/earnings.ts';
import { loadLastingSecret } from '../../src/lib/store/payment-keys.ts';

export interface EarningTerms {
	/** The account, raw. */
	payout: string;
	/** Nano, as text. */
	faceValue: string;
	promptPrice: string;
	completionPrice: string;
}

export interface Earnings {
	winners: number;
	tickets: number;
	expectedNano: bigint;
	drawnNano: bigint;
	paidOutNano: bigint;
	feeNano: bigint;
	/** Winners that are still on their way. */
	pending: number;
}

let running: { store: EarningsStore; redeemer: Redeemer } | null = null;

export async function startEarning(
	coordinator: URL,
	{ payout, faceValue, promptPrice, completionPrice }: EarningTerms
): Promise<PaidJobs> {
	const [info, port, store, lastingSecret] = await Promise.all([
		fetchChainInfo(coordinator),
		openPurses(coordinator),
		EarningsStore.open(),
		loadLastingSecret()
	]);
	const offsetMs = info.now - Date.now();
	const nowMs = () => Date.now() + offsetMs;
	const outbox = coordinatorOutbox(coordinator);
	const redeemer = new Redeemer({ port, outbox, store, nowMs });
	running = { store, redeemer };
	const terms = { network: info.globalId, payout, faceValues: [faceValue] };
	const payments = new TicketIncome({
		terms,
		port,
		store,
		winners: redeemer,
		lastingSecret,
		nowMs
	});
	return { jobs: 'both', promptPrice, completionPrice, payments };
}

export async function earnings(): Promise<Earnings> {
	if (!running) throw new Error('nothing is earned here');
	const { winners, tickets, ...sums } = await running.store.totals();
	const { expectedNano, drawnNano, paidOutNano, feeNano } = sums;
	const pending = running.redeemer.pending.length;
	return { winners, tickets, expectedNano, drawnNano, paidOutNano, feeNano, pending };
}
