import type { Logger } from 'pino';
import { readHead } from '../../log/head.ts';
import type { AnchoredHead, Anchors } from './anchors.ts';
import type { ReceiptLog } from './receipt-log.ts';

export const ANCHOR_EVERY_MS = 3_600_000;

export interface AnchoringOptions {
	log: ReceiptLog;
	anchors: Anchors;
	logger: Pick<Logger, 'warn' | 'info'>;
	everyMs?: number;
}

/** Anchors the log's head every hour if there is news, and at once when the operator says so. */
export class Anchoring {
	readonly #options: AnchoringOptions;
	#timer: ReturnType<typeof setInterval> | undefined;
	#running: Promise<AnchoredHead | null> | null = null;

	constructor(options: AnchoringOptions) {
		this.#options = options;
	}

	start(): void {
		const { everyMs = ANCHOR_EVERY_MS, logger } = this.#options;
		this.#timer = setInterval(() => {
			// Tried again in an hour; meanwhile pages say since when nothing was anchored.
			this.now().catch((error: unknown) => logger.warn({ err: error }, 'the log was not anchored'));
		}, everyMs);
		this.#timer.unref();
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	/** Anchors the newest head; one at a time. @returns `null` if the last anchor has it all */
	now(): Promise<AnchoredHead | null> {
		this.#running ??= this.#anchor().finally(() => (this.#running = null));
		return this.#running;
	}

	async #anchor(): Promise<AnchoredHead | null> {
		const { log, anchors, logger } = this.#options;
		const { head } = log;
		const last = readHead((await anchors.list()).at(-1)?.head);
		if (head.size === 0 || (last && last.size >= head.size)) return null;
		const anchored = await anchors.anchor(head);
		logger.info({ size: head.size, transaction: anchored.transaction }, 'the log was anchored');
		return anchored;
	}
}
