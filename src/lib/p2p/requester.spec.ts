/** The requester's side is real; contributors are real sessions on scripted engines, or liars. */
import { describe, expect, it } from 'vitest';
import { MODEL } from '../../../tests/support/memory-contributor.ts';
import { listen, MemoryNetwork } from '../../../tests/support/memory-network.ts';
import { ScriptedGenerator, words } from '../../../tests/support/scripted-generator.ts';
import type { Question } from './answer-events.ts';

const QUESTION: Question = {
	model: MODEL.id,
	messages: [{ role: 'user', content: 'count' }],
	sampling: { max_tokens: 1_000 }
};

const never = new AbortController().signal;

describe('a requester', () => {
	it('gets the whole answer, and learns how it was made', async () => {
		const network = new MemoryNetwork();
		const contributor = await network.add({ length: 70 });
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.text).toBe(words(0, 70));
		expect(heard.kinds).toEqual(['searching', 'dialling', 'queued', 'prompt', 'done']);
		expect(heard.last).toMatchObject({
			kind: 'done',
			finish: 'stop',
			usage: { promptTokens: 3, completionTokens: 70 },
			parts: [
				{
					contributor: contributor.candidate.peer,
					tokens: 70,
					length: words(0, 70).length,
					coveredLength: words(0, 70).length
				}
			],
			path: 'host'
		});
	});

	it('asks again on the same link', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 5 });
		const requester = network.requester();
		await listen(requester.ask(QUESTION, never));
		const second = await listen(requester.ask(QUESTION, never));
		expect(second.text).toBe(words(0, 5));
		expect(network.opened).toHaveLength(1);
	});

	it('dials two, gives the job to one and closes the other', async () => {
		const network = new MemoryNetwork();
		const [a, b] = [
			await network.add({ length: 40, delayMs: 2 }),
			await network.add({ length: 40 })
		];
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.events[1]).toEqual({ kind: 'dialling', contributors: 2 });
		expect(a.finished).toHaveLength(1);
		expect(b.finished).toHaveLength(0);
		expect(b.links.every((link) => link.end !== null)).toBe(true);
	});

	it('goes to the next when the directory lists somebody who is gone', async () => {
		const network = new MemoryNetwork();
		const gone = await network.add({ length: 5 });
		const here = await network.add({ length: 5 });
		network.absent.add(gone.candidate.peer);
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.last).toMatchObject({ kind: 'done' });
		expect(here.finished).toHaveLength(1);
	});

	it('finds who came while the listed ones could not be reached', async () => {
		const network = new MemoryNetwork();
		const gone = await network.add({ length: 5 });
		network.absent.add(gone.candidate.peer);
		let asked = 0;
		const { find } = network;
		network.find = async (query) => {
			if (++asked === 2) await network.add({ length: 5 });
			return find(query);
		};
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.text).toBe(words(0, 5));
	});

	it.each([
		['nobody offers the model', (_: MemoryNetwork) => {}, { kind: 'no_contributor' }],
		[
			'the directory is down',
			(n: MemoryNetwork) => void (n.isDown = true),
			{ kind: 'directory_unreachable' }
		]
	])('says so when %s', async (_, prepare, failure) => {
		const network = new MemoryNetwork();
		prepare(network);
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.last).toMatchObject({ kind: 'failed', failure });
	});

	it('says so when nobody listed can be reached', async () => {
		const network = new MemoryNetwork();
		for (const each of [await network.add({ length: 5 }), await network.add({ length: 5 })]) {
			network.absent.add(each.candidate.peer);
		}
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.last).toMatchObject({ failure: { kind: 'unreachable', tried: 2 } });
	});

	it('stops within a moment and keeps the text', async () => {
		const network = new MemoryNetwork();
		const contributor = await network.add({ length: 1_000, delayMs: 2 });
		const stop = new AbortController();
		const heard = await listen(network.requester().ask(QUESTION, stop.signal), (event) => {
			if (event.kind === 'text' && event.tokens >= 10) stop.abort();
		});
		expect(heard.last).toMatchObject({ kind: 'done', finish: 'cancelled' });
		if (heard.last?.kind !== 'done') return;
		const { completionTokens } = heard.last.usage;
		expect(completionTokens).toBeLessThan(100);
		expect(heard.text).toBe(words(0, completionTokens));
		expect(heard.last.parts[0]?.coveredLength).toBe(heard.text.length);
		expect(contributor.finished[0]?.outcome).toEqual({ kind: 'finished', finish: 'cancelled' });
	});

	it('resumes on the same contributor after a dropped connection, once and exactly', async () => {
		const network = new MemoryNetwork();
		const contributor = await network.add({ length: 120, delayMs: 2 });
		const dropAt = [20, 75];
		const heard = await listen(network.requester().ask(QUESTION, never), (event) => {
			if (event.kind !== 'text' || event.tokens < (dropAt[0] ?? Infinity)) return;
			dropAt.shift();
			network.opened.at(-1)?.channel.close();
		});
		expect(heard.text).toBe(words(0, 120));
		expect(heard.kinds.filter((kind) => kind === 'resumed')).toHaveLength(2);
		expect(heard.last).toMatchObject({ kind: 'done', parts: [{ tokens: 120 }] });
		expect(contributor.finished).toHaveLength(1);
	});

	it('goes on when the directory is gone in the middle of an answer', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 60, delayMs: 2 });
		const heard = await listen(network.requester().ask(QUESTION, never), (event) => {
			if (event.kind === 'text') network.isDown = true;
		});
		expect(heard.text).toBe(words(0, 60));
		expect(heard.kinds).not.toContain('interrupted');
	});

	it('carries on at the next contributor when the first is lost, losing and doubling nothing', async () => {
		const network = new MemoryNetwork();
		const first = await network.add({ length: 120, delayMs: 2 });
		const second = await network.add({ length: 120 });
		const heard = await listen(network.requester().ask(QUESTION, never), (event) => {
			if (event.kind !== 'text' || event.tokens < 40) return;
			network.absent.add(first.candidate.peer);
			first.links.forEach((link) => link.channel.close());
		});
		expect(heard.text).toBe(words(0, 120));
		expect(heard.kinds).toEqual([
			...['searching', 'dialling', 'queued', 'prompt', 'interrupted'],
			...['continued', 'queued', 'prompt', 'done']
		]);
		const { generator } = second;
		if (!(generator instanceof ScriptedGenerator)) throw new Error('not scripted');
		const [request] = generator.requests;
		expect(heard.text.startsWith(request?.prefix ?? '-')).toBe(true);
		expect(heard.last).toMatchObject({ kind: 'done', usage: { completionTokens: 120 } });
		const parts = heard.last?.kind === 'done' ? heard.last.parts.map(({ tokens }) => tokens) : [];
		expect(parts).toHaveLength(2);
		expect(parts[0]).toBeGreaterThanOrEqual(40);
		expect((parts[0] ?? 0) + (parts[1] ?? 0)).toBe(120);
	});

	it.each([
		['its engine fails', { failAt: { token: 40, kind: 'device_lost' } } as const],
		['it stops making tokens', { hangAt: 40 }]
	])('carries on at the next contributor when %s', async (_, fault) => {
		const network = new MemoryNetwork();
		await network.add({ length: 120, ...fault });
		await network.add({ length: 120 });
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.text).toBe(words(0, 120));
		expect(heard.kinds).toContain('continued');
	});

	it('carries on elsewhere when the contributor stops', async () => {
		const network = new MemoryNetwork();
		const first = await network.add({ length: 90, delayMs: 1 });
		await network.add({ length: 90 });
		const heard = await listen(network.requester().ask(QUESTION, never), (event) => {
			if (event.kind === 'text' && event.tokens >= 20) {
				first.links.forEach((link) => link.bye('draining', 'stopped'));
			}
		});
		expect(heard.text).toBe(words(0, 90));
		expect(heard.kinds).toContain('continued');
	});

	it('starts anew elsewhere when the answer has a schema', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 60, failAt: { token: 20, kind: 'engine_failed' } });
		await network.add({ length: 60 });
		const sampling = { max_tokens: 1_000, response_format: { type: 'json_object' } as const };
		const heard = await listen(network.requester().ask({ ...QUESTION, sampling }, never));
		expect(heard.kinds).toContain('restarted');
		expect(heard.text).toBe(words(0, 60));
	});

	it('does not continue with other files of the same model', async () => {
		const network = new MemoryNetwork();
		const first = await network.add({ length: 60, hangAt: 20 });
		await network.add({ length: 60 }, { ...MODEL, digest: 'E'.repeat(42) + 'A' });
		const stop = new AbortController();
		const heard = await listen(network.requester().ask(QUESTION, stop.signal), (event) => {
			if (event.kind === 'text' && event.tokens >= 20) {
				network.absent.add(first.candidate.peer);
				setTimeout(() => stop.abort(), 1_500);
			}
		});
		expect(heard.kinds).not.toContain('continued');
		expect(heard.text).toBe(words(0, 20));
	});

	it('tries the next when one is busy, and reports the last refusal when all are', async () => {
		const network = new MemoryNetwork();
		const first = await network.add({ length: 5 });
		first.isDraining = true;
		await network.add({ length: 5 });
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.text).toBe(words(0, 5));
		for (const each of network.contributors) each.isDraining = true;
		const refused = await listen(network.requester().ask(QUESTION, never));
		expect(refused.last).toMatchObject({ failure: { kind: 'refused', code: 'draining' } });
	});

	it('does not go round all contributors with a job that none can take', async () => {
		const network = new MemoryNetwork();
		const fault = { failAt: { token: -1, kind: 'too_long' } } as const;
		await network.add({ length: 5, ...fault });
		const second = await network.add({ length: 5 });
		const heard = await listen(network.requester().ask(QUESTION, never));
		expect(heard.last).toMatchObject({ failure: { kind: 'refused', code: 'too_long' } });
		expect(second.finished).toHaveLength(0);
	});

	it('says so when a question is larger than any frame', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 5 });
		const messages = [{ role: 'user' as const, content: '漢'.repeat(400_000) }];
		const heard = await listen(network.requester().ask({ ...QUESTION, messages }, never));
		expect(heard.last).toMatchObject({ failure: { kind: 'refused', code: 'too_long' } });
	});

	it('carries on from text that it was given', async () => {
		const network = new MemoryNetwork();
		await network.add({ length: 40 });
		const question = { ...QUESTION, prefix: words(0, 30), digest: MODEL.digest };
		expect((await listen(network.requester().ask(question, never))).text).toBe(words(30, 40));
		const otherFiles = { ...question, digest: 'E'.repeat(42) + 'A' };
		const heard = await listen(network.requester().ask(otherFiles, never));
		expect(heard.last).toMatchObject({ failure: { kind: 'no_contributor' } });
	});

	it('cancels the job when the page stops listening', async () => {
		const network = new MemoryNetwork();
		const contributor = await network.add({ length: 1_000, delayMs: 2 });
		for await (const event of network.requester().ask(QUESTION, never)) {
			if (event.kind === 'text') break;
		}
		await contributor.links[0]?.ended;
		expect(contributor.links[0]?.end).toMatchObject({ byPeer: true });
	});
});

