import { describe, expect, it } from 'vitest';
import { EngineError } from '../protocol/generation.ts';
import { fromFailure, toFailure } from './failure.ts';

describe('toFailure', () => {
	it.each([
		['RuntimeError: (ABORT) Aborted(OOM)', 'out_of_memory'],
		['RangeError: Array buffer allocation failed', 'out_of_memory'],
		['ggml_backend_alloc: failed to allocate buffer of size 4294967296', 'out_of_memory'],
		['std::bad_alloc', 'out_of_memory'],
		['ggml_webgpu: Device lost! Reason: 1, Message: gone', 'device_lost'],
		['QuotaExceededError: The quota has been exceeded.', 'storage_full'],
		['TypeError: Failed to fetch', 'download_failed'],
		['NetworkError when attempting to fetch resource.', 'download_failed'],
		['WebGPU is not supported in your current environment', 'no_webgpu'],
		['something else', 'engine_failed']
	])('knows %j as %s', (message, kind) => {
		expect(toFailure(new Error(message)).kind).toBe(kind);
	});

	it('looks for the cause in what was logged around the error', () => {
		expect(toFailure(new Error('Aborted()'), 'ggml_webgpu: Device lost!')).toEqual({
			kind: 'device_lost',
			message: 'Aborted() — ggml_webgpu: Device lost!'
		});
	});

	it('takes an AbortError for a cancellation', () => {
		expect(toFailure(new DOMException('stop', 'AbortError')).kind).toBe('cancelled');
	});

	it.each([['a string'], [undefined], [{ odd: true }]])('makes a failure of %j too', (thrown) => {
		expect(toFailure(thrown)).toMatchObject({ kind: 'engine_failed' });
	});

	it('leaves an engine’s own failure as it is, to the worker’s other side and back', () => {
		const error = new EngineError('unsupported', 'no', 'sampling.tools');
		expect(toFailure(fromFailure(structuredClone(toFailure(error))))).toEqual(error.failure);
	});
});
