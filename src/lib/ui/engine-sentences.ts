import { m } from '$lib/paraglide/messages';
import type { EngineFailureKind } from '../protocol/generation.ts';

const SENTENCES: Record<EngineFailureKind, () => string> = {
	no_webgpu: m.engine_no_webgpu,
	device_lost: m.engine_device_lost,
	out_of_memory: m.engine_out_of_memory,
	storage_full: m.engine_storage_full,
	download_failed: m.engine_download_failed,
	hash_mismatch: m.engine_hash_mismatch,
	unsupported: m.engine_unsupported,
	too_long: m.failure_too_long,
	worker_died: m.engine_worker_died,
	cancelled: m.engine_cancelled,
	engine_failed: m.engine_failed
};

export const isEngineFailureKind = (kind: unknown): kind is EngineFailureKind =>
	typeof kind === 'string' && Object.hasOwn(SENTENCES, kind);

/** What went wrong with a model on this device, in one sentence. */
export const engineSentence = (kind: EngineFailureKind) => SENTENCES[kind]();
