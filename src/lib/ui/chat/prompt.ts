import type { ChatMessage } from '../../protocol/job.ts';
import type { Turn } from '../../store/chat-records.ts';
import { splitThinking } from './thinking.ts';

/**
 * The messages that ask for the answer at `answerId`: everything before it. Thoughts are left out,
 * as models were trained to expect; so are questions that never got an answer, because templates
 * want the roles to alternate.
 */
export function messagesFor(
	turns: readonly Turn[],
	answerId: string,
	system: string
): ChatMessage[] {
	const end = turns.findIndex(({ id }) => id === answerId);
	const before = end < 0 ? turns : turns.slice(0, end);
	const messages: ChatMessage[] =
		system.trim() === '' ? [] : [{ role: 'system', content: system.trim() }];
	before.forEach((turn, index) => {
		if (turn.kind === 'answer') return;
		const next = before[index + 1];
		const isLast = next === undefined;
		const answer = next?.kind === 'answer' ? splitThinking(next.text).answer : '';
		if (!isLast && answer === '') return;
		messages.push({ role: 'user', content: turn.text });
		if (answer !== '') messages.push({ role: 'assistant', content: answer });
	});
	return messages;
}

const TITLE_LENGTH = 60;

/** A chat is named after its first question. */
export function titleOf(question: string): string {
	const line = question.trim().replace(/\s+/g, ' ');
	if (line.length <= TITLE_LENGTH) return line;
	const cut = line.slice(0, TITLE_LENGTH);
	return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), TITLE_LENGTH / 2)).trimEnd()}…`;
}

const DEFAULT_MAX_TOKENS = 1024;

/** Half of the context at most, so that question and answer both have room. */
export function maxTokensFor(wanted: number | null, contextTokens: number | undefined): number {
	const room = Math.max(1, Math.floor((contextTokens ?? DEFAULT_MAX_TOKENS * 2) / 2));
	return wanted === null ? Math.min(DEFAULT_MAX_TOKENS, room) : Math.max(1, wanted);
}
