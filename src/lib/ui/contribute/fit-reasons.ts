import { m } from '$lib/paraglide/messages';
import type { Reason } from '../../models/capability.ts';
import { formatBytes, formatNumber } from '../format.ts';

/** Why a model does not fit, or what to know although it does, with the figures. */
export function reasonText(reason: Reason, locale: string): string {
	const bytes = (value: number) => formatBytes(value, locale);
	switch (reason.kind) {
		case 'no_webgpu':
			return reason.absence.kind === 'unused' ? m.reason_webgpu_unused() : m.reason_no_webgpu();
		case 'no_f16':
			return m.reason_no_f16();
		case 'gpu_limit':
			return m.reason_gpu_limit({
				needed: formatNumber(reason.needed, locale),
				has: formatNumber(reason.has, locale)
			});
		case 'buffer_too_small':
			return m.reason_buffer_too_small({
				needed: bytes(reason.neededBytes),
				has: bytes(reason.hasBytes)
			});
		case 'memory':
			return m.reason_memory({ needed: bytes(reason.neededBytes), has: bytes(reason.hasBytes) });
		case 'wasm_memory':
			return m.reason_wasm_memory({
				needed: bytes(reason.neededBytes),
				has: bytes(reason.hasBytes)
			});
		case 'no_memory64':
			return m.reason_no_memory64();
		case 'storage':
			return m.reason_storage({ needed: bytes(reason.neededBytes), free: bytes(reason.freeBytes) });
		case 'on_processor':
			return m.reason_on_processor();
		case 'one_thread':
			return m.reason_one_thread();
		case 'memory_unknown':
			return m.reason_memory_unknown({ needed: bytes(reason.neededBytes) });
		case 'gpu_memory_unknown':
			return m.reason_gpu_memory_unknown({ needed: bytes(reason.neededBytes) });
		case 'storage_unknown':
			return m.reason_storage_unknown({ needed: bytes(reason.neededBytes) });
		case 'mobile':
			return m.reason_mobile({ needed: bytes(reason.neededBytes) });
	}
}
