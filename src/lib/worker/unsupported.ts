import { EngineError } from '../protocol/generation.ts';

/** The error for a control that cannot be honoured. */
export function unsupported(control: string, why: string): EngineError {
	return new EngineError('unsupported', `${control} ${why}.`, `sampling.${control}`);
}
