import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFrame, type Frame } from './frames.ts';
import { newJobId } from './ids.ts';

const b32 = 'A'.repeat(43);
const b64 = 'A'.repeat(86);
const id = newJobId();
const job = {
	t: 'job',
	id,
	model: 'tiny',
	digest: b32,
	messages: [{ role: 'user', content: 'hello' }],
	sampling: { max_tokens: 8 },
	salt: b32,
	pay: { kind: 'free' }
} as const;

const EXAMPLES: Frame[] = [
	{ t: 'part', id: 'a', i: 0, n: 2, data: 'AAAA' },
	{ t: 'hello', v: 1, role: 'requester', key: b32, nonce: b32, features: [] },
	{ t: 'proof', sig: b64 },
	{ t: 'terms', offer: 'a.b.c', chunkTokens: 32, expires: 1 },
	{ ...job, messages: [...job.messages] },
	{ t: 'accept', job: id, place: 0, waitMs: 0, resume: b32 },
	{ t: 'refuse', job: id, code: 'busy', text: 'full' },
	{ t: 'chunk', job: id, seq: 0, tokens: 3, sig: b64 },
	{ t: 'due', job: id, seq: 0, part: 0, nano: '12', commit: b32 },
	{ t: 'ticket', job: id, seq: 0, part: 0, salt: b32, sig: b64 },
	{ t: 'text', job: id, from: 0, n: 1, text: 'a' },
	{ t: 'ack', job: id, from: 1 },
	{
		t: 'done',
		job: id,
		finish: 'stop',
		usage: { promptTokens: 1, completionTokens: 1 },
		timings: { queueMs: 0, prefillMs: 1, generateMs: 1 },
		creditNano: '0'
	},
	{ t: 'cancel', job: id },
	{ t: 'resume', job: id, token: b32, from: 3 },
	{ t: 'probe' },
	{ t: 'estimate', slots: 1, waitMs: 0, tokensPerSecond: 3 },
	{ t: 'ping' },
	{ t: 'pong' },
	{ t: 'bye', code: 'gone', text: '' }
];

describe('parseFrame', () => {
	it.each(EXAMPLES.map((frame) => [frame.t, frame] as const))('takes a %s', (_, frame) => {
		expect(parseFrame(JSON.stringify(frame))).toEqual({ kind: 'frame', frame });
	});

	it('gives a value for any text', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
				expect(['malformed', 'unknown']).toContain(parseFrame(text).kind);
			})
		);
	});

	it('gives a value for any JSON, with any tag', () => {
		const tag = fc.constantFrom(...EXAMPLES.map(({ t }) => t), '__proto__', 'toString', 'x');
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), tag, (fields, t) => {
				expect(() => parseFrame(JSON.stringify({ ...fields, t }))).not.toThrow();
			})
		);
	});

	it('gives a value for mutated frames', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...EXAMPLES),
				fc.nat(),
				fc.jsonValue({ maxDepth: 2 }),
				(frame, at, value) => {
					const keys = Object.keys(frame);
					const key = keys[at % keys.length] ?? 't';
					const text = JSON.stringify({ ...frame, [key]: value });
					const parsed = parseFrame(text);
					if (parsed.kind === 'frame') {
						expect(parseFrame(JSON.stringify(parsed.frame))).toEqual(parsed);
					}
				}
			),
			{ numRuns: 2000 }
		);
	});

	it('reads a flipped byte of a frame without throwing', () => {
		fc.assert(
			fc.property(fc.constantFrom(...EXAMPLES), fc.nat(), fc.nat(255), (frame, at, byte) => {
				const text = JSON.stringify(frame);
				const index = at % text.length;
				const broken = text.slice(0, index) + String.fromCharCode(byte) + text.slice(index + 1);
				expect(() => parseFrame(broken)).not.toThrow();
			}),
			{ numRuns: 2000 }
		);
	});

	it('names the unknown control of a job', () => {
		const text = JSON.stringify({ ...job, sampling: { max_tokens: 8, mirostat: 2 } });
		expect(parseFrame(text)).toMatchObject({
			kind: 'refused',
			job: id,
			field: 'sampling.mirostat'
		});
	});

	it('names the unknown key of pay, and the wrong value of a control', () => {
		const paid = JSON.stringify({ ...job, pay: { kind: 'free', tip: 1 } });
		expect(parseFrame(paid)).toMatchObject({ kind: 'refused', field: 'pay.tip' });
		const hot = JSON.stringify({ ...job, sampling: { max_tokens: 8, temperature: 3 } });
		expect(parseFrame(hot)).toMatchObject({ kind: 'refused', field: 'sampling.temperature' });
	});

	it('ignores unknown keys elsewhere', () => {
		const parsed = parseFrame(JSON.stringify({ t: 'ping', extra: 1 }));
		expect(parsed).toEqual({ kind: 'frame', frame: { t: 'ping' } });
	});

	it('cannot refuse a job whose id it cannot read', () => {
		expect(parseFrame(JSON.stringify({ ...job, id: 'short' })).kind).toBe('malformed');
	});

	it('does not take inherited names for tags', () => {
		for (const t of ['constructor', '__proto__', 'hasOwnProperty']) {
			expect(parseFrame(`{"t":"${t}"}`)).toEqual({ kind: 'unknown', tag: t });
		}
	});
});
