/** What a requester's session tells its page while an answer is being made. */
import type { ChatMessage, Finish, Sampling, Timings, Usage } from '../protocol/job.ts';
import type { Code } from '../protocol/frames.ts';
import type { PeerId } from '../protocol/ids.ts';
import type { Prices } from '../protocol/amounts.ts';
import type { PayRefusal } from './payments.ts';
import type { PartEvidence } from '../protocol/part-evidence.ts';

export interface Question {
	/** Catalogue id of the model that shall answer. */
	model: string;
	messages: readonly ChatMessage[];
	sampling: Sampling;
	/** Text of an earlier answer that broke off; what comes carries on from it. */
	prefix?: string;
	/** The files that made the prefix: only the very same ones carry on from it. */
	digest?: string;
	/** Id of the log entry of the part that made the prefix. */
	previous?: string;
	/** Pays for the answer with tickets; absent for a free one. */
	paid?: PaidQuestion;
}

export interface PaidQuestion {
	/** The most that this answer may cost, in place of the person's usual limit. */
	limitNano?: bigint;
	/** Contributors that ask for more are passed over. */
	ceiling?: Prices;
	/** The catalogue's figure for the model: with far less text a token nothing is paid any more. */
	bytesPerToken?: number;
}

/** Who wrote: a contributor, or the page's own worker, which the network knows nothing of. */
export type Answerer = PeerId | 'this-device';

/** One contributor's part of an answer; a failover makes several. */
export interface AnswerPart {
	contributor: Answerer;
	engine: string;
	tokens: number;
	/** Characters (UTF-16 units) of this part, and how many of them a signed run covers. */
	length: number;
	coveredLength: number;
	/** What its signed runs cost; 0 for a free part. */
	costNano: bigint;
	/** What proves the covered text; `null` where nothing was signed. */
	evidence: PartEvidence | null;
	/** Why the receipt that came was not kept. */
	mismatch: string | null;
}

/** Why there is no (further) answer. Each has a sentence and a next step on the page. */
export type AnswerFailure =
	| { kind: 'no_contributor' }
	| { kind: 'directory_unreachable' }
	/** `reason` is the last attempt's, for reports. */
	| { kind: 'unreachable'; tried: number; reason: string }
	/** Everybody who was asked refused; this is the last refusal. */
	| { kind: 'refused'; code: Code; field?: string; text: string }
	/** The contributor went away and nobody could carry on. */
	| { kind: 'lost'; code: Code | null; text: string }
	/** The job is not paid, or not any further; the text so far stays. */
	| { kind: 'unpaid'; refusal: PayRefusal }
	/** The contributor broke the protocol: bad signature, impossible counts. */
	| { kind: 'cheated'; text: string };

export type AnswerEvent =
	| { kind: 'searching' }
	| { kind: 'dialling'; contributors: number }
	/** A contributor took the job. `digest` names the model's files that it loaded. */
	| { kind: 'queued'; contributor: Answerer; digest: string; place: number; waitMs: number }
	| { kind: 'prompt'; promptTokens: number }
	/** `tokens` completion tokens so far, over all parts. */
	| { kind: 'text'; text: string; tokens: number }
	/** A ticket was sent; `paidNano` is what all tickets of this answer are worth. */
	| { kind: 'paid'; paidNano: bigint }
	/** Far less text comes a token than from this model elsewhere: nothing more is paid here. */
	| { kind: 'thin_text'; bytesPerToken: number; expected: number }
	/** A run of text was signed: from now on it is covered, whatever happens. */
	| { kind: 'covered'; parts: AnswerPart[] }
	/** The receipt is not what this job was. The contributor is not asked again. */
	| { kind: 'mismatch'; contributor: PeerId; text: string }
	/** The connection dropped; the text so far stays. */
	| { kind: 'interrupted' }
	| { kind: 'resumed'; contributor: PeerId }
	/** Another contributor carries on from the text so far. */
	| { kind: 'continued'; contributor: PeerId }
	/** Another contributor starts anew (tools or a schema cannot be continued): drop the text. */
	| { kind: 'restarted'; contributor: PeerId }
	| {
			kind: 'done';
			finish: Finish;
			usage: Usage;
			timings: Timings;
			parts: AnswerPart[];
			/** What was delivered costs this, and what tickets were worth. The rest is credit. */
			costNano: bigint;
			paidNano: bigint;
			connectMs: number;
			/** From the question to the first text. */
			firstTokenMs: number | null;
			tokensPerSecond: number | null;
			/** How the two tabs are connected: 'host' is direct, 'relay' goes through TURN. */
			path: 'host' | 'srflx' | 'prflx' | 'relay' | 'unknown';
	  }
	| {
			kind: 'failed';
			failure: AnswerFailure;
			parts: AnswerPart[];
			/** As in `done`. */
			costNano: bigint;
			paidNano: bigint;
	  };
