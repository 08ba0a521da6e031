import { createHash, randomBytes } from 'node:crypto';
import {
	Address,
	beginCell,
	Cell,
	Dictionary,
	loadMessage,
	storeMessage,
	type Message,
	type Transaction,
	type TupleItem
} from '@ton/core';
import type { Block, BlockClock } from './block-clock.ts';
import type { Ledger } from './ledger.ts';
import { emptyAccount, type GetOutcome, type Machine, type Outcome } from './machine.ts';
import { RpcFailure } from './rpc-failure.ts';

/** Between any two transactions; as in `@ton/sandbox`. */
const LT_STEP = 1_000_000n;
/** How many transactions are remembered in all; the oldest are forgotten first. */
const MAX_TRANSACTIONS = 100_000n;
/** What does not fit waits for the next block, so that nobody can hold the chain up for long. */
const MAX_TRANSACTIONS_A_BLOCK = 500;
const MAX_BLOCK_WORK_MS = 2_000;
const MAX_QUEUED = 2_000;
/** Where the network's own payments come from. */
const MINTER = new Address(-1, Buffer.alloc(32));

/** A TON chain of one shard: a queue of messages, and blocks that apply them. One caller at a time. */
export class ChainState {
	readonly ledger: Ledger;
	readonly #machine: Machine;
	readonly #clock: BlockClock;
	readonly #genesis: string;

	constructor(ledger: Ledger, machine: Machine, clock: BlockClock) {
		this.ledger = ledger;
		this.#machine = machine;
		this.#clock = clock;
		this.#genesis = ledger.meta('genesis') ?? randomBytes(32).toString('hex');
		ledger.setMeta('genesis', this.#genesis);
	}

	head(): Block {
		return this.#clock.head();
	}

	/** A hash that belongs to block `seqno` of this chain alone. There is no block behind it. */
	blockHash(seqno: number, part: 'root' | 'file' | 'state'): string {
		return createHash('sha256').update(`${this.#genesis} ${seqno} ${part}`).digest('base64');
	}

	/** The account as base64 of a `ShardAccount`. */
	account(address: Address): string {
		return this.ledger.account(address.toRawString()) ?? emptyAccount(address);
	}

	/** Runs a get-method; `null` where the account has no code. */
	get(address: Address, methodId: number, stack: TupleItem[]): Promise<GetOutcome | null> {
		const state = this.account(address);
		return this.#machine.get(address, state, methodId, stack, this.#clock.now());
	}

	/** What `message` would do now; nothing changes. */
	tryOut(address: Address, message: Cell, ignoreSignature = false): Promise<Outcome> {
		const moment = {
			utime: this.#clock.now(),
			lt: this.#lt() + LT_STEP,
			randomSeed: randomBytes(32)
		};
		return this.#machine.run(this.account(address), message, moment, ignoreSignature);
	}

	/**
	 * Takes a message from outside for the next block, if the account would take it now. The same message
	 * again, while it waits, is taken as said.
	 *
	 * @param root the `Message` cell, kept bit by bit
	 * @throws {RpcFailure}
	 */
	async accept(root: Cell): Promise<void> {
		const { info } = readMessage(root);
		if (info.type !== 'external-in') {
			throw new RpcFailure(422, 'boc: expected a message from outside (external-in)');
		}
		if (this.ledger.isQueued(root.hash().toString('hex'))) return;
		this.#refuseWhenFull();
		const outcome = await this.tryOut(info.dest, root);
		if (!outcome.ok) throw notAccepted(info.dest, outcome.error, outcome.exitCode);
		this.#enqueue(root);
	}

	/** Makes coins: a message of the network itself, without a fee, in the next block. @throws {RpcFailure} */
	mint(dest: Address, amountNano: bigint): void {
		this.#refuseWhenFull();
		const message = mintMessage(dest, amountNano, this.#nextLt() + 1n, this.#clock.now());
		this.#enqueue(beginCell().store(storeMessage(message)).endCell());
	}

	/** Moves the chain's time ahead, for tests. */
	travel(seconds: number): void {
		this.#clock.travel(seconds);
		this.ledger.setMeta('shiftMs', String(this.#clock.shiftMs));
	}

	/**
	 * Applies what waits, as one block that is stored as a whole or not at all.
	 *
	 * @throws if the emulator fails on a message, which is dropped when it happens again
	 */
	async makeBlock(): Promise<void> {
		const block = this.#nextBlock();
		const randomSeed = randomBytes(32);
		const untilMs = performance.now() + MAX_BLOCK_WORK_MS;
		let underway: number | null = null;
		try {
			await this.ledger.atomically(async () => {
				for (let n = 0; n < MAX_TRANSACTIONS_A_BLOCK && performance.now() < untilMs; n++) {
					const queued = this.ledger.nextQueued();
					if (!queued) break;
					underway = queued.id;
					await this.#apply(Cell.fromBase64(queued.boc), block, randomSeed);
					this.ledger.dequeue(queued.id);
				}
				this.ledger.forgetTransactionsBefore(this.#lt() - MAX_TRANSACTIONS * LT_STEP);
				this.#storeHead(block);
			});
		} catch (error) {
			if (underway !== null) this.ledger.blame(underway);
			throw error;
		}
	}

	close(): void {
		this.#storeHead(this.#clock.head());
		this.ledger.close();
	}

	/** One transaction; a message that the account does not take leaves no trace. */
	async #apply(message: Cell, { seqno, utime }: Block, randomSeed: Buffer): Promise<void> {
		const { info } = readMessage(message);
		if (info.type === 'external-out') return;
		const lt = this.#nextLt();
		const moment = { utime, lt, randomSeed };
		const outcome = await this.#machine.run(this.account(info.dest), message, moment);
		if (!outcome.ok) return;
		const address = info.dest.toRawString();
		this.ledger.setAccount(address, outcome.state);
		this.ledger.addTransaction({
			...{ address, lt, seqno, utime, boc: outcome.boc },
			hash: outcome.transaction.hash().toString('hex'),
			source: info.type === 'internal' ? info.src.toRawString() : null,
			createdLt: info.type === 'internal' ? info.createdLt : null
		});
		for (const out of outMessages(outcome.transaction)) this.#enqueue(out);
	}

	#enqueue(root: Cell): void {
		this.ledger.enqueue(root.hash().toString('hex'), root.toBoc().toString('base64'));
	}

	#refuseWhenFull(): void {
		if (this.ledger.queueLength() < MAX_QUEUED) return;
		throw new RpcFailure(503, `too many messages wait for a block (${MAX_QUEUED})`);
	}

	#lt(): bigint {
		return BigInt(this.ledger.meta('lt') ?? 0);
	}

	#nextLt(): bigint {
		const lt = this.#lt() + LT_STEP;
		this.ledger.setMeta('lt', String(lt));
		return lt;
	}

