/** What this browser and machine tell about themselves. */

/** Why there is no GPU to compute on. */
export type WebgpuAbsence =
	/** `navigator.gpu` is hidden from pages that are not served over https. */
	| { kind: 'insecure_page' }
	| { kind: 'no_api' }
	/** No GPU, an unsuited driver, or one on the browser's block list. */
	| { kind: 'no_adapter' }
	| { kind: 'failed'; message: string };

export interface WebgpuFacts {
	vendor: string;
	architecture: string;
	/** Emulated on the processor: slower than llama.cpp is there. */
	isFallback: boolean;
	f16: boolean;
	maxBufferBytes: number;
	maxBindingBytes: number;
	maxWorkgroupBytes: number;
	maxStorageBuffers: number;
}

export interface DeviceFacts {
	webgpu: WebgpuFacts | null;
	/** Null where there is WebGPU. */
	webgpuAbsence: WebgpuAbsence | null;
	/**
	 * `navigator.deviceMemory`, rounded to a power of two and capped by the browser, so that large
	 * values mean "at least". Null where the browser does not say (Firefox, Safari).
	 */
	memoryBytes: number | null;
	/** Null where the browser does not say. A quota is what may be asked for, not what the disk has. */
	storage: { quotaBytes: number; usedBytes: number } | null;
	cores: number;
	/** Cross-origin isolated: WebAssembly may have threads. */
	isolated: boolean;
	/** JavaScript Promise Integration: llama.cpp needs it to wait for a GPU. */
	jspi: boolean;
	/** 64-bit WebAssembly memory: llama.cpp's build needs it. */
	memory64: boolean;
	/** WebCrypto signs with Ed25519: without it nobody can take part. */
	ed25519: boolean;
	/** A phone or tablet. */
	isMobile: boolean;
	/** The browser tells whether the machine runs on its battery. */
	tellsBattery: boolean;
}

/** A driver that hangs must not leave the page without an answer. */
const ANSWER_TIMEOUT_MS = 8_000;

/** In Chromium only, and not in TypeScript's library. */
interface NavigatorHints {
	deviceMemory?: number;
	userAgentData?: { mobile: boolean };
}

/** Asks the browser. Never rejects; what it does not say is null, zero or false. */
export async function readDevice(): Promise<DeviceFacts> {
	const hints = navigator as Navigator & NavigatorHints;
	const [gpu, storage, ed25519] = await Promise.all([readWebgpu(), readStorage(), hasEd25519()]);
	return {
		...gpu,
		memoryBytes: hints.deviceMemory === undefined ? null : hints.deviceMemory * 1024 ** 3,
		storage,
		cores: navigator.hardwareConcurrency || 1,
		isolated: globalThis.crossOriginIsolated,
		jspi: 'Suspending' in WebAssembly,
		memory64: hasMemory64(),
		ed25519,
		isMobile: isMobile(hints.userAgentData),
		tellsBattery: 'getBattery' in navigator
	};
}

async function readWebgpu(): Promise<Pick<DeviceFacts, 'webgpu' | 'webgpuAbsence'>> {
	const without = (webgpuAbsence: WebgpuAbsence) => ({ webgpu: null, webgpuAbsence });
	if (!('gpu' in navigator)) {
		return without({ kind: globalThis.isSecureContext ? 'no_api' : 'insecure_page' });
	}
	try {
		const adapter = await inTime(
			navigator.gpu.requestAdapter({ powerPreference: 'high-performance' })
		);
		if (adapter === null) return without({ kind: 'no_adapter' });
		const { info, limits } = adapter;
		return {
			webgpu: {
				vendor: info.vendor,
				architecture: info.architecture,
				isFallback: info.isFallbackAdapter,
				f16: adapter.features.has('shader-f16'),
				maxBufferBytes: limits.maxBufferSize,
				maxBindingBytes: limits.maxStorageBufferBindingSize,
				maxWorkgroupBytes: limits.maxComputeWorkgroupStorageSize,
				maxStorageBuffers: limits.maxStorageBuffersPerShaderStage
			},
			webgpuAbsence: null
		};
	} catch (error) {
		return without({ kind: 'failed', message: error instanceof Error ? error.message : '' });
	}
}

async function readStorage(): Promise<DeviceFacts['storage']> {
	try {
		const { quota, usage } = await inTime(navigator.storage.estimate());
		if (quota === undefined || usage === undefined) return null;
		return { quotaBytes: quota, usedBytes: usage };
	} catch {
		return null;
	}
}

async function hasEd25519(): Promise<boolean> {
	try {
		await inTime(crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']));
		return true;
	} catch {
		return false;
	}
}

function hasMemory64(): boolean {
	// A module that only declares one page of 64-bit memory.
	const module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 1];
	return WebAssembly.validate(new Uint8Array(module));
}

function isMobile(userAgentData: NavigatorHints['userAgentData']): boolean {
	if (userAgentData?.mobile === true) return true;
	const { userAgent, maxTouchPoints } = navigator;
	// iPads call themselves Macintosh, but no Mac has a touch screen.
	return /Android|iPhone|iPad|Mobile/.test(userAgent) || isTouchMac(userAgent, maxTouchPoints);
}

const isTouchMac = (userAgent: string, touchPoints: number) =>
	userAgent.includes('Macintosh') && touchPoints > 1;

async function inTime<T>(promise: Promise<T>): Promise<T> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error('no answer in time')), ANSWER_TIMEOUT_MS);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}
