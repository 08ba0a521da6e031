/** Real receipts, the real log and its API in this process; only what should be caught is changed. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../models/model-entry.ts';
import { artifactDigest } from '../../models/digest.ts';
import { toBase64Url } from '../../protocol/bytes.ts';
import { verifyEntry } from '../../protocol/log-entry.ts';
import type { Logged, PartEvidence } from '../../protocol/part-evidence.ts';
import { DIGEST, makeAnswer, oneBitChanges } from '../../protocol/testing/receipts.ts';
import { LyingCoordinator } from '../../server/log/testing/lying-coordinator.ts';
import { MemoryLogRecords } from '../../store/memory-log-records.ts';
import { LogClient } from '../log-client.ts';
import { LogWatch } from '../log-watch.ts';
import { checkEntry } from './check-log.ts';
import { checkText } from './check-text.ts';
import { LogChecks, type LogSource } from './log-checks.ts';
import { SENTENCE_CODES, sentenceOf } from './sentences.ts';
import { overall, STEP_NAMES, type Step } from './steps.ts';
import { NOWHERE, verifyClaim, type Claim } from './verify-receipt.ts';

const coordinator = await LyingCoordinator.create();
afterAll(() => coordinator.close());
const client = new LogClient(coordinator.url, coordinator.fetch);

const filler = async (count: number) => {
	for (let i = 0; i < count; i++) {
		await coordinator.shown.add((await makeAnswer()).evidence.entry);
	}
};

/** Hands an entry in, and gives what the log proves of it. */
async function log(entry: string): Promise<Logged> {
	const { index, head, proof } = await client.add(entry);
	return { index, head: head.text, proof: proof.map(toBase64Url) };
}

const QUESTION = 'How are you?';
await filler(5);
const whole = await makeAnswer({ question: QUESTION });
const broken = await makeAnswer({ question: QUESTION, isBrokenOff: true, uncovered: ' and' });
const claim: Claim = {
	entry: whole.evidence.entry,
	part: whole.evidence,
	place: { question: QUESTION, before: null },
	logged: await log(whole.evidence.entry)
};
const brokenClaim: Claim = {
	...claim,
	entry: broken.evidence.entry,
	part: broken.evidence,
	logged: await log(broken.evidence.entry)
};
await filler(7);
const TRANSACTION = 'ab'.repeat(32);
const anchored = [{ head: coordinator.shown.head.text, transaction: TRANSACTION, at: Date.now() }];
coordinator.anchors = { ...coordinator.anchors, list: async () => anchored };
await filler(2);

const sha256 = 'cd'.repeat(32);
const pinned = await artifactDigest([{ path: 'tiny.gguf', sha256 }]);
const catalogueWith = (hash: string | null): Catalogue => ({
	v: 1,
	models: [
		{
			engine: 'wllama',
			id: 'tiny',
			name: 'Tiny',
			parameters: 1,
			sizeBytes: 1,
			memoryBytes: 1,
			contextTokens: 1,
			licence: { name: 'x', url: 'x' },
			source: 'x',
			bytesPerToken: 1,
			files: [{ path: 'tiny.gguf', url: '/x', sizeBytes: 1, sha256: hash }]
		}
	]
});

const source = (more: Partial<LogSource> = {}): LogSource => ({
	client,
	watch: new LogWatch({ client, records: new MemoryLogRecords() }),
	confirmAnchor: async () => true,
	...more
});
const online = (more: Partial<LogSource> = {}) => ({
	checks: new LogChecks(source(more)),
	catalogue: null
});
const offline = { checks: null, catalogue: null };
const codesOf = (steps: Step[]) => steps.map(({ code }) => code);
const stepOf = (steps: Step[], name: string) => steps.find((step) => step.name === name);

