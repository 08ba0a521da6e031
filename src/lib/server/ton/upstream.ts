import { setTimeout as pause } from 'node:timers/promises';
import type { RpcCall, RpcReply } from '../../chain/rpc.ts';
import { Pacer } from './pacer.ts';
import { readUpstreamAnswer, trouble, type UpstreamAnswer } from './upstream-answer.ts';

export interface UpstreamOptions {
	endpoint: string;
	/** Goes into a header, and nowhere else. */
	apiKey: string | null;
	/** What the endpoint allows. */
	perSecond: number;
	/** For the operator; never holds the key or the endpoint. */
	warn: (message: string) => void;
	/** One try. */
	attemptMs?: number;
	/** All tries and the pauses between them. */
	deadlineMs?: number;
	firstPauseMs?: number;
	random?: () => number;
}

const ATTEMPT_MS = 6_000;
const DEADLINE_MS = 12_000;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 3_000;
/** With less of a try's time left there is no point in another one. */
const LEAST_SHARE = 1 / 4;
const WARN_EVERY_MS = 60_000;

export type UpstreamReply = RpcReply & { sizeBytes: number };

/** Asks an endpoint of toncenter's API, again where that helps, and never longer than the deadline. */
export class Upstream {
	readonly #options: Required<UpstreamOptions>;
	readonly #pacer: Pacer;
	#warnedMs = -Infinity;

	constructor(options: UpstreamOptions) {
		this.#options = {
			attemptMs: ATTEMPT_MS,
			deadlineMs: DEADLINE_MS,
			firstPauseMs: FIRST_PAUSE_MS,
			random: Math.random,
			...options
		};
		this.#pacer = new Pacer(options.perSecond);
	}

	/** What goes wrong is a reply; `signal` ends it early. */
	async ask(call: RpcCall, signal: AbortSignal): Promise<UpstreamReply> {
		try {
			return await this.#askUntilDeadline(call, signal);
		} catch (error) {
			if (!signal.aborted) throw error;
			return failure({ code: 503, error: 'the coordinator shuts down' });
		}
	}

	/** Throws only when `signal` says so. */
	async #askUntilDeadline(call: RpcCall, signal: AbortSignal): Promise<UpstreamReply> {
		const { deadlineMs, attemptMs } = this.#options;
		const untilMs = performance.now() + deadlineMs;
		const lastMs = untilMs - Math.min(attemptMs, deadlineMs) * LEAST_SHARE;
		// Whether a try that brought no answer may have been carried out.
		let isUncertain = false;
		for (let attempt = 0; ; attempt++) {
			const waitMs = this.#pacer.reserve(performance.now(), lastMs);
			if (waitMs === null) return failure(trouble(503, 'has too much to do'));
			await pause(waitMs, undefined, { signal });
			const answer = await this.#try(call, untilMs, signal);
			if (answer.kind === 'result') {
				return { ok: true, result: answer.result, sizeBytes: answer.sizeBytes };
			}
			if (answer.kind === 'refusal') {
				return failure(isUncertain && isSend(call) ? lostAnswer() : answer);
			}
			isUncertain ||= answer.kind === 'trouble' && answer.code !== 503;
			const pauseMs = this.#pauseMs(answer, attempt);
			if (performance.now() + pauseMs >= lastMs) {
				this.#warn(answer.error);
				return failure(answer);
			}
			await pause(pauseMs, undefined, { signal });
		}
	}

	async #try(call: RpcCall, untilMs: number, signal: AbortSignal): Promise<UpstreamAnswer> {
		const { endpoint, apiKey, attemptMs } = this.#options;
		const limitMs = Math.max(1, Math.ceil(Math.min(attemptMs, untilMs - performance.now())));
		const timeout = AbortSignal.timeout(limitMs);
		try {
			const response = await fetch(endpoint, {
				method: 'POST',
				headers: { 'content-type': 'application/json', ...(apiKey ? { 'x-api-key': apiKey } : {}) },
				body: JSON.stringify({ id: '1', jsonrpc: '2.0', ...call }),
				// Whoever is pointed to must not get the key.
				redirect: 'manual',
				signal: AbortSignal.any([timeout, signal])
			});
			return await readUpstreamAnswer(response, apiKey);
		} catch {
			return timeout.aborted
				? trouble(504, 'did not answer in time')
				: trouble(502, 'could not be reached');
		}
	}

	/** Full jitter between half and all of a pause that doubles each time. */
	#pauseMs(answer: UpstreamAnswer, attempt: number): number {
		if (answer.kind !== 'trouble') return Infinity;
		const { firstPauseMs, random } = this.#options;
		const ceilingMs = Math.min(MAX_PAUSE_MS, firstPauseMs * 2 ** attempt);
		return Math.max(answer.retryAfterMs, ceilingMs * (0.5 + random() / 2));
	}

	#warn(message: string): void {
		if (performance.now() - this.#warnedMs < WARN_EVERY_MS) return;
		this.#warnedMs = performance.now();
		this.#options.warn(message);
	}
}

/** The first try may have put the message on the chain, which then refuses it the second time. */
function lostAnswer(): { code: number; error: string } {
	return { code: 504, error: 'the answer was lost; look at the chain whether the message arrived' };
}

export function isSend({ method }: RpcCall): boolean {
	return method === 'sendBoc' || method === 'sendBocReturnHash';
}

function failure({ code, error }: { code: number; error: string }): UpstreamReply {
	return { ok: false, code, error, sizeBytes: 0 };
}
