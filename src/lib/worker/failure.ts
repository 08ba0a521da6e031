/** Turns whatever was thrown into a failure that can cross the worker's boundary. */
import { EngineError, type EngineFailure, type EngineFailureKind } from '../protocol/generation.ts';

/** Words that browsers, Emscripten, llama.cpp and TVM use; the first that matches decides. */
const SIGNS: readonly (readonly [EngineFailureKind, RegExp])[] = [
	['device_lost', /device (was |is )?lost|GPUDeviceLost|lost.{0,20}device|webgpu.{0,30}timed out/i],
	[
		'out_of_memory',
		/out of memory|\bOOM\b|bad_alloc|cannot enlarge memory|allocation failed|(failed|unable) to allocate|could not allocate|invalid array length|GPUOutOfMemory/i
	],
	['storage_full', /QuotaExceeded|quota (has been )?exceeded|no space left/i],
	['no_webgpu', /webgpu is not (supported|available)|unable to find a compatible gpu/i],
	['download_failed', /failed to fetch|networkerror|load failed|ERR_(NETWORK|CONNECTION|INTERNET)/i]
];

/**
 * What went wrong, as a value. `hint` is text that the engine logged around the error and that may
 * name the cause better than the error does.
 */
export function toFailure(error: unknown, hint = ''): EngineFailure {
	if (error instanceof EngineError) return error.failure;
	const { name, message } = describe(error);
	if (name === 'AbortError') return { kind: 'cancelled', message: 'It was cancelled.' };
	const text = `${name} ${message} ${hint}`;
	const kind = SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? 'engine_failed';
	return { kind, message: [message, hint].filter((part) => part !== '').join(' — ') || name };
}

export function toEngineError(error: unknown, hint = ''): EngineError {
	if (error instanceof EngineError) return error;
	const { kind, message, field } = toFailure(error, hint);
	return new EngineError(kind, message, field);
}

/** The error whose failure came over a worker's boundary. */
export function fromFailure(failure: EngineFailure): EngineError {
	return new EngineError(failure.kind, failure.message, failure.field);
}

export const cancelled = () => new EngineError('cancelled', 'It was cancelled.');

function describe(error: unknown): { name: string; message: string } {
	if (error instanceof Error) return { name: error.name, message: error.message };
	if (typeof error === 'string') return { name: 'Error', message: error };
	return { name: 'Error', message: String(error) };
}
