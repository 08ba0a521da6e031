/** The contributor's side is real; the requester is a script of frames. */
import { describe, expect, it, vi } from 'vitest';
import { everyInNode } from '../../../tests/support/memory-channel.ts';
import { MemoryContributor, MODEL } from '../../../tests/support/memory-contributor.ts';
import {
	ScriptedGenerator,
	words,
	type Script
} from '../../../tests/support/scripted-generator.ts';
import { fromBase64Url, toBase64Url } from '../protocol/bytes.ts';
import type { Frame, FrameOf, JobFrame, Tag } from '../protocol/frames.ts';
import { newJobId } from '../protocol/ids.ts';
import { createIdentity } from '../protocol/keys.ts';
import { RunningState, verifyRun } from '../protocol/running-state.ts';
import { authenticate } from './handshake.ts';
import { MAX_WAITING_JOBS } from './job-queue.ts';
import { Link } from './link.ts';
import { WINDOW_TOKENS } from './served-job.ts';

const SALT = new Uint8Array(32).fill(3);

function jobFrame(changes: Partial<JobFrame> = {}): JobFrame {
	return {
		t: 'job',
		id: newJobId(),
		model: MODEL.id,
		digest: MODEL.digest,
		messages: [{ role: 'user', content: 'count' }],
		sampling: { max_tokens: 1000 },
		salt: toBase64Url(SALT),
		pay: { kind: 'free' },
		...changes
	};
}

async function contributorWith(script: Script) {
	const generator = new ScriptedGenerator(script);
	const contributor = await MemoryContributor.create(generator);
	return { contributor, generator };
}

async function connect(contributor: MemoryContributor): Promise<Link> {
	const link = new Link(contributor.open(), everyInNode);
	const identity = await createIdentity();
	const expectedPeer = contributor.candidate.peer;
	const proven = await authenticate(link, { role: 'requester', identity, expectedPeer });
	expect(proven.ok).toBe(true);
	await take(link, 'terms');
	return link;
}

async function take<T extends Tag>(link: Link, tag: T): Promise<FrameOf<T>> {
	const received = await link.next({ timeoutMs: 2_000 });
	if (received.kind !== 'frame') throw new Error(`${tag} expected, ${received.kind} came`);
	expect(received.frame.t).toBe(tag);
	return received.frame as FrameOf<T>;
}

/** Takes frames, acknowledging all text, until one with this tag. */
async function takeUntil<T extends Tag>(link: Link, tag: T, seen: Frame[] = []) {
	for (;;) {
		const received = await link.next({ timeoutMs: 2_000 });
		if (received.kind !== 'frame') throw new Error(`${tag} expected, ${received.kind} came`);
		const { frame } = received;
		seen.push(frame);
		if (frame.t === 'text') link.send({ t: 'ack', job: frame.job, from: frame.from + frame.n });
		if (frame.t === tag) return { frame: frame as FrameOf<T>, seen };
	}
}

const textOf = (frames: Frame[]) =>
	frames.flatMap((frame) => (frame.t === 'text' ? [frame.text] : [])).join('');

