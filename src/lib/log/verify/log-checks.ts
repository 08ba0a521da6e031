import type { SignedHead } from '../head.ts';
import { LogError, type AnchorAnswer, type LogClient } from '../log-client.ts';
import type { HeadCheck, LogWatch } from '../log-watch.ts';

/** Where a log can be asked. */
export interface LogSource {
	client: LogClient;
	watch: LogWatch;
	/**
	 * Asks the chain itself whether that transaction wrote this head at that time; throws if the chain
	 * cannot be asked. Absent where nothing can ask a chain.
	 */
	confirmAnchor?: (anchor: AnchorAnswer, signal?: AbortSignal) => Promise<boolean>;
}

/** The log's answers that all receipts of one verification share, each asked for once. */
export class LogChecks {
	readonly source: LogSource;
	readonly signal: AbortSignal | undefined;
	#head: Promise<{ head: SignedHead; check: HeadCheck }> | undefined;
	#anchors: Promise<AnchorAnswer[]> | undefined;

	constructor(source: LogSource, signal?: AbortSignal) {
		this.source = source;
		this.signal = signal;
	}

	/** The newest head, checked against the largest that was seen before. @throws LogError */
	head(): Promise<{ head: SignedHead; check: HeadCheck }> {
		this.#head ??= this.#askHead();
		return this.#head;
	}

	/** Anchored heads, from the oldest. @throws LogError */
	anchors(): Promise<AnchorAnswer[]> {
		this.#anchors ??= this.source.client.anchors(this.signal);
		return this.#anchors;
	}

	async #askHead() {
		const head = await this.source.client.head(this.signal);
		return { head, check: await this.source.watch.check(head, this.signal) };
	}
}

/** Why the log could not be asked, in a few words. Rethrows what is no such thing. */
export function whyNot(error: unknown): string {
	if (!(error instanceof LogError)) throw error;
	return error.code === 'unreachable' ? 'the coordinator could not be reached' : error.message;
}
