/** A requester that pays from a purse whose owner is elsewhere: the real client, key, store and payments. */
import { parseAccount, type Account } from '../../src/lib/chain/account.ts';
import { fetchChainInfo } from '../../src/lib/chain/coordinator-chain.ts';
import {
	commitTo,
	createLastingSecret,
	isWinning,
	ticketSecret
} from '../../src/lib/chain/draw.ts';
import { openPurses } from '../../src/lib/chain/open-purses.ts';
import { PursePayments, type PurseView } from '../../src/lib/chain/purse-payments.ts';
import { signerLock } from '../../src/lib/chain/signer-lock.ts';
import {
	makeTicket,
	signTicket,
	ticketExpiry,
	ticketFromWire,
	ticketToWire
} from '../../src/lib/chain/ticket.ts';
import { randomBytes, toBase64Url } from '../../src/lib/protocol/bytes.ts';
import { newJobId } from '../../src/lib/protocol/ids.ts';
import { createIdentity } from '../../src/lib/protocol/keys.ts';
import type { PurseRecord } from '../../src/lib/store/purse-records.ts';
import { SpendingStore } from '../../src/lib/store/spending.ts';

let purse: PurseRecord | null = null;

/** @param owner raw @returns what makes the purse's address */
export async function makePurse(owner: string): Promise<{ number: number; publicKey: string }> {
	const account = parseAccount(owner);
	if (!account) throw new TypeError(`owner: expected an account, found ${owner}`);
	const { provideBuffer } = await import('../../src/lib/chain/buffer.ts');
	await provideBuffer();
	const { newPurse } = await import('../../src/lib/chain/purse/new-purse.ts');
	purse = await newPurse(account, 'devnet', 1, Date.now());
	return { number: purse.number, publicKey: toBase64Url(purse.publicKey) };
}

/** Pays from the purse that was made here, once its owner has opened it. */
export async function startPaying(coordinator: URL): Promise<PursePayments> {
	const account = parseAccount(purse?.address);
	if (!purse || !account) throw new Error('there is no purse here');
	const info = await fetchChainInfo(coordinator);
	const offsetMs = info.now - Date.now();
	const view = await viewOf(coordinator, account, info.globalId);
	const plenty = 10n ** 12n;
	return new PursePayments({
		view: () => view,
		session: { publicKey: purse.publicKey, privateKey: purse.keys.privateKey },
		budgets: () => ({ answerNano: plenty, dayNano: plenty }),
		store: await SpendingStore.open(),
		lock: signerLock(account),
		nowMs: () => Date.now() + offsetMs
	});
}

async function viewOf(coordinator: URL, account: Account, network: number): Promise<PurseView> {
	const looked = await (await openPurses(coordinator)).look(account);
	if (!looked.ok) throw new Error(looked.reason);
	const { freeNano, reserveNano, unlockAt } = looked.look;
	const found = { network, purse: account, freeNano, reserveNano, unlockAt };
	return { ...found, readAtMs: Date.now(), streams: 0 };
}

/** Milliseconds that one ticket takes each side: made and signed, and committed to, checked and drawn. */
export async function timeTickets(rounds: number): Promise<{ signMs: number; verifyMs: number }> {
	const [session, lasting] = [await createIdentity(), await createLastingSecret()];
	const expires = ticketExpiry(Date.now());
	const account = () => parseAccount(`0:${'5'.repeat(64)}`) as Account;
	const terms = {
		network: -217,
		purse: account(),
		payee: account(),
		faceValueNano: 20_000_000n,
		expires
	};
	const sums = { signMs: 0, verifyMs: 0 };
	const transcript = randomBytes(32);
	const job = newJobId();
	for (let seq = 0; seq < rounds; seq++) {
		const place = { transcript, job, seq, part: 0 };
		let at = performance.now();
		const secret = await ticketSecret(lasting, place);
		const commit = await commitTo(secret);
		sums.verifyMs += performance.now() - at;
		const due = { priceNano: 5_120n, commit, receipt: randomBytes(32) };
		at = performance.now();
		const wire = ticketToWire(await signTicket(session.privateKey, makeTicket(terms, due)));
		sums.signMs += performance.now() - at;
		at = performance.now();
		const taken = await ticketFromWire(session.publicKey, terms, due, wire);
		if (!taken) throw new Error('the ticket was not taken');
		await isWinning(await ticketSecret(lasting, place), taken.id, taken.ticket.odds);
		sums.verifyMs += performance.now() - at;
	}
	return { signMs: sums.signMs / rounds, verifyMs: sums.verifyMs / rounds };
}
