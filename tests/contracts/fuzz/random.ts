/** Numbers that look random and are the same for the same seed (Tommy Ettinger's mulberry32). */
export class Random {
	private state: number;

	constructor(seed: number) {
		this.state = seed >>> 0;
	}

	/** From 0 up to, not including, 1. */
	fraction(): number {
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let mixed = this.state;
		mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	}

	/** A whole number from 0 up to, not including, `limit`. */
	below(limit: number): number {
		return Math.floor(this.fraction() * limit);
	}

	nano(minNano: bigint, maxNano: bigint): bigint {
		return minNano + BigInt(Math.floor(this.fraction() * Number(maxNano - minNano + 1n)));
	}

	chance(probability: number): boolean {
		return this.fraction() < probability;
	}

	pick<T>(from: readonly T[]): T {
		if (from.length === 0) throw new Error('pick: expected something to pick from');
		return from[this.below(from.length)] as T;
	}

	/** One of the names, as often as its weight says. */
	weighted<Name extends string>(weights: Record<Name, number>): Name {
		const entries = Object.entries(weights) as [Name, number][];
		let left = this.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
		for (const [name, weight] of entries) {
			left -= weight;
			if (left < 0) return name;
		}
		return (entries.at(-1) as [Name, number])[0];
	}
}
