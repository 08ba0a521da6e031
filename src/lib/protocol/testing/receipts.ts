/** Receipts and records for tests, by keys that tests hold. */
import { brokenOffText } from '../broken-off.ts';
import { randomBytes, toBase64Url, utf8, type Bytes } from '../bytes.ts';
import { newJobId } from '../ids.ts';
import { createIdentity, type Identity } from '../keys.ts';
import type { PartEvidence, Run } from '../part-evidence.ts';
import { commitment, signReceipt, type Receipt } from '../receipt.ts';
import { RunningState, signRun } from '../running-state.ts';

export const DIGEST = toBase64Url(new Uint8Array(32).fill(9));

export interface AnswerSpec {
	question?: string;
	digest?: string;
	/** The texts of the signed runs. */
	runs?: string[];
	/** Text after the last signed run. */
	uncovered?: string;
	identity?: Identity;
	changes?: Partial<Receipt>;
	previous?: string;
	/** The text that this part continues. */
	prefix?: string;
	/** Ends with a record instead of a receipt. */
	isBrokenOff?: boolean;
}

export interface MadeAnswer {
	evidence: PartEvidence;
	identity: Identity;
	salt: Bytes;
	receipt: Receipt;
}

/** One part of an answer with everything a requester would keep, honestly made. */
export async function makeAnswer(spec: AnswerSpec = {}): Promise<MadeAnswer> {
	const {
		question = 'How are you?',
		digest = DIGEST,
		runs = ['I am ', 'fine, thanks.'],
		uncovered = ''
	} = spec;
	const identity = spec.identity ?? (await createIdentity());
	const salt = randomBytes(32);
	const id = newJobId();
	const job = JSON.stringify({
		t: 'job',
		id,
		model: 'tiny',
		digest,
		messages: [{ role: 'user', content: question }],
		sampling: { max_tokens: 100 },
		salt: toBase64Url(salt),
		...(spec.prefix === undefined ? {} : { prefix: spec.prefix }),
		...(spec.previous === undefined ? {} : { previous: spec.previous }),
		pay: { kind: 'free' }
	});
	const offer = 'e30.e30.AAAA';
	let state = await RunningState.start(salt, job, offer, 5);
	const kept: Run[] = [{ tokens: 5, bytes: 0, nano: '0' }];
	for (const text of runs) {
		state = await state.next(3, text);
		kept.push({ tokens: 3, bytes: utf8(text).length, nano: '0' });
	}
	const covered = runs.join('');
	const now = Date.now();
	const receipt: Receipt = {
		v: 1,
		key: toBase64Url(identity.publicKey),
		requester: toBase64Url(randomBytes(32)),
		job: id,
		model: 'tiny',
		digest,
		engine: { name: 'wllama', version: '3.8.1' },
		sampling: { max_tokens: 100 },
		prompt: await commitment('prompt', salt, utf8(job)),
		answer: await commitment('answer', salt, utf8(covered)),
		runs: state.seq,
		state: toBase64Url(state.value),
		usage: { promptTokens: 5, completionTokens: state.tokens },
		prices: { prompt: '0', completion: '0' },
		nano: '0',
		tickets: { count: 0 },
		finish: 'stop',
		started: now - 2_000,
		ended: now,
		...(spec.previous === undefined ? {} : { previous: spec.previous }),
		...spec.changes
	};
	const record = async () =>
		brokenOffText({
			key: receipt.key,
			job: receipt.job,
			runs: state.seq,
			state: receipt.state,
			sig: toBase64Url(await signRun(identity.privateKey, state)),
			promptTokens: 5,
			completionTokens: state.tokens,
			nano: '0'
		});
	const entry = spec.isBrokenOff ? await record() : await signReceipt(identity.privateKey, receipt);
	const evidence = { job, offer, runs: kept, text: covered + uncovered, entry };
	return { evidence, identity, salt, receipt };
}

/** Every text that differs from this ASCII text in exactly one bit. */
export function* oneBitChanges(text: string): Generator<string> {
	for (let at = 0; at < text.length; at++) {
		for (let bit = 0; bit < 8; bit++) {
			const changed = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
			yield text.slice(0, at) + changed + text.slice(at + 1);
		}
	}
}
