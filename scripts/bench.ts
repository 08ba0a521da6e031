/** Runs one benchmark and ends with its figures as one JSON line: `npm run bench -- NAME`. */

const NAMES = ['overhead', 'failover', 'log', 'paid'];
const [name = ''] = process.argv.slice(2);
if (!NAMES.includes(name)) {
	console.error(`usage: npm run bench -- NAME, where NAME is one of: ${NAMES.join(', ')}`);
	process.exit(2);
}
const { run } = (await import(`../tests/bench/${name}.ts`)) as {
	run: () => Promise<Record<string, number>>;
};
const figures = await run();
const rounded = Object.entries(figures).map(([key, value]) => [key, Math.round(value * 1e4) / 1e4]);
console.log(JSON.stringify({ name, ...Object.fromEntries(rounded) }));
process.exit(0);