describe('verifying an answer', () => {
	it('goes through all steps in order and says what holds', async () => {
		const heard: Step[] = [];
		const { receipt } = await makeAnswer();
		const context = { ...online(), catalogue: catalogueWith(sha256) };
		const steps = await verifyClaim(claim, { ...context, onStep: (step) => heard.push(step) });
		expect(heard).toEqual(steps);
		expect(steps.map(({ name }) => name)).toEqual(STEP_NAMES);
		expect(codesOf(steps)).toEqual([
			...['signature_receipt', 'text_holds', 'entry_holds', 'head_holds', 'anchor_holds'],
			'model_fails'
		]);
		expect(receipt.digest).toBe(DIGEST);
		expect(stepOf(steps, 'entry')?.values).toMatchObject({ index: 5 });
		expect(stepOf(steps, 'head')?.values).toEqual({
			from: 6,
			to: coordinator.shown.head.size
		});
	});

	it('is green where everything holds, the model included', async () => {
		const answer = await makeAnswer({ question: QUESTION, digest: pinned });
		const { entry } = answer.evidence;
		const logged = await log(entry);
		const at = Date.now();
		const head = coordinator.shown.head.text;
		const { anchors } = coordinator;
		const list = async () => [{ head, transaction: TRANSACTION, at }];
		coordinator.anchors = { ...anchors, list };
		const context = { ...online(), catalogue: catalogueWith(sha256) };
		const steps = await verifyClaim({ ...claim, entry, part: answer.evidence, logged }, context);
		coordinator.anchors = anchors;
		expect(codesOf(steps).at(-1)).toBe('model_holds');
		expect(overall(steps)).toBe('holds');
	});

	it('does without a network what needs none', async () => {
		const steps = await verifyClaim(claim, offline);
		expect(codesOf(steps)).toEqual([
			...['signature_receipt', 'text_holds', 'entry_holds', 'head_open', 'anchor_open'],
			'model_open'
		]);
		expect(overall(steps)).toBe('open');
	});

	it('says of a broken-off answer what is covered and what is not', async () => {
		const steps = await verifyClaim(brokenClaim, online());
		expect(codesOf(steps).slice(0, 3)).toEqual(['signature_record', 'text_partly', 'entry_holds']);
		expect(stepOf(steps, 'text')?.values).toEqual({ covered: 18, uncovered: 4 });
		expect(overall(steps)).toBe('open');
	});

	it('checks a receipt alone, and finds it in the log by itself', async () => {
		const alone = { ...claim, part: null, place: NOWHERE, logged: null };
		const steps = await verifyClaim(alone, online());
		expect(codesOf(steps).slice(0, 4)).toEqual([
			...['signature_receipt', 'text_absent', 'entry_holds', 'head_holds']
		]);
	});

	it('has a sentence for everything', () => {
		const values = { reason: 'r', index: 1, size: 2, from: 1, to: 2, time: 0, at: 0 };
		for (const code of SENTENCE_CODES) {
			const sentence = sentenceOf({ code, values: { ...values, covered: 1, uncovered: 2 } });
			expect(sentence).toMatch(/^[A-Z].*\.$/);
		}
	});
});

