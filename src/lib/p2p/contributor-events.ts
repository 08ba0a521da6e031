/** What a contributor's session tells its page. Never a prompt, never an answer. */
import type { Code } from '../protocol/frames.ts';
import type { JobId } from '../protocol/ids.ts';
import type { Finish } from '../protocol/job.ts';

export type ContributorStatus =
	| { kind: 'stopped' }
	| { kind: 'connecting' }
	/** Offers are posted, requesters may dial. */
	| { kind: 'online' }
	/** Signalling is lost (running jobs go on); next try at this time (Unix ms). */
	| { kind: 'reconnecting'; nextTryAt: number; reason: string }
	/** No new jobs until the person resumes. */
	| { kind: 'paused' }
	/** No new jobs; stops when the running one is done. */
	| { kind: 'draining' };

export interface JobProgress {
	id: JobId;
	startedAt: number;
	phase: 'queued' | 'prefill' | 'generating';
	promptTokens: number;
	completionTokens: number;
	tokensPerSecond: number;
	/** What tickets were worth so far; `null` for a free job. */
	paidNano: bigint | null;
}

export interface FinishedJob {
	id: JobId;
	startedAt: number;
	endedAt: number;
	promptTokens: number;
	completionTokens: number;
	/** What tickets were worth, and what was delivered; `null` for a free job. */
	pay: { paidNano: bigint; costNano: bigint } | null;
	/** The signed receipt (JWS); `null` where the job broke off. */
	receipt: string | null;
	outcome: { kind: 'finished'; finish: Finish } | { kind: 'broken'; code: Code };
}

export interface ContributorSnapshot {
	status: ContributorStatus;
	current: JobProgress | null;
	queued: number;
	connections: number;
}
