import { concat, fromBase64Url, fromUtf8, toBase64Url, utf8, type Bytes } from './bytes.ts';
import type { FrameOf } from './frames.ts';

/** The most bytes one message on the data channel may have; larger frames travel in parts. */
export const MAX_MESSAGE_BYTES = 16_384;
export const MAX_PART_BYTES = 12_000;
export const MAX_PARTS = 88;

let nextPartId = 0;

/**
 * Cuts a frame's text into what goes on the wire: the text itself, or `part` frames of its UTF-8.
 *
 * @throws RangeError if the text is larger than 88 parts of 12,000 bytes.
 */
export function toMessages(text: string): string[] {
	// A UTF-16 unit is at most three bytes of UTF-8, so short texts need no encoding to be measured.
	if (text.length * 3 <= MAX_MESSAGE_BYTES) return [text];
	const bytes = utf8(text);
	if (bytes.length <= MAX_MESSAGE_BYTES) return [text];
	const n = Math.ceil(bytes.length / MAX_PART_BYTES);
	if (n > MAX_PARTS) {
		throw new RangeError(
			`frame of ${bytes.length} bytes: at most ${MAX_PARTS * MAX_PART_BYTES} can be sent`
		);
	}
	const id = (nextPartId++).toString(36);
	return Array.from({ length: n }, (_, i) => {
		const data = toBase64Url(bytes.subarray(i * MAX_PART_BYTES, (i + 1) * MAX_PART_BYTES));
		return JSON.stringify({ t: 'part', id, i, n, data } satisfies FrameOf<'part'>);
	});
}

export type Assembled =
	| { kind: 'incomplete' }
	| { kind: 'complete'; text: string }
	| { kind: 'malformed'; reason: string };

/** Joins the parts of one frame at a time, in order, nothing between them. */
export class PartAssembler {
	#id = '';
	#count = 0;
	#parts: Bytes[] = [];

	/** True between the first and the last part of a frame. */
	get isOpen(): boolean {
		return this.#parts.length > 0;
	}

	add(part: FrameOf<'part'>): Assembled {
		const expected = this.#parts.length;
		if (part.i !== expected) return this.#fail(`part ${part.i} came where ${expected} was due`);
		if (part.n < 2 || part.n > MAX_PARTS) return this.#fail(`a frame of ${part.n} parts`);
		if (expected > 0 && (part.id !== this.#id || part.n !== this.#count)) {
			return this.#fail('parts of two frames mixed');
		}
		const bytes = fromBase64Url(part.data);
		if (!bytes || bytes.length === 0 || bytes.length > MAX_PART_BYTES) {
			return this.#fail('part data is not base64url of 1 to 12,000 bytes');
		}
		this.#id = part.id;
		this.#count = part.n;
		this.#parts.push(bytes);
		if (this.#parts.length < part.n) return { kind: 'incomplete' };
		const text = fromUtf8(concat(...this.#parts));
		this.#parts = [];
		return text === null ? this.#fail('the parts are not UTF-8') : { kind: 'complete', text };
	}

	#fail(reason: string): Assembled {
		this.#parts = [];
		return { kind: 'malformed', reason };
	}
}
