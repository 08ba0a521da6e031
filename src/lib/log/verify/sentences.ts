/** One plain sentence for everything that a step of verification can find. */

export type SentenceValues = Readonly<Record<string, string | number>>;

const time = (ms: unknown) => new Date(Number(ms)).toISOString().replace('T', ' ').slice(0, 19);

const SENTENCES = {
	signature_receipt: ({ peer }) => `The receipt is signed by contributor ${peer}.`,
	signature_record: ({ peer }) =>
		`The answer broke off; its last run is signed by contributor ${peer}.`,
	signature_fails: ({ reason }) => `The signature does not hold (${reason}).`,

	text_holds: () => 'Question and answer are the ones that were signed.',
	text_partly: ({ covered, uncovered }) =>
		`The first ${covered} characters of the answer are the ones that were signed; the ${uncovered} after them are not covered.`,
	text_absent: () => 'The words are not here, so they were not compared.',
	text_malformed: ({ reason }) => `What should prove the words cannot be read (${reason}).`,
	text_question_differs: () => 'The question is not the one that was signed.',
	text_answer_differs: () => 'The answer is not the one that was signed.',
	text_words_differ: () => 'Question or answer are not the ones that were signed.',
	text_job_differs: ({ field }) => `The receipt is not for this question and answer (${field}).`,
	text_shown_differs: () => 'The question that is shown is not the one that was asked.',
	text_link_differs: () => 'This part does not continue the part before it.',
	text_rest: ({ uncovered }) =>
		`The last ${uncovered} characters of the answer are not covered by any signature.`,

	entry_holds: ({ index, key, size, time: at }) =>
		`It is entry ${index} of the log ${key}, under its signed head of ${size} entries of ${time(at)} UTC.`,
	entry_fails: () => 'The proof that the log has it does not hold.',
	entry_unknown: () => 'The log does not have it.',
	entry_hidden: () => 'The log denies it, although its own signed head proves that it had it.',
	entry_backdated: ({ time: at }) =>
		`The log claims to have had it by ${time(at)} UTC, before it was made.`,
	entry_open: ({ reason }) => `Whether the log has it was not checked (${reason}).`,

	head_holds: ({ from, to }) =>
		`The log has only grown: ${from} entries then, ${to} now, all of the first among them.`,
	head_fork: ({ size }) => `The log shows two histories: it signed two heads of ${size} entries.`,
	head_rewritten: ({ from, to }) =>
		`The log was rewritten: its head of ${to} entries does not continue that of ${from}.`,
	head_backdated: ({ from, to }) =>
		`The log’s heads contradict each other: that of ${from} and that of ${to} entries are dated the wrong way round.`,
	head_other_key: () => 'The coordinator shows a log with another key than before.',
	head_other_log: ({ key }) => `The log that has it (${key}) is not this coordinator’s.`,
	head_open: ({ reason }) => `Whether the log has only grown was not checked (${reason}).`,

	anchor_holds: ({ size, transaction, at }) =>
		`The log’s head of ${size} entries, which has it, is on TON since ${time(at)} UTC (transaction ${transaction}).`,
	anchor_unconfirmed: ({ size, transaction, at }) =>
		`The coordinator says that its head of ${size} entries is on TON since ${time(at)} UTC (transaction ${transaction}); the chain itself was not asked.`,
	anchor_not_on_chain: ({ transaction }) =>
		`The coordinator says that transaction ${transaction} anchored its log, but the chain does not have it so.`,
	anchor_contradicts: ({ size }) =>
		`The head of ${size} entries that is anchored on TON does not fit the log that is shown.`,
	anchor_not_yet: ({ at }) => `Not anchored on TON yet; the last anchor is of ${time(at)} UTC.`,
	anchor_none: () => 'Not anchored on TON: this log never was.',
	anchor_open: ({ reason }) => `Whether it is anchored on TON was not checked (${reason}).`,

	model_holds: ({ model }) => `The files of ${model} are those that the catalogue pins.`,
	model_fails: ({ model, digest, expected }) =>
		`The answer came from other files of ${model} (${digest}) than the catalogue pins (${expected}).`,
	model_unpinned: ({ model, digest }) =>
		`The catalogue does not pin the files of ${model}; the answer came from ${digest}.`,
	model_unknown: ({ model }) => `The catalogue does not have ${model}.`,
	model_open: ({ reason }) => `The model was not compared with the catalogue (${reason}).`
} as const satisfies Record<string, (values: SentenceValues) => string>;

export type SentenceCode = keyof typeof SENTENCES;
export const SENTENCE_CODES = Object.keys(SENTENCES) as SentenceCode[];

/** What a step found, in English. */
export function sentenceOf(found: { code: SentenceCode; values: SentenceValues }): string {
	return SENTENCES[found.code](found.values);
}
