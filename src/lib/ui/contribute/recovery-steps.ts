import type { EngineFailureKind } from '../../protocol/generation.ts';

export type RecoveryStep =
	/** The same again. */
	| 'retry'
	/** The same again; what was wrong has been removed. */
	| 'fetch_again'
	/** On the processor instead of the graphics card: only if the person says so. */
	| 'use_cpu'
	| 'choose_smaller';

const STEPS: Record<EngineFailureKind, readonly RecoveryStep[]> = {
	no_webgpu: ['use_cpu', 'retry'],
	device_lost: ['retry', 'choose_smaller', 'use_cpu'],
	out_of_memory: ['choose_smaller', 'use_cpu'],
	storage_full: ['choose_smaller', 'retry'],
	download_failed: ['retry'],
	hash_mismatch: ['fetch_again', 'choose_smaller'],
	unsupported: ['choose_smaller', 'use_cpu'],
	too_long: ['retry'],
	worker_died: ['retry', 'choose_smaller'],
	cancelled: ['retry', 'choose_smaller'],
	engine_failed: ['retry', 'use_cpu', 'choose_smaller']
};

/** The steps that may help after a failure, the best first. */
export const recoverySteps = (kind: EngineFailureKind) => STEPS[kind];
