export interface SplitAnswer {
	/** What the model thought aloud; empty where it did not. */
	thought: string;
	/** Still thinking: no answer yet. */
	isThinking: boolean;
	answer: string;
}

const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Parts a model's thinking from its answer. Some templates open the thought in the prompt, so the
 * text may hold only the closing tag. Tags anywhere later are text like any other.
 */
export function splitThinking(text: string): SplitAnswer {
	const trimmed = text.trimStart();
	const isOpened = trimmed.startsWith(OPEN);
	const isHalfOpened = trimmed !== '' && OPEN.startsWith(trimmed);
	if (isHalfOpened) return { thought: '', isThinking: !isOpened, answer: '' };
	const close = text.indexOf(CLOSE);
	if (!isOpened && (close < 0 || text.lastIndexOf(OPEN, close) >= 0)) {
		return { thought: '', isThinking: false, answer: text };
	}
	const start = isOpened ? text.indexOf(OPEN) + OPEN.length : 0;
	if (close < 0) return { thought: text.slice(start).trim(), isThinking: true, answer: '' };
	return {
		thought: text.slice(start, close).trim(),
		isThinking: false,
		answer: text.slice(close + CLOSE.length).trimStart()
	};
}
