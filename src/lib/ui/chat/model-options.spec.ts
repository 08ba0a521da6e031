import { describe, expect, it } from 'vitest';
import { modelOptions } from './model-options.ts';

const served = (id: string, contributors: number, freeSlots: number) => ({
	id,
	contributors,
	freeSlots,
	tokensPerSecond: null,
	promptPrice: 0n,
	completionPrice: 0n
});

const on = (model: string) => ({ model, place: 'network' as const });

describe('the models one can ask', () => {
	it('begin with the one that has the most free places', () => {
		const options = modelOptions(
			[served('a', 5, 0), served('b', 2, 2), served('c', 1, 1)],
			[],
			null
		);
		expect(options.map(({ id }) => id)).toEqual(['b', 'c', 'a']);
	});

	it('leave out what nobody serves, but for the one that was chosen', () => {
		const figures = [served('a', 1, 1), served('gone', 0, 0)];
		expect(modelOptions(figures, [], null).map(({ id }) => id)).toEqual(['a']);
		expect(modelOptions(figures, [], on('gone')).map(({ id }) => id)).toEqual(['a', 'gone']);
		expect(modelOptions(figures, [], on('a')).map(({ id }) => id)).toEqual(['a']);
	});
});
