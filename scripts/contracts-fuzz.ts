/**
 * Random steps against the purse and a model of it: `npm run fuzz:contracts -- --seed S --steps N`.
 * Without a seed it takes one from the clock. A failure prints what reproduces it.
 */
import { parseArgs } from 'node:util';
import { fuzz, type FuzzOptions } from '../tests/contracts/fuzz/run.ts';
import { PRICE_SETS } from '../tests/contracts/support/prices.ts';

const USAGE =
	'usage: npm run fuzz:contracts -- [--seed S] [--steps N] [--prices mainnet|sandbox] [--log]';

function readOptions(): FuzzOptions | null {
	const { values } = parseArgs({
		options: {
			seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
			steps: { type: 'string', default: '1000' },
			prices: { type: 'string' },
			log: { type: 'boolean', default: false }
		}
	});
	const prices = PRICE_SETS.find((set) => set === values.prices);
	if (values.prices !== undefined && prices === undefined) return null;
	const [seed, steps] = [Number(values.seed), Number(values.steps)];
	if (!Number.isSafeInteger(seed) || seed < 0) return null;
	if (!Number.isSafeInteger(steps) || steps < 1) return null;
	return { seed, steps, ...(prices && { prices }), ...(values.log && { onStep: console.log }) };
}

function optionsOrUsage(): FuzzOptions {
	try {
		const options = readOptions();
		if (options) return options;
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
	}
	console.error(USAGE);
	process.exit(2);
}

const options = optionsOrUsage();
console.log(`seed ${options.seed}, ${options.steps} steps`);
const started = performance.now();
try {
	const { counts, ...amounts } = await fuzz(options);
	for (const key of Object.keys(counts).sort()) console.log(`${key}: ${counts[key]}`);
	const seconds = Math.round((performance.now() - started) / 1000);
	const money = Object.entries(amounts).map(([name, nano]) => `${name} ${nano}`);
	console.log(`ok: ${options.steps} steps in ${seconds} s, ${money.join(', ')}`);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	const prices = options.prices ? ` --prices ${options.prices}` : '';
	console.error(
		`Again: npm run fuzz:contracts -- --seed ${options.seed} --steps ${options.steps}${prices}`
	);
	process.exitCode = 1;
}
