import { Address } from '@ton/core';
import type { TonClient } from '@ton/ton';
import type { OperationRecord, PurseRecord, PurseStore } from '../../store/purse-records.ts';
import type { Account } from '../account.ts';
import type { ChainInfo } from '../coordinator-chain.ts';
import { configOf, newPurse } from './new-purse.ts';
import { pursesOf } from './owner-purses.ts';
import { Poller, type Visibility } from './poller.ts';
import {
	PurseOperations,
	type AskOutcome,
	type Order,
	type OwnerWallet
} from './purse-operations.ts';
import { readPurse, type PurseReading } from './purse-reading.ts';

const IDLE_POLL_MS = 15_000;
/** While answers are paid from it. */
const PAYING_POLL_MS = 5_000;
/** What a purse pays back arrives a little after it has paid. */
const BLOCKS_AFTERWARDS = 4;

/** A purse that this browser does not pay from, of the connected wallet. */
export interface OtherPurse {
	account: Account;
	reading: Extract<PurseReading, { kind: 'open' }>;
}

export interface PurseSnapshot {
	/** The purse that this browser pays from. */
	purse: PurseRecord | null;
	/** `null` until the chain was asked. */
	reading: PurseReading | null;
	/** When it was asked for that reading: Unix milliseconds by this device's clock. */
	readAt: number;
	wallet: { account: Account; balanceNano: bigint | null } | null;
	operations: readonly OperationRecord[];
	others: readonly OtherPurse[];
	/** The chain could not be asked the last time: figures are older. */
	isStale: boolean;
}

export interface PurseKeeperParts {
	client: TonClient;
	info: Pick<ChainInfo, 'network' | 'blockMs'>;
	store: PurseStore;
	visibility: Visibility;
	now?: () => number;
}

/**
 * The life of this browser's purse: opened, topped up, emptied, unlocked, closed. What it says of money is
 * read from the chain alone, so that a page may be reloaded at any moment.
 */
