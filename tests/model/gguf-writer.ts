/** The little of GGUF 3 that a test model needs: metadata, then aligned F32 tensors, little-endian. */

export interface Tensor {
	name: string;
	/** Fastest-running dimension first, as GGUF stores it. */
	shape: readonly number[];
	data: Float32Array;
}

export type MetaValue =
	| { type: 'u32' | 'i32' | 'f32'; value: number }
	| { type: 'bool'; value: boolean }
	| { type: 'string'; value: string }
	| { type: 'strings'; value: readonly string[] }
	| { type: 'i32s'; value: readonly number[] };

/** Type numbers of the GGUF specification (ggml/docs/gguf.md). */
const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const ALIGNMENT = 32;

const utf8 = new TextEncoder();

function number(bytes: number, write: (view: DataView) => void): Uint8Array {
	const out = new Uint8Array(bytes);
	write(new DataView(out.buffer));
	return out;
}

const u32 = (value: number) => number(4, (view) => view.setUint32(0, value, true));
const i32 = (value: number) => number(4, (view) => view.setInt32(0, value, true));
const f32 = (value: number) => number(4, (view) => view.setFloat32(0, value, true));
const u64 = (value: number) => number(8, (view) => view.setBigUint64(0, BigInt(value), true));

function text(value: string): Uint8Array {
	const bytes = utf8.encode(value);
	return join([u64(bytes.length), bytes]);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		out.set(part, at);
		at += part.length;
	}
	return out;
}

const padding = (length: number) => new Uint8Array(-length & (ALIGNMENT - 1));

function encodeValue(meta: MetaValue): Uint8Array {
	switch (meta.type) {
		case 'u32':
			return join([u32(TYPE.u32), u32(meta.value)]);
		case 'i32':
			return join([u32(TYPE.i32), i32(meta.value)]);
		case 'f32':
			return join([u32(TYPE.f32), f32(meta.value)]);
		case 'bool':
			return join([u32(TYPE.bool), new Uint8Array([meta.value ? 1 : 0])]);
		case 'string':
			return join([u32(TYPE.string), text(meta.value)]);
		case 'strings':
			return join([
				u32(TYPE.array),
				u32(TYPE.string),
				u64(meta.value.length),
				...meta.value.map(text)
			]);
		case 'i32s':
			return join([u32(TYPE.array), u32(TYPE.i32), u64(meta.value.length), ...meta.value.map(i32)]);
	}
}

/** A GGUF file of F32 tensors. */
export function writeGguf(
	metadata: readonly (readonly [key: string, value: MetaValue])[],
	tensors: readonly Tensor[]
): Uint8Array<ArrayBuffer> {
	const infos: Uint8Array[] = [];
	const data: Uint8Array[] = [];
	let offset = 0;
	for (const tensor of tensors) {
		const f32Type = 0;
		infos.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.map(u64));
		infos.push(u32(f32Type), u64(offset));
		const bytes = new Uint8Array(
			tensor.data.buffer,
			tensor.data.byteOffset,
			tensor.data.byteLength
		);
		data.push(bytes, padding(bytes.length));
		offset += bytes.length + (-bytes.length & (ALIGNMENT - 1));
	}
	const head = join([
		utf8.encode('GGUF'),
		u32(3),
		u64(tensors.length),
		u64(metadata.length),
		...metadata.flatMap(([key, value]) => [text(key), encodeValue(value)]),
		...infos
	]);
	return join([head, padding(head.length), ...data]);
}
