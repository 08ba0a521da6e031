/** Both sessions are real; only a lying contributor's frames are changed on the way. */
import { describe, expect, it } from 'vitest';
import { MODEL, type MemoryContributor } from '../../../tests/support/memory-contributor.ts';
import { listen, MemoryNetwork, type Heard } from '../../../tests/support/memory-network.ts';
import { wordAt, words } from '../../../tests/support/scripted-generator.ts';
import { fromBase64Url, toBase64Url } from '../protocol/bytes.ts';
import { entryId, verifyEntry } from '../protocol/log-entry.ts';
import { splitCovered, stateOf } from '../protocol/part-evidence.ts';
import { signReceipt, verifyReceipt, type Receipt } from '../protocol/receipt.ts';
import type { AnswerPart, Question } from './answer-events.ts';

const QUESTION: Question = {
	model: MODEL.id,
	messages: [{ role: 'user', content: 'count' }],
	sampling: { max_tokens: 1_000, temperature: 0.5, stop: ['never'] }
};
const never = new AbortController().signal;

function partsOf({ last }: Heard): AnswerPart[] {
	if (last?.kind !== 'done' && last?.kind !== 'failed') throw new Error('the answer has no end');
	return last.parts;
}

/** The entry of a part, its signature checked and its state computed anew from the words. */
async function provenEntry(part: AnswerPart | undefined) {
	if (!part?.evidence) throw new Error('nothing proves this part');
	const { evidence } = part;
	const verified = await verifyEntry(evidence.entry);
	if (!verified.ok) throw new Error(verified.reason);
	const { salt } = JSON.parse(evidence.job) as { salt: string };
	const state = await stateOf(evidence, fromBase64Url(salt) ?? new Uint8Array());
	const entry = verified.value;
	const claimed = entry.kind === 'receipt' ? entry.receipt.state : entry.record.state;
	expect(toBase64Url(state?.value ?? new Uint8Array())).toBe(claimed);
	return entry;
}

const jobOf = (part: AnswerPart | undefined) =>
	JSON.parse(part?.evidence?.job ?? '') as { previous?: string; prefix?: string };

describe('a finished job', () => {
	it('ends with a receipt that both sides hold, over everything that was said', async () => {
		const network = new MemoryNetwork();
		const contributor = await network.add({ length: 70 });
		const heard = await listen(network.requester().ask(QUESTION, never));
		const [part] = partsOf(heard);
		const entry = await provenEntry(part);
		if (entry.kind !== 'receipt') throw new Error('expected a receipt');
		expect(entry.receipt).toMatchObject({
			model: MODEL.id,
			digest: MODEL.digest,
			engine: { name: 'wllama', version: '1.0' },
			sampling: { max_tokens: 1_000, temperature: 0.5, stop: 1 },
			runs: 3,
			usage: { promptTokens: 3, completionTokens: 70 },
			prices: { prompt: '0', completion: '0' },
			nano: '0',
			tickets: { count: 0 },
			finish: 'stop'
		});
		expect(entry.peer).toBe(contributor.candidate.peer);
		expect(contributor.finished[0]?.receipt).toBe(entry.text);
		expect(part).toMatchObject({ mismatch: null, evidence: { text: words(0, 70) } });
		expect(entry.text).not.toContain('never');
	});

	it('has a receipt also when it was stopped, and after a dropped connection', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 500, delayMs: 2 });
		const stop = new AbortController();
		let hasDropped = false;
		const heard = await listen(network.requester().ask(QUESTION, stop.signal), (event) => {
			if (event.kind !== 'text') return;
			if (event.tokens >= 20 && !hasDropped) {
				hasDropped = true;
				network.opened.at(-1)?.channel.close();
			}
			if (event.tokens >= 40) stop.abort();
		});
		expect(heard.kinds).toContain('resumed');
		const entry = await provenEntry(partsOf(heard)[0]);
		expect(entry).toMatchObject({ kind: 'receipt', receipt: { finish: 'cancelled' } });
	});

	it('tells of every run as it is covered, so that a page that goes keeps the proof', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 70 });
		const heard = await listen(network.requester().ask(QUESTION, never));
		const covered = heard.events.flatMap((event) => (event.kind === 'covered' ? event.parts : []));
		expect(covered.map(({ coveredLength }) => coveredLength)).toEqual(
			[32, 64, 70].map((tokens) => words(0, tokens).length)
		);
		for (const part of covered) expect((await provenEntry(part)).kind).toBe('record');
	});
});

describe('an answer that breaks off', () => {
	it('has the last signed run as its record; the text after it is not covered', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 120, hangAt: 40 });
		const stop = new AbortController();
		const heard = await listen(network.requester().ask(QUESTION, stop.signal), (event) => {
			if (event.kind !== 'text' || event.tokens < 40) return;
			// The network is gone when the reader gives up, so no `done` will come.
			network.opened.at(-1)?.channel.cut();
			stop.abort();
		});
		const [part] = partsOf(heard);
		const entry = await provenEntry(part);
		expect(entry).toMatchObject({
			kind: 'record',
			record: { runs: 1, promptTokens: 3, completionTokens: 32, nano: '0' }
		});
		const evidence = part?.evidence;
		if (!evidence) throw new Error('no evidence');
		expect(splitCovered(evidence.text, evidence.runs)).toEqual({
			runTexts: [words(0, 32)],
			uncovered: words(32, 40)
		});
		expect(part?.coveredLength).toBe(words(0, 32).length);
	});

	it('links its parts: the next receipt names the record of the part before', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 120, failAt: { token: 40, kind: 'device_lost' } });
		await network.add({ length: 120 });
		const heard = await listen(network.requester().ask(QUESTION, never));
		const [first, second] = partsOf(heard);
		const [record, receipt] = [await provenEntry(first), await provenEntry(second)];
		expect([record.kind, receipt.kind]).toEqual(['record', 'receipt']);
		if (receipt.kind !== 'receipt') return;
		expect(receipt.receipt.previous).toBe(await entryId(record.text));
		expect(jobOf(second)).toMatchObject({ prefix: words(0, 40) });
		expect((first?.evidence?.text ?? '') + (second?.evidence?.text ?? '')).toBe(words(0, 120));
	});

	it('names an earlier answer’s last part when it is carried on later, and only then', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 40 });
		const previous = toBase64Url(new Uint8Array(32).fill(1));
		const carriedOn = { ...QUESTION, prefix: words(0, 30), digest: MODEL.digest, previous };
		const heard = await listen(network.requester().ask(carriedOn, never));
		expect(await provenEntry(partsOf(heard)[0])).toMatchObject({ receipt: { previous } });
		const anew = await listen(network.requester().ask({ ...QUESTION, previous }, never));
		expect(jobOf(partsOf(anew)[0]).previous).toBeUndefined();
	});
});

