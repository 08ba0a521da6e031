import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

/** A ticket that this browser signed. Kept before it is sent, so that no slot ever gets a second one. */
export interface SignedTicketRecord {
	job: string;
	seq: number;
	part: number;
	/** The account, and what the ticket is worth on average. */
	purse: string;
	nano: bigint;
	faceValueNano: bigint;
	/** As they travel: base64url. */
	commit: string;
	salt: string;
	sig: string;
	/** The ticket's id, 32 bytes. */
	id: Uint8Array<ArrayBuffer>;
	/** Unix milliseconds, and the day by this browser's calendar as 2026-11-24. */
	at: number;
	day: string;
}

interface SpendingSchema extends DBSchema {
	tickets: {
		key: [string, number, number];
		value: SignedTicketRecord;
		indexes: { purse: [string, number]; at: number };
	};
	days: { key: string; value: { day: string; nano: bigint } };
}

/** What a requester has paid with tickets, in IndexedDB, shared by its tabs. */
export class SpendingStore {
	readonly #database: IDBPDatabase<SpendingSchema>;

	private constructor(database: IDBPDatabase<SpendingSchema>) {
		this.#database = database;
	}

	/** @throws DOMException where the browser keeps no IndexedDB: then nothing can be paid */
	static async open(name = 'mulberry-spending'): Promise<SpendingStore> {
		const database = await openDB<SpendingSchema>(name, 1, {
			upgrade(created) {
				const tickets = created.createObjectStore('tickets', { keyPath: ['job', 'seq', 'part'] });
				tickets.createIndex('purse', ['purse', 'at']);
				tickets.createIndex('at', 'at');
				created.createObjectStore('days', { keyPath: 'day' });
			}
		});
		return new SpendingStore(database);
	}

	async find(job: string, seq: number, part: number): Promise<SignedTicketRecord | null> {
		return (await this.#database.get('tickets', [job, seq, part])) ?? null;
	}

	/** Keeps a ticket, unless its slot has one already. @returns the one that the slot has now */
	async add(record: SignedTicketRecord): Promise<SignedTicketRecord> {
		const transaction = this.#database.transaction(['tickets', 'days'], 'readwrite', {
			durability: 'strict'
		});
		const tickets = transaction.objectStore('tickets');
		const days = transaction.objectStore('days');
		const { job, seq, part, day } = record;
		const known = await tickets.get([job, seq, part]);
		if (!known) {
			const nano = ((await days.get(day))?.nano ?? 0n) + record.nano;
			await Promise.all([tickets.put(record), days.put({ day, nano })]);
		}
		await transaction.done;
		return known ?? record;
	}

	async spentOn(day: string): Promise<bigint> {
		return (await this.#database.get('days', day))?.nano ?? 0n;
	}

	/** What tickets of a purse are worth that were signed at that time or later. */
	async signedSince(purse: string, atMs: number): Promise<bigint> {
		const range = IDBKeyRange.bound([purse, atMs], [purse, Infinity]);
		const records = await this.#database.getAllFromIndex('tickets', 'purse', range);
		return records.reduce((sum, { nano }) => sum + nano, 0n);
	}

	/** Forgets tickets signed before that time; no job lives so long. Days stay. */
	async forgetBefore(atMs: number): Promise<void> {
		const transaction = this.#database.transaction('tickets', 'readwrite');
		const keys = await transaction.store.index('at').getAllKeys(IDBKeyRange.upperBound(atMs, true));
		await Promise.all(keys.map((key) => transaction.store.delete(key)));
		await transaction.done;
	}
}

/** The day of a moment by this browser's calendar. */
export function localDay(atMs: number): string {
	const date = new Date(atMs);
	const two = (value: number) => String(value).padStart(2, '0');
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
