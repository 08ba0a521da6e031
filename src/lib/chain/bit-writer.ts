import type { Bytes } from '../protocol/bytes.ts';

const MAX_CELL_BITS = 1023;
const MAX_COINS = (1n << 120n) - 1n;

/** The data of one TON cell, bit by bit, big-endian. */
export class BitWriter {
	private readonly bytes = new Uint8Array(129);
	private length = 0;

	get bitLength(): number {
		return this.length;
	}

	/** @throws RangeError when the value does not fit into so many bits, or the cell is full */
	uint(value: bigint | number, bits: number): this {
		const number = BigInt(value);
		if (number < 0n || number >> BigInt(bits) !== 0n) {
			throw new RangeError(`uint${bits}: expected 0 to 2^${bits} - 1, found ${number}`);
		}
		this.checkRoom(bits);
		const whole = Math.floor(bits / 8);
		this.append(Number(number >> BigInt(whole * 8)), bits % 8);
		for (let byte = whole - 1; byte >= 0; byte--) {
			this.append(Number((number >> BigInt(byte * 8)) & 0xffn), 8);
		}
		return this;
	}

	int(value: number, bits: number): this {
		const half = 2 ** (bits - 1);
		if (!Number.isInteger(value) || value < -half || value >= half) {
			throw new RangeError(`int${bits}: expected a whole number in range, found ${value}`);
		}
		return this.uint(BigInt.asUintN(bits, BigInt(value)), bits);
	}

	raw(bytes: Uint8Array): this {
		this.checkRoom(bytes.length * 8);
		for (const byte of bytes) this.append(byte, 8);
		return this;
	}

	/** TON's variable-length amount: four bits for the number of bytes, then the bytes. */
	coins(amountNano: bigint): this {
		if (amountNano < 0n || amountNano > MAX_COINS) {
			throw new RangeError(`amount: expected 0 to 2^120 - 1 nano, found ${amountNano}`);
		}
		const bytes = amountNano === 0n ? 0 : Math.ceil(amountNano.toString(16).length / 2);
		return this.uint(bytes, 4).uint(amountNano, bytes * 8);
	}

	/** `addr_std` without anycast in workchain 0. */
	account(hash: Uint8Array): this {
		return this.uint(0b100, 3).uint(0, 8).raw(hash);
	}

	/** The bytes, the last one filled up as a cell's representation wants it: a one, then zeros. */
	padded(): Bytes {
		const bytes = this.bytes.slice(0, Math.ceil(this.length / 8));
		const rest = this.length % 8;
		const last = bytes.length - 1;
		if (rest !== 0) bytes[last] = (bytes[last] ?? 0) | (0x80 >> rest);
		return bytes;
	}

	private checkRoom(bits: number): void {
		if (this.length + bits <= MAX_CELL_BITS) return;
		throw new RangeError(`cell: expected ${MAX_CELL_BITS} bits, found ${this.length + bits}`);
	}

	/** At most eight bits, which may lie across two bytes. */
	private append(value: number, bits: number): void {
		const index = this.length >> 3;
		const shifted = value << (16 - bits - (this.length & 7));
		this.bytes[index] = (this.bytes[index] ?? 0) | (shifted >> 8);
		this.bytes[index + 1] = shifted & 0xff;
		this.length += bits;
	}
}
