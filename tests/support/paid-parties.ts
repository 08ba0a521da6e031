/** The two real sides of payments, on a chain of the test's own. */
import 'fake-indexeddb/auto';
import { accountOf, parseAccount, type Account } from '../../src/lib/chain/account.ts';
import { createLastingSecret } from '../../src/lib/chain/draw.ts';
import type { OutboxPort, PursePort } from '../../src/lib/chain/purse-port.ts';
import {
	PursePayments,
	type PursePaymentsOptions,
	type PurseView
} from '../../src/lib/chain/purse-payments.ts';
import { Redeemer, type RedeemerOptions } from '../../src/lib/chain/redeemer.ts';
import { pageLock } from '../../src/lib/chain/signer-lock.ts';
import { ticketExpiry, ticketId } from '../../src/lib/chain/ticket.ts';
import { TicketIncome, type TicketIncomeOptions } from '../../src/lib/chain/ticket-income.ts';
import { randomBytes, toHex } from '../../src/lib/protocol/bytes.ts';
import { createIdentity, type Identity } from '../../src/lib/protocol/keys.ts';
import type { StoredWinner } from '../../src/lib/store/earning-records.ts';
import { EarningsStore } from '../../src/lib/store/earnings.ts';
import { SpendingStore } from '../../src/lib/store/spending.ts';
import type { ScriptedPurses } from './scripted-purses.ts';

export const NETWORK = -217;
export const FACE = 20_000_000n;
/** Cocoon's prices: 20 nano a prompt token, 160 a completion token. */
export const PRICES = { promptPrice: '20000000', completionPrice: '160000000' };
export const PAYEE = accountOf(new Uint8Array(32).fill(7));

const freshName = (what: string) => `${what}-${toHex(randomBytes(8))}`;

export interface Payer {
	session: Identity;
	purse: Account;
	view: PurseView;
	budgets: { answerNano: bigint; dayNano: bigint };
	store: SpendingStore;
	payments: PursePayments;
}

/** A requester's purse with plenty in it; `chain` learns of it where it is given. */
export async function makePayer(
	chain?: ScriptedPurses,
	changes: Partial<PursePaymentsOptions> = {}
): Promise<Payer> {
	const session = await createIdentity();
	const view: PurseView = {
		network: NETWORK,
		purse: accountOf(randomBytes(32)),
		freeNano: 10_000_000_000n,
		reserveNano: 80_000_000n,
		unlockAt: 0,
		readAtMs: Date.now(),
		streams: 0
	};
	const store = await SpendingStore.open(freshName('spending'));
	const budgets = { answerNano: 1_000_000_000n, dayNano: 10_000_000_000n };
	const { purse, freeNano, reserveNano, unlockAt } = view;
	const look = { sessionKey: session.publicKey, freeNano, reserveNano, unlockAt };
	chain?.purses.set(purse, { ok: true, look });
	const payments = new PursePayments({
		...{ view: () => view, session, store, lock: pageLock() },
		budgets: () => budgets,
		nowMs: () => Date.now(),
		...changes
	});
	return { session, purse, view, budgets, store, payments };
}

export interface Earner {
	store: EarningsStore;
	redeemer: Redeemer;
	income: TicketIncome;
	/** What the coordinator's outbox was given: tickets by id. */
	posted: string[];
}

export async function makeEarner(
	port: PursePort,
	changes: Partial<TicketIncomeOptions> = {},
	redeeming: Partial<RedeemerOptions> = {}
): Promise<Earner> {
	const store = await EarningsStore.open(freshName('earnings'));
	const posted: string[] = [];
	const outbox: OutboxPort = { post: async ({ ticket }) => void posted.push(ticket) };
	const nowMs = () => Date.now();
	const pauses = { firstMs: 20, maxMs: 100, finalMs: 30, overdueMs: 60_000 };
	const redeemer = new Redeemer({ port, outbox, store, nowMs, pauses, ...redeeming });
	const income = new TicketIncome({
		terms: { network: NETWORK, payout: PAYEE, faceValues: [String(FACE)] },
		...{ port, store, nowMs, winners: redeemer },
		lastingSecret: await createLastingSecret(),
		...changes
	});
	return { store, redeemer, income, posted };
}

/** A winner of nobody's job, not stored anywhere. */
export async function makeWinner(changes: Partial<StoredWinner> = {}): Promise<StoredWinner> {
	const bytes = () => randomBytes(32);
	const purse = parseAccount(changes.purse) ?? accountOf(bytes());
	const ticket = {
		...{ network: NETWORK, purse, payee: PAYEE, faceValueNano: FACE, odds: 5n },
		...{ expires: ticketExpiry(Date.now()), commit: bytes(), salt: bytes(), receipt: bytes() }
	};
	return {
		...{ id: toHex(await ticketId(ticket)), job: 'job', wonAt: Date.now() },
		...ticket,
		...{ secret: bytes(), signature: randomBytes(64) },
		...{ state: 'open', attempts: 0, nextAt: 0, error: null },
		...{ seenAt: null, isInOutbox: false, payout: null },
		...changes
	};
}
