import { PaymentPlan, pricesOf, type Prices } from '../protocol/amounts.ts';
import { fromBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { FrameOf, JobFrame } from '../protocol/frames.ts';
import type { RunningState } from '../protocol/running-state.ts';
import type { Connection } from './connect.ts';
import type { JobPayment, PayRefusal, TicketSlot } from './payments.ts';

type Due = FrameOf<'due'>;
type Ticket = FrameOf<'ticket'>;

export type DueOutcome =
	| { kind: 'ticket'; frame: Ticket; isNew: boolean }
	| { kind: 'refused'; refusal: PayRefusal }
	/** The contributor asks for what it must not ask. */
	| { kind: 'cheated'; text: string };

/**
 * The payment of one part on the requester's side. Every `due` has to be the one that the terms and the
 * counts lead to: the right run at the right time, for the right amount, and once.
 */
export class PaidPart {
	readonly prices: Prices;
	/** Nano of all tickets so far. */
	paidNano = 0n;
	/** The last run with a ticket; below 0 before the first. */
	lastPaidRun = -1;
	/** Why nothing more is paid, once that is so. */
	refusal: PayRefusal | null = null;
	readonly #payment: JobPayment;
	readonly #job: JobFrame;
	readonly #chunkTokens: number;
	readonly #creditNano: bigint;
	#plan: PaymentPlan | null = null;
	/** What comes next: a run, and its part. */
	#next: TicketSlot = { seq: 0, part: 0 };
	readonly #answered = new Map<string, { due: Due; frame: Ticket }>();
	readonly #ids: Bytes[] = [];

	constructor(payment: JobPayment, connection: Connection, job: JobFrame) {
		this.#payment = payment;
		this.#job = job;
		this.prices = pricesOf(connection.model);
		this.#chunkTokens = connection.chunkTokens;
		this.#creditNano = connection.creditNano;
	}

	/** Ids of the tickets in the order of payment. */
	get ticketIds(): readonly Bytes[] {
		return this.#ids;
	}

	/** The prompt is counted and signed: from now on dues may come. */
	begin(promptTokens: number): void {
		this.#plan = new PaymentPlan({
			prices: this.prices,
			promptTokens,
			chunkTokens: this.#chunkTokens,
			maxTokens: this.#job.sampling.max_tokens,
			maxTicketNano: this.#payment.maxTicketNano,
			creditNano: this.#creditNano
		});
		this.#skipPaidRuns();
	}

	/**
	 * Answers a `due`.
	 *
	 * @param state of the last signed run; `null` before the prompt's
	 */
	async answer(due: Due, state: RunningState | null): Promise<DueOutcome> {
		const known = this.#answered.get(`${due.seq}.${due.part}`);
		if (known) return repeated(known, due);
		if (this.refusal) return { kind: 'refused', refusal: this.refusal };
		const fault = this.#plan?.fault ? null : this.#faultOf(due, state);
		if (fault !== null || !state)
			return { kind: 'cheated', text: fault ?? 'due before the prompt' };
		const text = this.#plan?.fault;
		const outcome = text
			? ({ kind: 'refused', refusal: { kind: 'terms', text } } as const)
			: await this.#sign(due, state.value);
		if (outcome.kind === 'refused') this.refusal = outcome.refusal;
		return outcome;
	}

	/** What was paid and not delivered, when so much was. */
	creditAfter(costNano: bigint): bigint {
		const restNano = this.#creditNano + this.paidNano - costNano;
		return restNano > 0n ? restNano : 0n;
	}

	close(): void {
		this.#payment.close();
	}

	async #sign(due: Due, receipt: Bytes): Promise<DueOutcome> {
		const commit = fromBase64Url(due.commit);
		if (commit?.length !== 32) return { kind: 'cheated', text: 'due.commit: not base64url' };
		const { seq, part } = due;
		const nano = BigInt(due.nano);
		const neededNano = this.#neededNano(nano);
		const signed = await this.#payment.sign({ seq, part, nano, commit, receipt, neededNano });
		if (!signed.ok) return { kind: 'refused', refusal: signed.refusal };
		const { salt, sig, id } = signed;
		const frame: Ticket = { t: 'ticket', job: this.#job.id, seq, part, salt, sig };
		this.#answered.set(`${seq}.${part}`, { due, frame });
		this.#ids.push(id);
		this.paidNano += nano;
		this.lastPaidRun = seq;
		this.#next = { seq, part: part + 1 };
		this.#skipPaidRuns();
		return { kind: 'ticket', frame, isNew: true };
	}

	/** A prompt that is paid in part brings no text. */
	#neededNano(nano: bigint): bigint {
		const { seq, part } = this.#next;
		if (seq > 0 || !this.#plan) return nano;
		const rest = [...this.#plan.partsOf(0).slice(part), ...this.#plan.partsOf(1)];
		return rest.reduce((sum, each) => sum + each, 0n);
	}

	#faultOf(due: Due, state: RunningState | null): string | null {
		const plan = this.#plan;
		if (!state || !plan) return 'due before the prompt was signed';
		const { seq, part } = this.#next;
		if (due.seq !== seq || due.part !== part) {
			return `due ${due.seq}.${due.part} came where ${seq}.${part} was next`;
		}
		// One run ahead: the run before it has begun, and the one before that is signed.
		if (state.seq !== Math.max(0, seq - 2)) return `due ${seq}.${part} came at run ${state.seq}`;
		const expected = plan.partsOf(seq)[part];
		return BigInt(due.nano) === expected
			? null
			: `due ${seq}.${part} asks for ${due.nano} nano, ${expected ?? 0n} were agreed`;
	}

	/** Goes to the next run that costs something. */
	#skipPaidRuns(): void {
		const plan = this.#plan;
		if (!plan || plan.fault !== null) return;
		while (this.#next.seq <= plan.lastRun) {
			if (this.#next.part < plan.partsOf(this.#next.seq).length) return;
			this.#next = { seq: this.#next.seq + 1, part: 0 };
		}
	}
}

/** After a resume the contributor asks again for what it lacks; another draw it does not get. */
function repeated({ due: before, frame }: { due: Due; frame: Ticket }, due: Due): DueOutcome {
	if (before.commit === due.commit && before.nano === due.nano) {
		return { kind: 'ticket', frame, isNew: false };
	}
	const field = before.commit === due.commit ? 'nano' : 'commit';
	return { kind: 'cheated', text: `due ${due.seq}.${due.part} came again with another ${field}` };
}
