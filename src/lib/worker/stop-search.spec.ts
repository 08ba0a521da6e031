import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopSearch } from './stop-search.ts';

function search(stops: string[], prefix: string, pieces: string[]) {
	const found = new StopSearch(stops, prefix);
	const given = pieces.map((piece) => found.push(piece));
	return { given, text: given.join('') + found.end(), found: found.found };
}

describe('StopSearch', () => {
	it('gives text before a stop string that comes in pieces', () => {
		expect(search(['END'], '', ['one E', 'N', 'D two'])).toEqual({
			given: ['one ', '', ''],
			text: 'one ',
			found: true
		});
	});

	it('gives held text once it turns out to be no stop string', () => {
		expect(search(['END'], '', ['one E', 'N', 'A']).given).toEqual(['one ', '', 'ENA']);
	});

	it('gives a beginning of a stop string when the text ends with it', () => {
		expect(search(['END'], '', ['one EN'])).toMatchObject({ text: 'one EN', found: false });
	});

	it('finds a stop string that begins in the prefix', () => {
		expect(search(['\n\n'], 'a line\n', ['\nmore'])).toMatchObject({ text: '', found: true });
	});

	it('takes the stop string that comes first', () => {
		expect(search(['ef', 'b'], '', ['abcdef'])).toMatchObject({ text: 'a', found: true });
	});

	it('takes the stop string that is complete first, also where another began before it', () => {
		for (const pieces of [['bab'], ['ba', 'b'], ['b', 'a', 'b']]) {
			expect(search(['a', 'bab'], '', pieces)).toMatchObject({ text: 'b', found: true });
		}
	});

	it('gives nothing after a prefix that already holds a stop string', () => {
		expect(search(['x'], 'axb', ['more'])).toMatchObject({ text: '', found: true });
	});

	it('gives every piece at once without stop strings', () => {
		expect(search([], 'before', ['a', 'b']).given).toEqual(['a', 'b']);
	});

	it('cuts exactly where a search of the whole text does, however it is split', () => {
		const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
		const stop = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(
				fc.array(stop, { maxLength: 3 }),
				letters,
				fc.array(letters, { maxLength: 6 }),
				(stops, prefix, pieces) => {
					const whole = prefix + pieces.join('');
					const cuts = stops
						.map((stop) => ({ at: whole.indexOf(stop), length: stop.length }))
						.filter(({ at }) => at !== -1)
						.sort((a, b) => a.at + a.length - (b.at + b.length) || a.at - b.at);
					const expected = whole.slice(prefix.length, Math.max(prefix.length, cuts[0]?.at ?? 0));
					const result = search(stops, prefix, pieces);
					expect(result.text).toBe(cuts.length > 0 ? expected : pieces.join(''));
					expect(result.found).toBe(cuts.length > 0);
				}
			)
		);
	});
});
