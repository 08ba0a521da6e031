import { m } from '$lib/paraglide/messages';
import type { DeviceFacts } from '../../models/capability.ts';
import { formatBytes, formatMemory, formatNumber } from '../format.ts';

export type DeviceMark = 'good' | 'weak' | 'bad';

export interface DeviceLine {
	name: string;
	value: string;
	mark: DeviceMark;
}

/** Below this only the smallest models have a chance. */
const ROOMY_BYTES = 4e9;

/** What this device can do, a line for each thing that matters, with the reason for each "no". */
export function deviceLines(device: DeviceFacts, locale: string): DeviceLine[] {
	const { webgpu, memoryBytes, storage, isolated } = device;
	const bytes = (value: number) => formatBytes(value, locale);
	const cores = formatNumber(device.cores, locale);
	const freeBytes = storage ? Math.max(0, storage.quotaBytes - storage.usedBytes) : null;
	const roomy = (value: number | null) => (value === null || value < ROOMY_BYTES ? 'weak' : 'good');
	const lines: DeviceLine[] = [
		webgpuLine(device),
		{
			name: m.device_memory(),
			value:
				memoryBytes === null
					? m.device_unknown()
					: m.device_at_least({ size: formatMemory(memoryBytes, locale) }),
			mark: roomy(memoryBytes)
		},
		{
			name: m.device_storage(),
			value: freeBytes === null ? m.device_unknown() : m.device_free({ size: bytes(freeBytes) }),
			mark: roomy(freeBytes)
		},
		{
			name: m.device_cores(),
			value: isolated ? cores : m.device_cores_single({ cores }),
			mark: isolated ? 'good' : 'weak'
		}
	];
	if (webgpu) {
		lines.splice(1, 0, {
			name: m.device_f16(),
			value: webgpu.f16 ? m.device_yes() : m.device_f16_none(),
			mark: webgpu.f16 ? 'good' : 'weak'
		});
	}
	if (!device.ed25519) {
		lines.push({ name: m.device_keys(), value: m.device_keys_none(), mark: 'bad' });
	}
	return lines;
}

function webgpuLine({ webgpu, webgpuAbsence }: DeviceFacts): DeviceLine {
	const name = m.device_webgpu();
	if (webgpu) {
		const card = [webgpu.vendor, webgpu.architecture].filter(Boolean).join(' ');
		return webgpu.isFallback
			? { name, value: m.device_webgpu_fallback(), mark: 'weak' }
			: { name, value: card || m.device_yes(), mark: 'good' };
	}
	switch (webgpuAbsence?.kind) {
		case 'insecure_page':
			return { name, value: m.device_webgpu_insecure(), mark: 'bad' };
		case 'no_adapter':
			return { name, value: m.device_webgpu_no_adapter(), mark: 'bad' };
		case 'failed': {
			const { message } = webgpuAbsence;
			return { name, value: m.device_webgpu_failed({ message }), mark: 'bad' };
		}
		default:
			return { name, value: m.device_webgpu_no_api(), mark: 'bad' };
	}
}
