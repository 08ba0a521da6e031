import type { Code } from '../protocol/frames.ts';
import { EngineError } from '../protocol/generation.ts';

/** Ends a served job with `refuse`: its payment is at fault, not its engine. */
export class JobFault extends Error {
	override readonly name = 'JobFault';
	readonly code: Code;
	readonly field: string | undefined;

	constructor(code: Code, message: string, field?: string) {
		super(message);
		this.code = code;
		this.field = field;
	}
}

/** What a `refuse` says about whatever ended a job. */
export function refusalOf(error: unknown): { code: Code; text: string; field: string | undefined } {
	if (error instanceof JobFault) {
		return { code: error.code, text: error.message, field: error.field };
	}
	const failure = error instanceof EngineError ? error.failure : null;
	const code: Code =
		failure?.kind === 'unsupported' || failure?.kind === 'too_long'
			? failure.kind
			: failure?.kind === 'cancelled'
				? 'cancelled'
				: 'engine_lost';
	return { code, text: failure?.message ?? 'the engine failed', field: failure?.field };
}