describe('verification fails at the right step', () => {
	const part = whole.evidence;
	const cases: [string, Partial<Claim>, Step['code']][] = [
		['the receipt is changed', { entry: `${claim.entry.slice(0, -8)}AAAAAAAA` }, 'signature_fails'],
		[
			'a letter of the answer',
			{ part: { ...part, text: part.text.replace('fine', 'Fine') } },
			'text_answer_differs'
		],
		[
			'a letter of the question',
			{ part: { ...part, job: part.job.replace('How', 'how') } },
			'text_question_differs'
		],
		[
			'the salt',
			{
				part: { ...part, job: part.job.replace(/(?<="salt":")./, (c) => (c === 'A' ? 'B' : 'A')) }
			},
			'text_question_differs'
		],
		[
			'words after the answer',
			{ part: { ...part, text: `${part.text} And more.` } },
			'text_answer_differs'
		],
		[
			'the counts of a run',
			{
				part: { ...part, runs: part.runs.map((run, i) => (i === 1 ? { ...run, tokens: 4 } : run)) }
			},
			'text_job_differs'
		],
		['the offer', { part: { ...part, offer: 'e30.e30.AAAB' } }, 'text_job_differs'],
		[
			'the question that is shown',
			{ place: { question: 'Who are you?', before: null } },
			'text_shown_differs'
		],
		[
			'the part before it',
			{ place: { question: QUESTION, before: { text: '', id: DIGEST } } },
			'text_link_differs'
		],
		['a job that is none', { part: { ...part, job: '{}' } }, 'text_malformed'],
		[
			'runs that cut a character',
			{ part: { ...part, runs: part.runs.map((run) => ({ ...run, bytes: run.bytes && 90 })) } },
			'text_job_differs'
		],
		['another answer’s receipt', { part: broken.evidence }, 'text_question_differs'],
		['a place that is not its', { logged: brokenClaim.logged }, 'entry_fails']
	];

	it.each(cases)('when it is %s', async (_, change, code) => {
		const steps = await verifyClaim({ ...claim, ...change }, offline);
		const failed = steps.filter(({ outcome }) => outcome === 'fails');
		expect(codesOf(failed)).toEqual([code]);
	});

	const brokenPart = broken.evidence;
	it.each<[string, PartEvidence, Step['code']]>([
		[
			'covered word',
			{ ...brokenPart, text: brokenPart.text.replace('fine', 'Fine') },
			'text_words_differ'
		],
		['question', { ...brokenPart, job: brokenPart.job.replace('How', 'how') }, 'text_words_differ'],
		[
			'run more',
			{ ...brokenPart, runs: [...brokenPart.runs, { tokens: 1, bytes: 4, nano: '0' }] },
			'text_words_differ'
		],
		['run less', { ...brokenPart, runs: brokenPart.runs.slice(0, -1) }, 'text_words_differ'],
		[
			'cost',
			{ ...brokenPart, runs: brokenPart.runs.map((run) => ({ ...run, nano: '1' })) },
			'text_words_differ'
		]
	])('when it is a record with another %s', async (_, changed, code) => {
		const steps = await verifyClaim({ ...brokenClaim, part: changed }, offline);
		expect(stepOf(steps, 'text')).toMatchObject({ outcome: 'fails', code });
	});

	it('when any bit of words, salt, proof or head is changed', async () => {
		const verified = await verifyEntry(claim.entry);
		const { logged, place } = claim;
		if (!verified.ok || !logged) throw new Error('expected a logged receipt');
		const entry = verified.value;
		const words = (changed: Partial<PartEvidence>) =>
			checkText(entry, { ...part, ...changed }, place);
		const proven = async (changed: Partial<Logged>) =>
			(await checkEntry(entry, { ...logged, ...changed }, null)).step;
		const salt = /"salt":"([^"]+)"/.exec(part.job)?.[1] ?? '';
		const flips = (text: string) => [...oneBitChanges(text)];
		const steps = await Promise.all([
			...flips(part.text).map((text) => words({ text })),
			...flips(salt).map((other) => words({ job: part.job.replace(salt, other) })),
			...flips(QUESTION).map((other) => words({ job: part.job.replace(QUESTION, other) })),
			...flips(logged.head).map((head) => proven({ head })),
			...logged.proof.flatMap((hash, at) =>
				// Not all of them: hashes of proofs have their own such test.
				flips(hash)
					.filter((_, i) => i % 7 === 0)
					.map((other) => proven({ proof: logged.proof.with(at, other) }))
			),
			...[1, 2, 4, 8, 16].map((bit) => proven({ index: logged.index ^ bit }))
		]);
		expect(steps.filter(({ outcome }) => outcome !== 'fails')).toEqual([]);
		expect(steps.length).toBeGreaterThan(2_900);
	}, 90_000);

	it('when the log denies it, or has it in another place', async () => {
		const stranger = (await makeAnswer({ question: QUESTION })).evidence;
		const alone = { ...claim, entry: stranger.entry, part: stranger, logged: null };
		expect(stepOf(await verifyClaim(alone, online()), 'entry')?.code).toBe('entry_unknown');
	});

	it('when its proof is by another log, which a file’s author could have made', async () => {
		const other = await LyingCoordinator.create();
		const { index, head, proof } = await new LogClient(other.url, other.fetch).add(claim.entry);
		other.close();
		const logged = { index, head: head.text, proof: proof.map(toBase64Url) };
		const records = new MemoryLogRecords();
		const watch = new LogWatch({ client, records });
		const steps = await verifyClaim({ ...claim, logged }, online({ watch }));
		expect(stepOf(steps, 'head')).toMatchObject({ outcome: 'fails', code: 'head_other_log' });
		// Nobody can have the coordinator accused by handing a file around.
		expect(await records.evidence()).toEqual([]);
	});

	it('when the log forked since, with the heads as evidence', async () => {
		const honest = coordinator.shown;
		coordinator.shown = await coordinator.another(
			await Promise.all(Array.from({ length: 20 }, async () => (await makeAnswer()).evidence.entry))
		);
		const steps = await verifyClaim(claim, online());
		coordinator.shown = honest;
		expect(stepOf(steps, 'head')).toMatchObject({
			outcome: 'fails',
			code: 'head_rewritten',
			evidence: { heads: [claim.logged?.head, expect.any(String)] }
		});
	});

	it('when an anchored head does not fit the log', async () => {
		const { anchors } = coordinator;
		const other = await coordinator.another(
			await Promise.all(Array.from({ length: 9 }, async () => (await makeAnswer()).evidence.entry))
		);
		const list = async () => [{ head: other.head.text, transaction: TRANSACTION, at: Date.now() }];
		coordinator.anchors = { ...anchors, list };
		const steps = await verifyClaim(claim, online());
		coordinator.anchors = anchors;
		expect(stepOf(steps, 'anchor')).toMatchObject({ outcome: 'fails', code: 'anchor_contradicts' });
	});

	it('when the chain does not have the anchor', async () => {
		const steps = await verifyClaim(claim, online({ confirmAnchor: async () => false }));
		expect(stepOf(steps, 'anchor')).toMatchObject({
			outcome: 'fails',
			code: 'anchor_not_on_chain'
		});
	});
});

describe('what cannot be checked is never green', () => {
	it('an anchor that the chain was not asked about, or could not be', async () => {
		const away = () => Promise.reject(new Error('away'));
		for (const checks of [
			new LogChecks({ client, watch: source().watch }),
			new LogChecks(source({ confirmAnchor: away }))
		]) {
			const steps = await verifyClaim(claim, { checks, catalogue: null });
			expect(stepOf(steps, 'anchor')).toMatchObject({
				outcome: 'open',
				code: 'anchor_unconfirmed'
			});
		}
	});

	it('an entry after the last anchor, and a log without any', async () => {
		const { anchors } = coordinator;
		const late = { ...claim, logged: null, entry: (await makeAnswer()).evidence.entry, part: null };
		await log(late.entry);
		expect(codesOf(await verifyClaim(late, online()))).toContain('anchor_not_yet');
		const at = Date.now();
		const early = await coordinator.another([]);
		await early.add((await makeAnswer()).evidence.entry);
		coordinator.anchors = {
			...anchors,
			list: async () => [{ head: early.head.text, transaction: TRANSACTION, at }]
		};
		const steps = await verifyClaim(claim, online());
		expect(stepOf(steps, 'anchor')).toMatchObject({ code: 'anchor_not_yet', values: { at } });
		coordinator.anchors = { ...anchors, list: async () => [] };
		expect(codesOf(await verifyClaim(claim, online()))).toContain('anchor_none');
		coordinator.anchors = anchors;
	});

	it('a log that cannot be reached', async () => {
		coordinator.isAway = true;
		const steps = await verifyClaim({ ...claim, logged: null }, online());
		coordinator.isAway = false;
		expect(codesOf(steps)).toEqual([
			...['signature_receipt', 'text_holds', 'entry_open', 'head_open', 'anchor_open', 'model_open']
		]);
	});

	it('a model that is not in the catalogue or not pinned there', async () => {
		const none = { v: 1 as const, models: [] };
		const unknown = await verifyClaim(claim, { checks: null, catalogue: none });
		expect(stepOf(unknown, 'model')).toMatchObject({ outcome: 'open', code: 'model_unknown' });
		const unpinned = await verifyClaim(claim, { checks: null, catalogue: catalogueWith(null) });
		expect(stepOf(unpinned, 'model')).toMatchObject({ outcome: 'open', code: 'model_unpinned' });
		const ofRecord = await verifyClaim({ ...brokenClaim, part: null }, offline);
		expect(stepOf(ofRecord, 'model')?.outcome).toBe('open');
	});
});
