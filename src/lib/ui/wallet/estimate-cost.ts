/** What an answer may cost, before it is asked for. */
import { costNano, type Prices } from '../../protocol/amounts.ts';

export interface Prompt {
	/** Texts of all messages, the question last. */
	texts: readonly string[];
	/** The longest answer that is asked for. */
	maxTokens: number;
}

export interface CostEstimate {
	/** For an answer of usual length. */
	aboutNano: bigint;
	/** More is refused by the rules of the network. */
	mostNano: bigint;
}

/** English and French alike, about. */
const BYTES_A_TOKEN = 4;
const USUAL_ANSWER_TOKENS = 300;
/** A contributor may count no more: the protocol's bound, see `docs/protocol.md`. */
const MOST_TOKENS_A_MESSAGE = 64;

export function estimateCost({ texts, maxTokens }: Prompt, prices: Prices): CostEstimate {
	const bytes = texts.reduce((sum, text) => sum + new TextEncoder().encode(text).length, 0);
	const usualTokens = Math.min(maxTokens, USUAL_ANSWER_TOKENS);
	return {
		aboutNano: costNano(prices, Math.ceil(bytes / BYTES_A_TOKEN), usualTokens),
		mostNano: costNano(prices, bytes + MOST_TOKENS_A_MESSAGE * texts.length, maxTokens)
	};
}
