/** What a job costs, in integers only: both sides compute it and must find the same. */
import type { OfferedModel } from './offer.ts';

/** Nano per million tokens. */
export interface Prices {
	promptNano: bigint;
	completionNano: bigint;
}

const PRICED_TOKENS = 1_000_000n;

/** Tickets that one run may take at most; a price that needs more is refused. */
export const MAX_PARTS = 256;

export function pricesOf(model: Pick<OfferedModel, 'promptPrice' | 'completionPrice'>): Prices {
	return {
		promptNano: BigInt(model.promptPrice),
		completionNano: BigInt(model.completionPrice)
	};
}

/** What so many tokens cost, rounded down: D of `docs/protocol.md`. */
export function costNano(prices: Prices, promptTokens: number, completionTokens: number): bigint {
	const prompt = BigInt(promptTokens) * prices.promptNano;
	return (prompt + BigInt(completionTokens) * prices.completionNano) / PRICED_TOKENS;
}

export interface PlanOptions {
	prices: Prices;
	promptTokens: number;
	chunkTokens: number;
	maxTokens: number;
	/** The most that one ticket may cost. */
	maxTicketNano: bigint;
	/** What was paid on this connection before and not delivered. */
	creditNano: bigint;
}

/** Which tickets pay a job: the same for both sides, once the prompt is counted. */
export class PaymentPlan {
	readonly #options: PlanOptions;

	constructor(options: PlanOptions) {
		this.#options = options;
	}

	/** The last run that there can be. */
	get lastRun(): number {
		const { maxTokens, chunkTokens } = this.#options;
		return Math.ceil(maxTokens / chunkTokens);
	}

	/**
	 * What each part of a run's payment costs: full tickets first. Empty where credit covers the run,
	 * where it costs nothing, and after the last run.
	 */
	partsOf(seq: number): bigint[] {
		if (seq > this.lastRun) return [];
		const { creditNano, maxTicketNano } = this.#options;
		const before = seq === 0 ? 0n : this.#costUpTo(seq - 1);
		const paid = before > creditNano ? before : creditNano;
		const dueNano = this.#costUpTo(seq) - paid;
		return dueNano > 0n ? splitPrice(dueNano, maxTicketNano) : [];
	}

	/** Why these prices cannot be paid with tickets; `null` if they can. */
	get fault(): string | null {
		const { prices, chunkTokens, maxTicketNano } = this.#options;
		if (maxTicketNano <= 0n) return 'the face value is too small for any ticket';
		// What a run adds to the sum, whatever the sum's fraction was: rounded up.
		const runNano =
			(BigInt(chunkTokens) * prices.completionNano + PRICED_TOKENS - 1n) / PRICED_TOKENS;
		if (runNano > maxTicketNano) {
			return `a run costs ${runNano} nano, a ticket at most ${maxTicketNano}`;
		}
		const parts = this.partsCountOfPrompt;
		return parts > MAX_PARTS ? `the prompt takes ${parts} tickets, at most ${MAX_PARTS}` : null;
	}

	private get partsCountOfPrompt(): bigint {
		const { maxTicketNano } = this.#options;
		return (this.#costUpTo(0) + maxTicketNano - 1n) / maxTicketNano;
	}

	#costUpTo(seq: number): bigint {
		const { prices, promptTokens, chunkTokens, maxTokens } = this.#options;
		return costNano(prices, promptTokens, Math.min(seq * chunkTokens, maxTokens));
	}
}

/** The prices of the tickets that pay an amount together: full ones first, the rest in the last. */
export function splitPrice(priceNano: bigint, maxTicketNano: bigint): bigint[] {
	const full = priceNano / maxTicketNano;
	const restNano = priceNano % maxTicketNano;
	const parts = Array.from({ length: Number(full) }, () => maxTicketNano);
	return restNano > 0n ? [...parts, restNano] : parts;
}
