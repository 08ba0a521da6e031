/** Held-out questions and what a right answer contains; see docs/built-in-model.md. */
import { readFileSync } from 'node:fs';
import { inRoot } from '../../scripts/root.ts';

export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

interface Fact extends Record<Language, string[]> {
	id: string;
	topic: string;
}

export interface HeldOut {
	known: Record<Language, { fact: string; question: string }[]>;
	offTopic: Record<Language, string[]>;
}

const read = (name: string): unknown =>
	JSON.parse(readFileSync(inRoot('tools/built-in-model', name), 'utf8'));

const { facts, unknown } = read('facts.json') as {
	facts: Fact[];
	unknown: Record<Language, string[]>;
};
export const heldOut = read('held-out.json') as HeldOut;

const matches = (patterns: string[], answer: string) =>
	patterns.some((pattern) => new RegExp(pattern, 'i').test(answer));

export const isRefusal = (language: Language, answer: string) => matches(unknown[language], answer);

/** Whether the answer contains the fact and is no refusal. */
export function isRight(fact: string, language: Language, answer: string): boolean {
	const patterns = facts.find(({ id }) => id === fact)?.[language];
	if (!patterns) throw new Error(`held-out.json: there is no fact ${fact}`);
	return matches(patterns, answer) && !isRefusal(language, answer);
}
