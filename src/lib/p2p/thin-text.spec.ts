import { describe, expect, it } from 'vitest';
import { ThinTextWatch } from './thin-text.ts';

describe('the watch over text', () => {
	it('says nothing before 64 tokens, however little text they have', () => {
		const watch = new ThinTextWatch(4, 0);
		for (let n = 0; n < 63; n++) expect(watch.add(1, 0)).toBeNull();
		expect(watch.add(1, 0)).toBe(0);
	});

	it.each([
		[2, null],
		[1.9, 1.9]
	])('of %d bytes a token where 4 are usual says %j', (bytes, said) => {
		const watch = new ThinTextWatch(4, 0);
		let last: number | null = null;
		for (let n = 0; n < 20; n++) last = watch.add(10, bytes * 10);
		if (said === null) expect(last).toBeNull();
		else expect(last).toBeCloseTo(said);
	});

	it('looks at the last 64 tokens, not at all of them', () => {
		const watch = new ThinTextWatch(4, 0);
		for (let n = 0; n < 100; n++) expect(watch.add(10, 50)).toBeNull();
		const said = Array.from({ length: 7 }, () => watch.add(10, 5));
		expect(said.at(-1)).toBeCloseTo(0.5);
	});

	it('allows for text that a stop string may be holding back', () => {
		const watch = new ThinTextWatch(4, 200);
		for (let n = 0; n < 7; n++) expect(watch.add(10, 0)).toBeNull();
	});

	it('takes a large frame for what it is', () => {
		expect(new ThinTextWatch(4, 0).add(256, 100)).toBeCloseTo(100 / 256);
		expect(new ThinTextWatch(4, 0).add(256, 900)).toBeNull();
	});
});
