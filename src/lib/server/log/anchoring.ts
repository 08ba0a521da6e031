import type { Logger } from 'pino';
import { readHead } from '../../log/head.ts';
import type { AnchoredHead, Anchors } from './anchors.ts';
import type { CatalogueHistory } from './catalogue-history.ts';
import type { ReceiptLog } from './receipt-log.ts';

export const ANCHOR_EVERY_MS = 3_600_000;

export interface AnchoringOptions {
	log: ReceiptLog;
	anchors: Anchors;
	catalogues: CatalogueHistory;
	logger: Pick<Logger, 'warn' | 'info'>;
	everyMs?: number;
}

/**
 * Anchors the log's head and the catalogue's hash every hour if there is news, and at once when the
 * operator says so.
 */
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

	/** Anchors what is new; one at a time. @returns `null` if the last anchored head has it all */
	now(): Promise<AnchoredHead | null> {
		this.#running ??= this.#anchor().finally(() => (this.#running = null));
		return this.#running;
	}

	async #anchor(): Promise<AnchoredHead | null> {
		const { log, anchors, logger } = this.#options;
		await this.#anchorCatalogue();
		const { head } = log;
		const last = readHead((await anchors.list()).at(-1)?.head);
		if (head.size === 0 || (last && last.size >= head.size)) return null;
		const anchored = await anchors.anchor(head);
		logger.info({ size: head.size, transaction: anchored.transaction }, 'the log was anchored');
		return anchored;
	}

	/** Only when it has changed since the last one that was written. */
	async #anchorCatalogue(): Promise<void> {
		const { anchors, catalogues, logger } = this.#options;
		const { current } = catalogues;
		const written = catalogues.list().filter(({ at }) => at !== null);
		const last = written.sort((a, b) => (a.at ?? 0) - (b.at ?? 0)).at(-1);
		if (last?.hash === current) return;
		const anchored = await anchors.anchorCatalogue(current);
		catalogues.anchored(current, anchored);
		logger.info({ catalogue: current, ...anchored }, 'the catalogue was anchored');
	}
}
