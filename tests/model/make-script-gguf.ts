import { gaussian, uniform } from './random.ts';
import { FIRST_MORE_TOKEN, TURN_END, writeLlama } from './tiny-llama.ts';

/**
 * A model that answers anything with the same tokens and then ends its turn: every token leads to the
 * next, the first follows the line break that opens the assistant's turn. For what random weights
 * never say, such as a tool call or a character that is split between tokens.
 *
 * @param script a number is a byte, a text is a token of its own; no token may come twice
 */
export function makeScriptGguf(
	script: readonly (number | string)[],
	chatTemplate: string
): Uint8Array<ArrayBuffer> {
	const moreTokens = script.filter((token) => typeof token === 'string');
	const numbers = script.map((token) =>
		typeof token === 'number' ? token : FIRST_MORE_TOKEN + moreTokens.indexOf(token)
	);
	const chain = ['\n'.charCodeAt(0), ...numbers, TURN_END];
	if (new Set(chain).size < chain.length) throw new Error('a token comes twice in the script');
	const embedding = (token: number, dimension: number) =>
		gaussian(uniform(token * 1009 + dimension))();
	return writeLlama({
		name: 'script',
		chatTemplate,
		moreTokens,
		embedding,
		layer: () => 0,
		output: (token, dimension) => {
			const before = chain[chain.indexOf(token) - 1];
			return before === undefined ? 0 : embedding(before, dimension);
		}
	});
}