describe('a contributor serving a job', () => {
	it.each([1, 3, 50])('signs every run over the running state, engine batch %i', async (batch) => {
		const { contributor } = await contributorWith({ length: 70, batch });
		const link = await connect(contributor);
		const frame = jobFrame();
		const jobText = link.send(frame);
		await take(link, 'accept');
		const { seen, frame: done } = await takeUntil(link, 'done');
		let state: RunningState | null = null;
		let run = { tokens: 0, text: '' };
		const closed: number[] = [];
		for (const each of seen) {
			if (each.t === 'text') run = { tokens: run.tokens + each.n, text: run.text + each.text };
			if (each.t !== 'chunk') continue;
			state = state
				? await state.next(run.tokens, run.text)
				: await RunningState.start(SALT, jobText, contributor.candidate.jws, 3);
			if (each.seq > 0) expect(each.tokens).toBe(run.tokens);
			const sig = fromBase64Url(each.sig) ?? new Uint8Array();
			expect(await verifyRun(contributor.identity.publicKey, sig, state)).toBe(true);
			closed.push(each.tokens);
			run = { tokens: 0, text: '' };
		}
		expect(closed).toEqual([3, 32, 32, 6]);
		expect(textOf(seen)).toBe(words(0, 70));
		expect(done).toMatchObject({
			finish: 'stop',
			usage: { promptTokens: 3, completionTokens: 70 },
			creditNano: '0'
		});
	});

	it('stays within the window of the last ack', async () => {
		const { contributor, generator } = await contributorWith({ length: 2_000 });
		const link = await connect(contributor);
		const { id } = jobFrame();
		link.send(jobFrame({ id, sampling: { max_tokens: 2_000 } }));
		await vi.waitFor(() => expect(generator.made).toBeGreaterThanOrEqual(WINDOW_TOKENS));
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(generator.made).toBeLessThanOrEqual(WINDOW_TOKENS + 1);
		link.send({ t: 'ack', job: id, from: 100 });
		await vi.waitFor(() => expect(generator.made).toBeGreaterThanOrEqual(WINDOW_TOKENS + 100));
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(generator.made).toBeLessThanOrEqual(WINDOW_TOKENS + 101);
	});

	it('stops pulling from the engine while the channel is full', async () => {
		const { contributor, generator } = await contributorWith({ length: 200, delayMs: 1 });
		const link = await connect(contributor);
		contributor.channels[0]?.setBufferedAmount(300_000);
		link.send(jobFrame());
		await new Promise((resolve) => setTimeout(resolve, 40));
		expect(generator.made).toBeLessThanOrEqual(1);
		contributor.channels[0]?.setBufferedAmount(0);
		await takeUntil(link, 'done');
		expect(generator.made).toBe(200);
	});

	it('stops within one token of a cancel and closes the open run', async () => {
		const { contributor, generator } = await contributorWith({ length: 1_000, delayMs: 10 });
		const link = await connect(contributor);
		const frame = jobFrame();
		link.send(frame);
		await take(link, 'accept');
		await take(link, 'chunk');
		for (let i = 0; i < 3; i++) await take(link, 'text');
		const madeBefore = generator.made;
		link.send({ t: 'cancel', job: frame.id });
		const { seen, frame: done } = await takeUntil(link, 'done');
		expect(done.finish).toBe('cancelled');
		expect(seen.at(-2)).toMatchObject({ t: 'chunk', seq: 1, tokens: done.usage.completionTokens });
		expect(generator.made).toBeLessThanOrEqual(madeBefore + 2);
	});

	it('resumes on a new link from any text boundary, losing and doubling nothing', async () => {
		const { contributor } = await contributorWith({ length: 70, delayMs: 3 });
		const first = await connect(contributor);
		const frame = jobFrame();
		first.send(frame);
		const accept = await take(first, 'accept');
		const { seen: all } = await takeUntil(first, 'done');
		const boundaries = all.flatMap((each) => (each.t === 'text' ? [each.from + each.n] : []));
		expect(boundaries).toEqual(expect.arrayContaining([1, 32, 64, 70]));
		for (const held of [0, ...boundaries]) {
			const link = await connect(contributor);
			link.send({ t: 'resume', job: frame.id, token: accept.resume, from: held });
			await take(link, 'accept');
			const { seen } = await takeUntil(link, 'done');
			expect(textOf(seen)).toBe(words(held, 70));
			expect(seen.findLast((each) => each.t === 'chunk')).toMatchObject({ seq: 3, tokens: 6 });
			link.channel.close();
		}
	});

	it('says bye to a resume that counts from the middle of a frame', async () => {
		const { contributor } = await contributorWith({ length: 70, batch: 32 });
		const first = await connect(contributor);
		const frame = jobFrame();
		first.send(frame);
		const accept = await take(first, 'accept');
		await takeUntil(first, 'done');
		const second = await connect(contributor);
		second.send({ t: 'resume', job: frame.id, token: accept.resume, from: 7 });
		expect(await second.ended).toMatchObject({ code: 'protocol', byPeer: true });
	});

	it('keeps generating for a lost link only until the window is full', async () => {
		const { contributor, generator } = await contributorWith({ length: 2_000 });
		const link = await connect(contributor);
		link.send(jobFrame({ sampling: { max_tokens: 2_000 } }));
		await take(link, 'accept');
		link.channel.close();
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(generator.made).toBeLessThanOrEqual(WINDOW_TOKENS + 1);
	});

	it.each([
		['a wrong token', { token: 'B'.repeat(42) + 'A' }],
		['an unknown job', { job: newJobId() }]
	])('refuses to resume with %s', async (_, changes) => {
		const { contributor } = await contributorWith({ length: 5 });
		const first = await connect(contributor);
		const frame = jobFrame();
		first.send(frame);
		const accept = await take(first, 'accept');
		await takeUntil(first, 'done');
		const second = await connect(contributor);
		second.send({ t: 'resume', job: frame.id, token: accept.resume, from: 0, ...changes });
		expect(await take(second, 'refuse')).toMatchObject({ code: 'gone' });
	});

	it('serves two requesters one after the other and tells the second its place', async () => {
		const { contributor } = await contributorWith({ length: 20, delayMs: 1 });
		const [first, second] = await Promise.all([connect(contributor), connect(contributor)]);
		first.send(jobFrame());
		expect(await take(first, 'accept')).toMatchObject({ place: 0 });
		second.send(jobFrame());
		expect(await take(second, 'accept')).toMatchObject({ place: 1 });
		const order: string[] = [];
		await Promise.all([
			takeUntil(first, 'done').then(() => order.push('first')),
			takeUntil(second, 'chunk').then(() => order.push('second begins'))
		]);
		expect(order).toEqual(['first', 'second begins']);
		expect(textOf((await takeUntil(second, 'done')).seen)).toBe(words(0, 20));
	});

	it('refuses when the queue is full', async () => {
		const { contributor } = await contributorWith({ length: 5, hangAt: 0 });
		for (let i = 0; i <= MAX_WAITING_JOBS; i++) {
			const link = await connect(contributor);
			link.send(jobFrame());
			expect(await take(link, 'accept')).toMatchObject({ place: i });
		}
		const late = await connect(contributor);
		late.send(jobFrame());
		expect(await take(late, 'refuse')).toMatchObject({ code: 'busy' });
	});

	it('passes over a waiting requester that is gone', async () => {
		const { contributor, generator } = await contributorWith({ length: 10, delayMs: 2 });
		const links = await Promise.all([1, 2, 3].map(() => connect(contributor)));
		const [first, second, third] = links as [Link, Link, Link];
		for (const link of links) {
			link.send(jobFrame());
			await take(link, 'accept');
		}
		second.channel.close();
		await takeUntil(first, 'done');
		await takeUntil(third, 'done');
		expect(generator.requests).toHaveLength(2);
	});

	it('ends the job of a requester that says goodbye, so that the next is served at once', async () => {
		const { contributor } = await contributorWith({ length: 5, hangAt: 0 });
		const [first, second] = await Promise.all([connect(contributor), connect(contributor)]);
		first.send(jobFrame());
		await take(first, 'accept');
		second.send(jobFrame());
		await take(second, 'accept');
		await take(first, 'chunk');
		first.bye('cancelled', 'the page was closed');
		await take(second, 'chunk');
		expect(contributor.finished[0]?.outcome).toEqual({ kind: 'broken', code: 'gone' });
	});

	it('cancels a job that still waits', async () => {
		const { contributor, generator } = await contributorWith({ length: 5, hangAt: 0 });
		const [first, second] = await Promise.all([connect(contributor), connect(contributor)]);
		first.send(jobFrame());
		await take(first, 'accept');
		const frame = jobFrame();
		second.send(frame);
		await take(second, 'accept');
		second.send({ t: 'cancel', job: frame.id });
		expect(await take(second, 'done')).toMatchObject({ finish: 'cancelled' });
		expect(generator.requests).toHaveLength(1);
	});

	it.each<[string, Partial<JobFrame>, string, string | undefined]>([
		['an unknown model', { model: 'other' }, 'unknown_model', 'model'],
		['other files of the model', { digest: 'E'.repeat(42) + 'A' }, 'unknown_model', 'digest'],
		[
			'pay that it does not take',
			{
				pay: {
					kind: 'purse',
					purse: `0:${'a'.repeat(64)}`,
					key: 'A'.repeat(43),
					sig: 'A'.repeat(86)
				}
			},
			'unsupported',
			'pay.kind'
		],
		['too many tokens', { sampling: { max_tokens: 5_000 } }, 'too_long', 'sampling.max_tokens'],
		[
			'a prefix with a schema',
			{ prefix: 'w0 ', sampling: { max_tokens: 5, response_format: { type: 'json_object' } } },
			'unsupported',
			'prefix'
		]
	])('refuses %s by name', async (_, changes, code, field) => {
		const { contributor } = await contributorWith({ length: 5 });
		const link = await connect(contributor);
		link.send(jobFrame(changes));
		expect(await take(link, 'refuse')).toMatchObject({ code, field });
	});

	it('refuses an unknown control by name and stays open', async () => {
		const { contributor } = await contributorWith({ length: 5 });
		const link = await connect(contributor);
		const sampling = { max_tokens: 5, mirostat: 1 } as JobFrame['sampling'];
		link.send(jobFrame({ sampling }));
		expect(await take(link, 'refuse')).toMatchObject({ field: 'sampling.mirostat' });
		link.send({ t: 'probe' });
		expect(await take(link, 'estimate')).toMatchObject({ slots: 1 });
	});

	it.each([
		['too_long', 'too_long'],
		['unsupported', 'unsupported'],
		['device_lost', 'engine_lost'],
		['out_of_memory', 'engine_lost']
	] as const)('turns the engine’s %s into a refusal %s', async (kind, code) => {
		const { contributor } = await contributorWith({ length: 5, failAt: { token: -1, kind } });
		const link = await connect(contributor);
		link.send(jobFrame());
		await take(link, 'accept');
		expect(await take(link, 'refuse')).toMatchObject({ code });
		await vi.waitFor(() =>
			expect(contributor.finished[0]?.outcome).toEqual({ kind: 'broken', code })
		);
	});

	it('takes no job while draining', async () => {
		const { contributor } = await contributorWith({ length: 5 });
		const link = await connect(contributor);
		contributor.isDraining = true;
		link.send(jobFrame());
		expect(await take(link, 'refuse')).toMatchObject({ code: 'draining' });
	});

	it('refuses a second job on the same link, and an id used before', async () => {
		const { contributor } = await contributorWith({ length: 50, delayMs: 2 });
		const link = await connect(contributor);
		const frame = jobFrame();
		link.send(frame);
		await take(link, 'accept');
		link.send(jobFrame());
		const { frame: refusal } = await takeUntil(link, 'refuse');
		expect(refusal.code).toBe('not_allowed');
		await takeUntil(link, 'done');
		link.send(frame);
		expect(await take(link, 'refuse')).toMatchObject({ code: 'not_allowed', field: 'id' });
	});

	it.each<[string, (job: JobFrame) => Frame]>([
		['an ack of more than was sent', ({ id }) => ({ t: 'ack', job: id, from: 4_000 })],
		['an ack for an unknown job', () => ({ t: 'ack', job: newJobId(), from: 1 })],
		[
			'a frame that only contributors send',
			({ id }) => ({ t: 'text', job: id, from: 0, n: 1, text: 'x' })
		],
		[
			'a second hello',
			() => ({
				t: 'hello',
				v: 1,
				role: 'requester',
				key: 'A'.repeat(43),
				nonce: 'A'.repeat(43),
				features: []
			})
		]
	])('says bye "protocol" to %s', async (_, make) => {
		const { contributor } = await contributorWith({ length: 50, delayMs: 5 });
		const link = await connect(contributor);
		const frame = jobFrame();
		link.send(frame);
		await take(link, 'accept');
		link.send(make(frame));
		expect(await link.ended).toMatchObject({ code: 'protocol', byPeer: true });
	});

	it('drops acks of a job that was just cancelled', async () => {
		const { contributor } = await contributorWith({ length: 5, hangAt: 0 });
		const [first, second] = await Promise.all([connect(contributor), connect(contributor)]);
		first.send(jobFrame());
		const frame = jobFrame();
		second.send(frame);
		await take(second, 'accept');
		second.send({ t: 'cancel', job: frame.id });
		second.send({ t: 'ack', job: frame.id, from: 0 });
		await take(second, 'done');
		second.send({ t: 'probe' });
		await take(second, 'estimate');
	});
});