export class PurseKeeper {
	readonly #parts: PurseKeeperParts;
	readonly #now: () => number;
	readonly #poller: Poller;
	readonly #operations: PurseOperations;
	readonly #listeners = new Set<(snapshot: PurseSnapshot) => void>();
	#snapshot: PurseSnapshot = {
		...{ purse: null, reading: null, readAt: 0, wallet: null },
		...{ operations: [], others: [], isStale: false }
	};
	#wallet: OwnerWallet | null = null;
	#endedMs = -Infinity;
	#payers = 0;

	constructor(parts: PurseKeeperParts) {
		this.#parts = parts;
		this.#now = parts.now ?? Date.now;
		this.#operations = new PurseOperations({
			...{ client: parts.client, info: parts.info, store: parts.store, now: this.#now },
			onChange: () => this.#showOperations(),
			onEnded: (operation) => this.#settle(operation)
		});
		this.#poller = new Poller({
			look: () => this.#look(),
			intervalMs: () => this.#intervalMs(),
			visibility: parts.visibility
		});
	}

	get snapshot(): PurseSnapshot {
		return this.#snapshot;
	}

	/** @returns what stops listening */
	onChange(listener: (snapshot: PurseSnapshot) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Looks now and then until what it returns is called. */
	start(): () => void {
		return this.#poller.start();
	}

	/** Looks now. Does not reject: see `isStale`. */
	refresh(): Promise<void> {
		return this.#poller.now();
	}

	/** An answer is paid from the purse until what it returns is called. */
	payingBegins(): () => void {
		this.#payers += 1;
		void this.refresh();
		let isOver = false;
		return () => {
			if (!isOver) this.#payers -= 1;
			isOver = true;
		};
	}

	/** The connected wallet, or none; its other purses are looked for. */
	async setWallet(wallet: OwnerWallet | null): Promise<void> {
		this.#wallet = wallet;
		const known = wallet && { account: wallet.account, balanceNano: null };
		this.#change({ wallet: known, others: [] });
		await this.refresh();
		if (wallet) await this.findOthers();
	}

	/** Looks for the wallet's purses on the chain. Does not reject. */
	async findOthers(): Promise<void> {
		const owner = this.#wallet?.account;
		if (!owner) return;
		try {
			const accounts = new Set(
				(await pursesOf(this.#parts.client, owner)).map((one) => one.account)
			);
			for (const record of await this.#records()) {
				if (record.owner === owner) accounts.add(record.address as Account);
			}
			accounts.delete(this.#snapshot.purse?.address as Account);
			const others: OtherPurse[] = [];
			for (const account of accounts) {
				const reading = await readPurse(this.#parts.client, account);
				if (reading.kind === 'open') others.push({ account, reading });
			}
			if (this.#wallet?.account === owner) this.#change({ others });
		} catch {
			this.#change({ isStale: true });
		}
	}

	/** Puts money into the purse; opens it, with a key made for it, if there is none. */
	async deposit(amountNano: bigint): Promise<AskOutcome> {
		const wallet = this.#wallet;
		if (!wallet) return { kind: 'no_wallet' };
		try {
			const { purse, reading } = this.#snapshot;
			const isOpen = reading?.kind === 'open';
			if (purse && isOpen) {
				const requests = [{ kind: 'deposit' as const, amountNano }];
				return await this.#ask({ kind: 'top_up', purse: purse.address, amountNano, requests });
			}
			const fresh = purse?.owner === wallet.account ? purse : await this.#newPurse(wallet.account);
			const requests = [{ kind: 'deposit' as const, amountNano, config: configOf(fresh) }];
			return await this.#ask({ kind: 'open', purse: fresh.address, amountNano, requests });
		} catch (error) {
			return { kind: 'not_ready', message: error instanceof Error ? error.message : String(error) };
		}
	}

	/** @param amountNano 0 for all that is free */
	withdraw(purse: string, amountNano: bigint): Promise<AskOutcome> {
		const requests = [{ kind: 'withdraw' as const, amountNano }];
		return this.#ask({ kind: 'withdraw', purse, amountNano, requests });
	}

	/** Begins or ends the hour after which the reserve is free, or closes the purse. */
	order(purse: string, kind: 'unlock' | 'lock' | 'close'): Promise<AskOutcome> {
		return this.#ask({ kind, purse, amountNano: 0n, requests: [{ kind }] });
	}

	/** Takes what is free out of a purse and begins the hour for the rest, in one confirmation. */
	leave({ account, reading: { freeNano, unlockAt } }: OtherPurse): Promise<AskOutcome> {
		const requests: Order['requests'] = [
			...(freeNano > 0n ? [{ kind: 'withdraw' as const, amountNano: 0n }] : []),
			...(unlockAt === 0 ? [{ kind: 'unlock' as const }] : [])
		];
		return this.#ask({ kind: 'leave', purse: account, amountNano: freeNano, requests });
	}

	/** Makes the next deposit open another purse; this one is then among the others. */
	async startAnew(): Promise<void> {
		await this.#retire(this.#snapshot.purse);
		await Promise.all([this.refresh(), this.findOthers()]);
	}

	/** Takes something that is over out of the list. */
	dismiss(id: string): Promise<void> {
		return this.#operations.dismiss(id);
	}

	#intervalMs(): number {
		const { blockMs } = this.#parts.info;
		const hasJustEnded = this.#now() < this.#endedMs + BLOCKS_AFTERWARDS * blockMs;
		if (this.#operations.hasOpen || hasJustEnded) return blockMs;
		return this.#payers > 0 ? PAYING_POLL_MS : IDLE_POLL_MS;
	}

	async #ask(order: Order): Promise<AskOutcome> {
		if (!this.#wallet) return { kind: 'no_wallet' };
		const outcome = await this.#operations.ask(this.#wallet, order);
		void this.refresh();
		return outcome;
	}

	/** One that begins is looked after at once. */
	#showOperations(): void {
		const { list: operations, hasOpen } = this.#operations;
		const isNew = hasOpen && operations.length > this.#snapshot.operations.length;
		this.#change({ operations });
		if (isNew) void this.refresh();
	}

	/** A closed purse is done with; whatever has ended may have changed other purses. */
	async #settle({ kind, state, purse }: OperationRecord): Promise<void> {
		this.#endedMs = this.#now();
		const current = this.#snapshot.purse;
		const isClosed = kind === 'close' && state === 'done' && purse === current?.address;
		if (isClosed) await this.#retire(current);
		void this.findOthers();
	}

	async #retire(purse: PurseRecord | null): Promise<void> {
		if (!purse) return;
		await this.#parts.store.putPurse({ ...purse, isLeft: true });
		this.#change({ purse: null, reading: null });
	}

	/** One look at this browser's store, which other tabs write to, and at the chain. */
	async #look(): Promise<void> {
		await Promise.all([this.#load(), this.#operations.load()]);
		try {
			await this.#operations.follow();
			// After the operations, so that what is done shows in the figures of the same look.
			await Promise.all([this.#readWallet(), this.#readPurse()]);
			this.#change({ isStale: false });
		} catch (error) {
			this.#change({ isStale: true });
			throw error;
		}
	}

	async #load(): Promise<void> {
		const purse = (await this.#records()).find(({ isLeft }) => !isLeft) ?? null;
		const isOther = purse?.address !== this.#snapshot.purse?.address;
		this.#change(isOther ? { purse, reading: null } : { purse });
	}

	async #readWallet(): Promise<void> {
		const account = this.#wallet?.account;
		if (!account) return;
		const balanceNano = await this.#parts.client.getBalance(Address.parse(account));
		if (this.#wallet?.account === account) this.#change({ wallet: { account, balanceNano } });
	}

	async #readPurse(): Promise<void> {
		const { purse } = this.#snapshot;
		if (!purse) return;
		const readAt = this.#now();
		const reading = await readPurse(this.#parts.client, purse.address as Account);
		if (this.#snapshot.purse?.address === purse.address) this.#change({ reading, readAt });
	}

	#records(): Promise<PurseRecord[]> {
		return this.#parts.store.purses(this.#parts.info.network);
	}

	/** With another number than all that its owner is known to have had. */
	async #newPurse(owner: Account): Promise<PurseRecord> {
		const { client, info, store } = this.#parts;
		const mine = (await this.#records()).filter((one) => one.owner === owner);
		// Where the chain does not answer, the new key alone makes the address new.
		const opened = await pursesOf(client, owner).catch(() => []);
		const numbers = [...mine, ...opened].map(({ number }) => number);
		const purse = await newPurse(owner, info.network, Math.max(0, ...numbers) + 1, this.#now());
		await store.putPurse(purse);
		this.#change({ purse, reading: null });
		return purse;
	}

	#change(changes: Partial<PurseSnapshot>): void {
		this.#snapshot = { ...this.#snapshot, ...changes };
		for (const listener of this.#listeners) listener(this.#snapshot);
	}
}
