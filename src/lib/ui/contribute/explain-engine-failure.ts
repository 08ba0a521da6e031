import { m } from '$lib/paraglide/messages';
import type { EngineFailureKind } from '../../protocol/generation.ts';

export type RecoveryStep =
	/** The same again. */
	| 'retry'
	/** On the processor instead of the graphics card: only if the person says so. */
	| 'use_cpu'
	| 'choose_smaller';

export interface EngineExplanation {
	sentence: () => string;
	/** The first is the one to try first. */
	steps: readonly RecoveryStep[];
}

const EXPLANATIONS: Record<EngineFailureKind, EngineExplanation> = {
	no_webgpu: { sentence: m.engine_no_webgpu, steps: ['use_cpu', 'retry'] },
	device_lost: { sentence: m.engine_device_lost, steps: ['retry', 'choose_smaller', 'use_cpu'] },
	out_of_memory: { sentence: m.engine_out_of_memory, steps: ['choose_smaller', 'use_cpu'] },
	storage_full: { sentence: m.engine_storage_full, steps: ['choose_smaller', 'retry'] },
	download_failed: { sentence: m.engine_download_failed, steps: ['retry'] },
	hash_mismatch: { sentence: m.engine_hash_mismatch, steps: ['choose_smaller', 'retry'] },
	unsupported: { sentence: m.engine_unsupported, steps: ['choose_smaller', 'use_cpu'] },
	too_long: { sentence: m.engine_failed, steps: ['retry'] },
	worker_died: { sentence: m.engine_worker_died, steps: ['retry', 'choose_smaller'] },
	cancelled: { sentence: m.engine_cancelled, steps: ['retry', 'choose_smaller'] },
	engine_failed: { sentence: m.engine_failed, steps: ['retry', 'use_cpu', 'choose_smaller'] }
};

/** One sentence and the steps that may help, the best first. */
export function explainEngineFailure(kind: EngineFailureKind): EngineExplanation {
	return EXPLANATIONS[kind];
}
