import { PaymentPlan, type Prices } from '../protocol/amounts.ts';
import { toBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { FrameOf } from '../protocol/frames.ts';
import type { JobId } from '../protocol/ids.ts';
import type { RunningState } from '../protocol/running-state.ts';
import { JobFault } from './job-fault.ts';
import type { JobIncome, PayFault, TicketOrder } from './payments.ts';

/** How long a requester that is there may take for a ticket. */
export const TICKET_TIMEOUT_MS = 10_000;

export interface PaidRunsOptions {
	job: JobId;
	income: JobIncome;
	prices: Prices;
	chunkTokens: number;
	maxTokens: number;
	/** What this connection's requester paid before and did not get. */
	creditNano: bigint;
	ticketTimeoutMs?: number;
}

type Due = FrameOf<'due'>;
interface Order extends TicketOrder {
	commit: Bytes;
	frame: Due;
	askedAtMs: number;
	ticket: FrameOf<'ticket'> | null;
	id: Bytes | null;
}

/** Who sends for a job, and knows whether anybody is there to hear it. */
export interface PaidRunsHost {
	output: (frame: Due) => void;
	isAttached: () => boolean;
	signal: AbortSignal;
}

/**
 * The payment of one job on the contributor's side: asks for a run while the one before it is made, and
 * holds back what is not paid.
 */
export class PaidRuns {
	readonly #options: PaidRunsOptions;
	readonly #host: PaidRunsHost;
	readonly #orders = new Map<string, Order>();
	#plan: PaymentPlan | null = null;
	#attachedAtMs = 0;
	#fault: PayFault | null = null;
	#isClosed = false;
	#wake: () => void = () => {};

	constructor(options: PaidRunsOptions, host: PaidRunsHost) {
		this.#options = options;
		this.#host = host;
		host.signal.addEventListener('abort', () => this.#wake());
	}

	get paidNano(): bigint {
		return this.#settled.reduce((sum, { nano }) => sum + nano, 0n);
	}

	/** Ids of the tickets in the order of payment. */
	get ticketIds(): Bytes[] {
		return this.#settled.flatMap(({ id }) => (id ? [id] : []));
	}

	get purse(): string {
		return this.#options.income.purse;
	}

	/** What was paid and not delivered, when so much was. */
	creditAfter(costNano: bigint): bigint {
		const restNano = this.#options.creditNano + this.paidNano - costNano;
		return restNano > 0n ? restNano : 0n;
	}

	/** After the prompt's run was signed: asks for the prompt and the first run. @throws JobFault */
	async begin(promptTokens: number, state: RunningState): Promise<void> {
		const { income, prices, chunkTokens, maxTokens, creditNano } = this.#options;
		const ready = await Promise.race([income.ready(), this.#aborted()]);
		if (!ready) return;
		if (!ready.ok) throw faultOf(ready.fault);
		const { maxTicketNano } = ready;
		const common = { prices, chunkTokens, maxTokens, creditNano, maxTicketNano };
		const plan = new PaymentPlan({ ...common, promptTokens });
		if (plan.fault !== null) throw new JobFault('too_long', plan.fault, 'pay');
		this.#plan = plan;
		await this.#ask(0, state);
		await this.#ask(1, state);
	}

	/** Before the first token of a run is sent: waits for its ticket, asks for the next. @throws JobFault */
	async beginRun(state: RunningState): Promise<void> {
		const seq = state.seq + 1;
		await this.#until((order) => order.seq <= seq);
		if (!this.#host.signal.aborted) await this.#ask(seq + 1, state);
	}

	/** Before the end: a ticket under way still counts. Does not throw. */
	async settle(): Promise<void> {
		await this.#until(() => true).catch(() => {});
	}

	/** A ticket came. @returns what is wrong with it */
	async take(frame: FrameOf<'ticket'>): Promise<PayFault | 'unknown' | null> {
		const order = this.#orders.get(keyOf(frame));
		if (!order) return 'unknown';
		if (order.ticket) {
			// After a resume it may come twice; a second one, with another draw, must not.
			const isSame = order.ticket.salt === frame.salt && order.ticket.sig === frame.sig;
			return isSame ? null : { code: 'bad_ticket', text: 'another ticket for what is paid' };
		}
		const taken = await this.#options.income.take(order, frame);
		if (taken.ok) Object.assign(order, { ticket: frame, id: taken.id });
		else this.#fault ??= taken.fault;
		this.#wake();
		return taken.ok ? null : taken.fault;
	}

	isSettled(due: Due): boolean {
		return this.#orders.get(keyOf(due))?.ticket != null;
	}

	/** A link took the job over: whoever was not there to pay gets the time again. */
	attached(): void {
		this.#attachedAtMs = performance.now();
		this.#wake();
	}

	/** The job is over; only the first call counts. */
	close(costNano: bigint): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		const { income, creditNano } = this.#options;
		const { paidNano } = this;
		const openNano = costNano - creditNano - paidNano;
		income.close({ costNano, paidNano, unpaidNano: openNano > 0n ? openNano : 0n });
	}

	get #settled(): Order[] {
		return [...this.#orders.values()].filter(({ ticket }) => ticket !== null);
	}

	async #ask(seq: number, state: RunningState): Promise<void> {
		const parts = this.#plan?.partsOf(seq) ?? [];
		for (const [part, nano] of parts.entries()) {
			const commit = await this.#options.income.commit({ seq, part });
			const frame: Due = {
				t: 'due',
				job: this.#options.job,
				seq,
				part,
				nano: String(nano),
				commit: toBase64Url(commit)
			};
			const askedAtMs = performance.now();
			const receipt = state.value;
			this.#orders.set(keyOf(frame), {
				...{ seq, part, nano, commit, receipt, frame, askedAtMs },
				ticket: null,
				id: null
			});
			this.#host.output(frame);
		}
	}

	/** Waits until these orders are paid, or the job is cancelled. */
	async #until(isWanted: (order: Order) => boolean): Promise<void> {
		const { ticketTimeoutMs = TICKET_TIMEOUT_MS } = this.#options;
		while (!this.#host.signal.aborted) {
			if (this.#fault) throw faultOf(this.#fault);
			const order = [...this.#orders.values()].find((each) => !each.ticket && isWanted(each));
			if (!order) return;
			const sinceMs = Math.max(order.askedAtMs, this.#attachedAtMs);
			const leftMs = sinceMs + ticketTimeoutMs - performance.now();
			const isThere = this.#host.isAttached();
			if (isThere && leftMs <= 0) {
				throw new JobFault('unpaid', `no ticket for run ${order.seq} in time`, 'due');
			}
			await this.#wakened(isThere ? leftMs : null);
		}
	}

	#aborted(): Promise<null> {
		const { signal } = this.#host;
		if (signal.aborted) return Promise.resolve(null);
		return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null)));
	}

	async #wakened(withinMs: number | null): Promise<void> {
		let timer: ReturnType<typeof setTimeout> | undefined;
		await new Promise<void>((resolve) => {
			this.#wake = resolve;
			if (withinMs !== null) timer = setTimeout(resolve, withinMs);
		});
		clearTimeout(timer);
	}
}

const keyOf = ({ seq, part }: { seq: number; part: number }) => `${seq}.${part}`;
const faultOf = ({ code, text, field }: PayFault) => new JobFault(code, text, field);
