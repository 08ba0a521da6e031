import { entryId } from '../../protocol/log-entry.ts';
import { partsOf, type ChatFile, type FileAnswer } from '../chat-file.ts';
import type { PartPlace } from './check-text.ts';
import { open, type Step } from './steps.ts';
import { verifyClaim, type VerifyContext } from './verify-receipt.ts';

/** What was found of one contributor's part of an answer. */
export interface PartResult {
	/** Id of its receipt or record. */
	id: string;
	steps: Step[];
}

/** What was found of one answer of a chat. */
export interface AnswerResult {
	/** Position of the answer among the turns. */
	turn: number;
	parts: PartResult[];
	/** Text after the last part, or an answer that nothing proves; `null` where there is none. */
	rest: Step | null;
}

/** Every step that was taken for an answer. */
export const stepsOf = ({ parts, rest }: AnswerResult): Step[] => [
	...parts.flatMap(({ steps }) => steps),
	...(rest ? [rest] : [])
];

/** Verifies every answer of a chat, with the question that stands before it. */
export async function verifyChat(file: ChatFile, context: VerifyContext): Promise<AnswerResult[]> {
	const results: AnswerResult[] = [];
	let question: string | null = null;
	for (const [turn, each] of file.turns.entries()) {
		if (each.kind === 'question') question = each.text;
		else results.push(await verifyAnswer(turn, each, question, context));
	}
	return results;
}

async function verifyAnswer(
	turn: number,
	answer: FileAnswer,
	question: string | null,
	context: VerifyContext
): Promise<AnswerResult> {
	const { parts, rest } = partsOf(answer);
	const results: PartResult[] = [];
	let before = null as PartPlace['before'];
	for (const [index, part] of parts.entries()) {
		const { entry } = part;
		const logged = answer.parts[index]?.logged ?? null;
		const place = { question, before };
		const id = await entryId(entry);
		results.push({ id, steps: await verifyClaim({ entry, part, place, logged }, context) });
		before = { text: `${before?.text ?? ''}${part.text}`, id };
	}
	const uncovered = rest.length;
	const step = uncovered > 0 ? open('text', 'text_rest', { uncovered }) : null;
	if (step) context.onStep?.(step);
	return { turn, parts: results, rest: step };
}