describe('a requester whose contributor’s receipt is not what it saw', () => {
	/** A receipt changed and signed again: a liar can sign anything with its own key. */
	const signedAgain =
		({ identity }: MemoryContributor, change: (receipt: Receipt) => Receipt) =>
		async (text: string): Promise<string> => {
			const verified = await verifyReceipt(text);
			if (!verified.ok) throw new Error(verified.reason);
			return signReceipt(identity.privateKey, change(verified.value.receipt));
		};

	const FIELDS: [string, (receipt: Receipt) => Receipt][] = [
		['answer', (r) => ({ ...r, answer: r.prompt })],
		['prompt', (r) => ({ ...r, prompt: r.answer })],
		['state', (r) => ({ ...r, state: r.answer })],
		['runs', (r) => ({ ...r, runs: r.runs + 1 })],
		['usage', (r) => ({ ...r, usage: { ...r.usage, completionTokens: 71 } })],
		['usage', (r) => ({ ...r, usage: { ...r.usage, cachedPromptTokens: 1 } })],
		['model', (r) => ({ ...r, model: 'other' })],
		['digest', (r) => ({ ...r, digest: r.answer })],
		['engine', (r) => ({ ...r, engine: { ...r.engine, name: 'webllm' } })],
		['sampling', (r) => ({ ...r, sampling: { ...r.sampling, temperature: 0.6 } })],
		['prices', (r) => ({ ...r, prices: { ...r.prices, completion: '1' } })],
		['nano', (r) => ({ ...r, nano: '1' })],
		['tickets', (r) => ({ ...r, tickets: { count: 1, digest: r.answer } })],
		['finish', (r) => ({ ...r, finish: 'length' })],
		['requester', (r) => ({ ...r, requester: r.key })],
		['previous', (r) => ({ ...r, previous: r.answer })],
		['ended', (r) => ({ ...r, ended: r.ended + 120_000 })],
		['started', (r) => ({ ...r, started: r.started - 120_000 })]
	];

	it.each(FIELDS)('says so, naming %s, and does not ask it again', async (field, change) => {
		const network = new MemoryNetwork();
		const liar = await network.add({ length: 70 });
		liar.changeReceipts(signedAgain(liar, change));
		const requester = network.requester();
		const heard = await listen(requester.ask(QUESTION, never));
		expect(heard.last).toMatchObject({ kind: 'done', finish: 'stop' });
		const told = heard.events.find(({ kind }) => kind === 'mismatch');
		expect(told).toMatchObject({ contributor: liar.candidate.peer });
		const [part] = partsOf(heard);
		expect(part?.mismatch).toMatch(new RegExp(`^${field}: `));
		// The words stay, proven by what was signed while they came.
		expect(await provenEntry(part)).toMatchObject({ kind: 'record', record: { runs: 3 } });
		const again = await listen(requester.ask(QUESTION, never));
		expect(again.last).toMatchObject({ kind: 'failed', failure: { kind: 'no_contributor' } });
		const other = await network.add({ length: 5 });
		expect((await listen(requester.ask(QUESTION, never))).text).toBe(words(0, 5));
		expect(other.finished).toHaveLength(1);
	});

	it('says so when no receipt comes, and when it is another contributor’s', async () => {
		for (const change of [
			(text: string) => text.replace(/,"receipt":"[^"]+"/, ''),
			(text: string) => text.replace(/("receipt":"[\w-]+\.[\w-]+\.)...../, '$1AAAAA')
		]) {
			const network = new MemoryNetwork();
			(await network.add({ length: 5 })).changeSent(change);
			const heard = await listen(network.requester().ask(QUESTION, never));
			expect(heard.kinds).toEqual([
				...['searching', 'dialling', 'queued', 'prompt', 'mismatch', 'done']
			]);
			expect(heard.text).toBe(words(0, 5));
		}
	});

	it('never asks whom it was told to avoid, nor who broke the protocol before', async () => {
		const network = new MemoryNetwork();
		const liar = await network.add({ length: 70 });
		liar.changeSent((text) => text.replace(wordAt(33), 'v33 '));
		const requester = network.requester();
		const cheated = await listen(requester.ask(QUESTION, never));
		expect(cheated.last).toMatchObject({ failure: { kind: 'cheated' } });
		expect(await provenEntry(partsOf(cheated)[0])).toMatchObject({ record: { runs: 1 } });
		const again = await listen(requester.ask(QUESTION, never));
		expect(again.last).toMatchObject({ failure: { kind: 'no_contributor' } });
		const avoid = [liar.candidate.peer];
		const heard = await listen(network.requester(avoid).ask(QUESTION, never));
		expect(heard.last).toMatchObject({ failure: { kind: 'no_contributor' } });
	});
});
