export interface TokenPiece {
	tokens: number;
	text: string;
}

/**
 * Cuts a batch of tokens at the ends of runs. An engine says which text a batch made, not which
 * token made which character, so the text is shared out evenly by code points.
 *
 * @param room tokens that the open run still takes, at least 1
 * @param runTokens tokens of every later run
 */
export function splitTokens(
	tokens: number,
	text: string,
	room: number,
	runTokens: number
): TokenPiece[] {
	if (tokens <= room) return tokens === 0 && text === '' ? [] : [{ tokens, text }];
	const points = Array.from(text);
	const pieces: TokenPiece[] = [];
	let usedTokens = 0;
	let usedPoints = 0;
	while (usedTokens < tokens) {
		const take = Math.min(tokens - usedTokens, usedTokens === 0 ? room : runTokens);
		usedTokens += take;
		const upTo = Math.floor((points.length * usedTokens) / tokens);
		pieces.push({ tokens: take, text: points.slice(usedPoints, upTo).join('') });
		usedPoints = upTo;
	}
	return pieces;
}
