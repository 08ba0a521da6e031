import type { AnswerEvent, PaidQuestion, Question } from '../../p2p/answer-events.ts';
import type { RequesterPayments } from '../../p2p/payments.ts';
import type { ChatEvent, Asker } from './chat-events.ts';

/** Pays one answer. */
export interface PayingTime {
	payments: RequesterPayments;
	/** Nothing more is paid. */
	end(): void;
}

export interface PayingAskerParts {
	/** The network's requester. */
	requester: Asker & { payments: RequesterPayments | null };
	/** `null` where the person pays for nothing, or has no open purse. Loads what pays only otherwise. */
	beginPaying: () => Promise<PayingTime | null>;
	/** What the page knows of a model: its prices, and how much text a token should make. */
	terms: (model: string) => Pick<PaidQuestion, 'ceiling' | 'bytesPerToken'>;
}

/**
 * Asks those who want to be paid, where the person chose so and has a purse; and whoever answers for free
 * where nobody wants to be paid.
 */
export class PayingAsker implements Asker {
	readonly #parts: PayingAskerParts;

	constructor(parts: PayingAskerParts) {
		this.#parts = parts;
	}

	async *ask(question: Question, signal: AbortSignal): AsyncGenerator<ChatEvent> {
		const { requester, beginPaying, terms } = this.#parts;
		const { paid, ...free } = question;
		const paying = await beginPaying();
		if (!paying) return yield* requester.ask(free, signal);
		requester.payments = paying.payments;
		try {
			const asked = { ...free, paid: { ...terms(question.model), ...paid } };
			for await (const event of requester.ask(asked, signal)) {
				if (wantsNobodyPay(event)) return yield* requester.ask(free, signal);
				yield event;
			}
		} finally {
			paying.end();
		}
	}
}

const wantsNobodyPay = (event: ChatEvent | AnswerEvent) =>
	event.kind === 'failed' && event.failure.kind === 'no_contributor' && event.paidNano === 0n;