	/** Above what is stored even where another process shares the file and counts a little faster. */
	#nextBlock(): Block {
		const { seqno, utime } = this.#clock.head();
		const stored = this.ledger.head();
		return {
			seqno: Math.max(seqno, (stored?.seqno ?? 0) + 1),
			utime: Math.max(utime, stored?.utime ?? 0)
		};
	}

	#storeHead({ seqno, utime }: Block): void {
		this.ledger.setMeta('head', JSON.stringify({ seqno, utime, wallMs: Date.now() }));
	}
}

/** @throws {RpcFailure} if the cell holds no message */
function readMessage(root: Cell): Message {
	try {
		return loadMessage(root.beginParse());
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new RpcFailure(422, `boc: expected a message: ${reason}`);
	}
}

/** toncenter's words, so that a page finds the exit code where it is on the real networks. */
function notAccepted(to: Address, error: string, exitCode: number | null): RpcFailure {
	const why = exitCode === null ? error : `${error}: exitcode=${exitCode}`;
	return new RpcFailure(
		500,
		`LITE_SERVER_UNKNOWN: cannot apply external message to current state : inbound external message rejected by account ${to.toRawString()}: ${why}`
	);
}

function mintMessage(dest: Address, coins: bigint, createdLt: bigint, createdAt: number): Message {
	return {
		info: {
			...{ type: 'internal', ihrDisabled: true, bounce: false, bounced: false },
			...{ src: MINTER, dest, value: { coins }, ihrFee: 0n, forwardFee: 0n, createdLt, createdAt }
		},
		body: Cell.EMPTY
	};
}

/** As the sender's transaction holds them: written anew they could get another hash. */
function outMessages(transaction: Transaction): Cell[] {
	const messages = transaction.raw.refs[0]?.beginParse();
	if (!messages) throw new Error('transaction: expected its messages, found none');
	messages.loadMaybeRef();
	const out = messages.loadDict(Dictionary.Keys.Uint(15), Dictionary.Values.Cell());
	return out
		.keys()
		.sort((a, b) => a - b)
		.flatMap((index) => out.get(index) ?? []);
}
