/** An answer as it grows: what is kept of it, and what is going on right now. A pure fold of events. */
import type { AnswerEvent, AnswerFailure, AnswerPart } from '../../p2p/answer-events.ts';
import type { PayRefusal } from '../../p2p/payments.ts';
import type { AnswerTurn, StoredFailure } from '../../store/chat-records.ts';
import type { LoadProgress } from '../../worker/engine.ts';
import type { ChatEvent } from './chat-events.ts';

export type Phase =
	| { kind: 'searching' }
	/** The model is being loaded on this device. */
	| { kind: 'loading'; progress: LoadProgress | null }
	| { kind: 'dialling'; contributors: number }
	| { kind: 'queued'; place: number; waitMs: number }
	/** The contributor works through the prompt. */
	| { kind: 'reading' }
	| { kind: 'writing' }
	| { kind: 'interrupted' }
	| { kind: 'ended' };

/** What happened on the way and is worth a line: who carried on, or began anew. */
export type Detour = 'resumed' | 'continued' | 'restarted';

export interface AnswerProgress {
	turn: AnswerTurn;
	phase: Phase;
	/** What the turn held before this question was asked, when an answer is carried on. */
	before: Pick<AnswerTurn, 'text' | 'authors'> & { tokens: number; paidNano: bigint };
	tokens: number;
	contributor: string | null;
	detour: Detour | null;
	firstTextAt: number | null;
	tokensAtFirstText: number;
	tokensPerSecond: number | null;
}

export function beginAnswer(turn: AnswerTurn): AnswerProgress {
	const tokens = turn.authors.reduce((sum, author) => sum + author.tokens, 0);
	return {
		turn: { ...turn, outcome: { kind: 'streaming' }, figures: null },
		phase: { kind: 'searching' },
		before: { text: turn.text, authors: turn.authors, tokens, paidNano: turn.paidNano ?? 0n },
		tokens,
		contributor: null,
		detour: null,
		firstTextAt: null,
		tokensAtFirstText: 0,
		tokensPerSecond: null
	};
}

/** Below this a rate is noise. */
const MIN_RATE_MS = 250;

function withText(
	state: AnswerProgress,
	event: Extract<AnswerEvent, { kind: 'text' }>,
	nowMs: number
): AnswerProgress {
	const tokens = state.before.tokens + event.tokens;
	const firstTextAt = state.firstTextAt ?? nowMs;
	const tokensAtFirstText = state.firstTextAt === null ? tokens : state.tokensAtFirstText;
	const elapsedMs = nowMs - firstTextAt;
	return {
		...state,
		turn: { ...state.turn, text: state.turn.text + event.text },
		phase: { kind: 'writing' },
		tokens,
		firstTextAt,
		tokensAtFirstText,
		tokensPerSecond:
			elapsedMs < MIN_RATE_MS ? null : ((tokens - tokensAtFirstText) * 1000) / elapsedMs
	};
}

function authorsOf(state: AnswerProgress, parts: readonly AnswerPart[]): AnswerTurn['authors'] {
	const added = parts
		.filter(({ length, tokens }) => length > 0 || tokens > 0)
		.map(({ contributor, tokens }) => ({ peer: contributor as string, tokens }));
	return [...state.before.authors, ...added];
}

/** The state after an event; `nowMs` is any steady clock. */
export function applyEvent(state: AnswerProgress, event: ChatEvent, nowMs: number): AnswerProgress {
	switch (event.kind) {
		case 'searching':
			return { ...state, phase: { kind: 'searching' } };
		case 'loading':
			return { ...state, phase: { kind: 'loading', progress: event.progress } };
		case 'dialling':
			return { ...state, phase: { kind: 'dialling', contributors: event.contributors } };
		case 'queued': {
			const { place, waitMs, contributor, digest } = event;
			const phase: Phase = place > 0 ? { kind: 'queued', place, waitMs } : { kind: 'reading' };
			return { ...state, phase, contributor, turn: { ...state.turn, digest } };
		}
		case 'prompt':
			return { ...state, phase: { kind: 'reading' } };
		case 'covered':
		case 'mismatch':
			return state;
		case 'text':
			return withText(state, event, nowMs);
		case 'paid':
			return { ...state, turn: { ...state.turn, ...paidSoFar(state, event.paidNano) } };
		case 'thin_text':
			return state;
		case 'interrupted':
			return { ...state, phase: { kind: 'interrupted' } };
		case 'resumed':
			return {
				...state,
				phase: { kind: 'writing' },
				detour: 'resumed',
				contributor: event.contributor
			};
		case 'continued':
			return {
				...state,
				phase: { kind: 'reading' },
				detour: 'continued',
				contributor: event.contributor
			};
		case 'restarted':
			return {
				...state,
				turn: { ...state.turn, text: '' },
				before: { text: '', authors: [], tokens: 0, paidNano: state.before.paidNano },
				phase: { kind: 'reading' },
				detour: 'restarted',
				contributor: event.contributor,
				tokens: 0,
				firstTextAt: null
			};
		case 'done': {
			const { finish, usage, firstTokenMs, tokensPerSecond, path, parts, paidNano } = event;
			const completionTokens = state.before.tokens + usage.completionTokens;
			const { promptTokens } = usage;
			return {
				...state,
				phase: { kind: 'ended' },
				turn: {
					...state.turn,
					...paidSoFar(state, paidNano),
					outcome: { kind: 'done', finish },
					authors: authorsOf(state, parts),
					figures: { promptTokens, completionTokens, firstTokenMs, tokensPerSecond, path }
				}
			};
		}
		case 'engine_failed': {
			const { kind: code, message: detail, field } = event.failure;
			const failure = { kind: 'engine', code, detail, ...(field === undefined ? {} : { field }) };
			return {
				...state,
				phase: { kind: 'ended' },
				turn: { ...state.turn, outcome: { kind: 'failed', failure } }
			};
		}
		case 'failed':
			return {
				...state,
				phase: { kind: 'ended' },
				turn: {
					...state.turn,
					...paidSoFar(state, event.paidNano),
					outcome: { kind: 'failed', failure: storable(event.failure) },
					authors: authorsOf(state, event.parts)
				}
			};
	}
}

/** Nothing for a free answer. @param paidNano of this question */
function paidSoFar(state: AnswerProgress, paidNano: bigint): Pick<AnswerTurn, 'paidNano'> {
	const sumNano = state.before.paidNano + paidNano;
	return sumNano > 0n ? { paidNano: sumNano } : {};
}

/** Without the texts that peers wrote: pages explain by kind and code. */
function storable(failure: AnswerFailure): StoredFailure {
	const { kind } = failure;
	if (kind === 'lost') return { kind, code: failure.code };
	if (kind === 'unpaid') return { kind, ...storableRefusal(failure.refusal) };
	if (kind !== 'refused') return { kind };
	const { code, field } = failure;
	return field === undefined ? { kind, code } : { kind, code, field };
}

function storableRefusal(refusal: PayRefusal): Omit<StoredFailure, 'kind'> {
	const code = refusal.kind;
	switch (refusal.kind) {
		case 'answer_limit':
		case 'day_limit':
			return { code, limitNano: refusal.limitNano, neededNano: refusal.neededNano };
		case 'purse_low':
		case 'reserve_low':
			return { code, neededNano: refusal.neededNano };
		default:
			return { code };
	}
}