describe('a requester and a contributor that cheats', () => {
	const lie = async (change: (text: string) => string) => {
		const network = new MemoryNetwork();
		(await network.add({ length: 70 })).changeSent(change);
		return listen(network.requester().ask(QUESTION, never));
	};

	it.each<[string, (text: string) => string]>([
		['changes a word after signing', (text) => text.replace('w33 ', 'v33 ')],
		[
			'counts tokens that were not made',
			(text) => text.replace(/"n":(\d+),/, (_, n) => `"n":${Number(n) + 9},`)
		],
		['skips tokens', (text) => text.replace('"from":0,', '"from":6,')],
		[
			'counts the prompt too high',
			(text) => text.replace('"seq":0,"tokens":3', '"seq":0,"tokens":4000')
		],
		['skips a run', (text) => text.replace('"seq":1,', '"seq":2,')],
		['shortens a run', (text) => text.replace('"seq":1,"tokens":32', '"seq":1,"tokens":31')],
		[
			'signs with another key',
			(text) => text.replace(/("t":"chunk".*"seq":1,.*"sig":")..../, '$1AAAA')
		],
		[
			'reports another usage',
			(text) => text.replace('"completionTokens":70', '"completionTokens":71')
		],
		[
			'answers another job',
			(text) => text.replace(/"t":"chunk","job":"[^"]+"/, `"t":"chunk","job":"${'B'.repeat(22)}"`)
		],
		['sends garbage', (text) => (text.includes('w5 ') ? '{"t":"text"' : text)],
		['sends frames of a requester', (text) => (text.includes('w5 ') ? '{"t":"probe"}' : text)]
	])('stops when it %s', async (_, change) => {
		const heard = await lie(change);
		expect(heard.last).toMatchObject({ kind: 'failed', failure: { kind: 'cheated' } });
		expect(words(0, 70).startsWith(heard.text.replace('v33', 'w33'))).toBe(true);
	});
});
