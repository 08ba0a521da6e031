import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { parseFrame, type FrameOf } from './frames.ts';
import {
	MAX_MESSAGE_BYTES,
	MAX_PART_BYTES,
	MAX_PARTS,
	PartAssembler,
	toMessages
} from './framing.ts';

function part(message: string): FrameOf<'part'> {
	const parsed = parseFrame(message);
	if (parsed.kind !== 'frame' || parsed.frame.t !== 'part') throw new Error('not a part');
	return parsed.frame;
}

const assemble = (messages: string[], assembler = new PartAssembler()) =>
	messages.map((message) => assembler.add(part(message))).at(-1);

describe('framing', () => {
	it('sends a short frame as it is', () => {
		expect(toMessages('{"t":"ping"}')).toEqual(['{"t":"ping"}']);
	});

	it('brings long frames over in parts that fit, with characters of every width', () => {
		const unit = fc.constantFrom('a', 'é', '漢', '😀', '"', '\\');
		fc.assert(
			fc.property(
				fc.string({ unit, minLength: 1 }),
				fc.integer({ min: 1, max: 60_000 }),
				(s, n) => {
					const text = s.repeat(Math.ceil(n / s.length));
					const messages = toMessages(text);
					for (const message of messages) {
						expect(utf8(message).length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
					}
					if (messages.length > 1) expect(assemble(messages)).toEqual({ kind: 'complete', text });
					else expect(messages).toEqual([text]);
				}
			),
			{ numRuns: 60 }
		);
	});

	it('takes the largest frame and refuses one byte more', () => {
		const largest = 'x'.repeat(MAX_PARTS * MAX_PART_BYTES);
		expect(assemble(toMessages(largest))).toEqual({ kind: 'complete', text: largest });
		expect(() => toMessages(`${largest}x`)).toThrow(RangeError);
	});

	const parts = toMessages('x'.repeat(MAX_PART_BYTES * 3));
	const [first = '', second = '', third = ''] = parts;
	const other = toMessages('y'.repeat(MAX_PART_BYTES * 3));

	it.each([
		['a part is missing', [first, third]],
		['a part comes twice', [first, first]],
		['it begins in the middle', [second]],
		['two frames are mixed', [first, other[1] ?? '']]
	])('refuses when %s', (_, messages) => {
		expect(assemble(messages)?.kind).toBe('malformed');
	});

	it('refuses a frame of too many parts, of one part, and empty parts', () => {
		const make = (fields: object) => JSON.stringify({ ...JSON.parse(first), ...fields });
		expect(assemble([make({ n: MAX_PARTS + 1 })])?.kind).toBe('malformed');
		expect(assemble([make({ n: 1 })])?.kind).toBe('malformed');
		expect(assemble([make({ data: '' })])?.kind).toBe('malformed');
		expect(assemble([make({ data: 'A' })])?.kind).toBe('malformed');
	});

	it('refuses parts that are not UTF-8 together', () => {
		const data = (i: number) => JSON.stringify({ t: 'part', id: 'z', i, n: 2, data: '_w' });
		expect(assemble([data(0), data(1)])).toEqual({
			kind: 'malformed',
			reason: 'the parts are not UTF-8'
		});
	});

	it('starts afresh after a refusal', () => {
		const assembler = new PartAssembler();
		assemble([first, third], assembler);
		expect(assembler.isOpen).toBe(false);
		expect(assemble(parts, assembler)?.kind).toBe('complete');
	});
});
