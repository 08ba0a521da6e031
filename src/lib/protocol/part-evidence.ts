/**
 * What a requester keeps of one contributor's part of an answer, so that anybody who is given it can
 * check the words against the signature.
 */
import * as v from 'valibot';
import { fromUtf8, utf8, type Bytes } from './bytes.ts';
import { bytes32, nanoText, safeCount, u32Count } from './job.ts';
import { RunningState } from './running-state.ts';

const run = v.strictObject({
	tokens: u32Count,
	/** UTF-8 bytes of the run's text; 0 for run 0. */
	bytes: u32Count,
	/** What the run cost. */
	nano: nanoText
});

/** One signed run; run 0 is the prompt. */
export type Run = v.InferOutput<typeof run>;

export const partEvidenceSchema = v.strictObject({
	/** The job frame as it was sent; the salt is in it. */
	job: v.pipe(v.string(), v.maxLength(1_100_000)),
	/** The offer (JWS) of the terms under which it was asked. */
	offer: v.pipe(v.string(), v.maxLength(12_000)),
	/** The signed runs from run 0. */
	runs: v.pipe(v.array(run), v.minLength(1), v.maxLength(200_000)),
	/** The whole text that came; what exceeds the runs is not covered. */
	text: v.pipe(v.string(), v.maxLength(16_777_216)),
	/** The receipt, or the record of a part that broke off. */
	entry: v.pipe(v.string(), v.maxLength(12_000))
});

export type PartEvidence = v.InferOutput<typeof partEvidenceSchema>;

export const loggedSchema = v.strictObject({
	/** The number of the entry. */
	index: safeCount,
	/** A signed head (JWS) of the log that has the entry. */
	head: v.pipe(v.string(), v.maxLength(512)),
	/** The inclusion proof from the entry to that head, base64url. */
	proof: v.pipe(v.array(bytes32), v.maxLength(64))
});

/** Where the log has an entry, and the proof of it. */
export type Logged = v.InferOutput<typeof loggedSchema>;

/** The covered beginning of a text and what follows it, or `null` where a run cuts a code point. */
export function splitCovered(
	text: string,
	runs: readonly Run[]
): { runTexts: string[]; uncovered: string } | null {
	const bytes = utf8(text);
	const runTexts: string[] = [];
	let at = 0;
	for (const { bytes: length } of runs.slice(1)) {
		const piece = fromUtf8(bytes.subarray(at, at + length));
		if (piece === null || at + length > bytes.length) return null;
		runTexts.push(piece);
		at += length;
	}
	const uncovered = fromUtf8(bytes.subarray(at));
	return uncovered === null ? null : { runTexts, uncovered };
}

/** The running state after all runs, computed anew from the words; `null` where they do not fit. */
export async function stateOf(part: PartEvidence, salt: Bytes): Promise<RunningState | null> {
	const split = splitCovered(part.text, part.runs);
	const [prompt, ...runs] = part.runs;
	if (!split || !prompt || prompt.bytes !== 0) return null;
	const promptNano = BigInt(prompt.nano);
	let state = await RunningState.start(salt, part.job, part.offer, prompt.tokens, promptNano);
	for (const [index, { tokens, nano }] of runs.entries()) {
		state = await state.next(tokens, split.runTexts[index] ?? '', BigInt(nano));
	}
	return state;
}
