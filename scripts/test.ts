/**
 * Everything that has to hold: `npm test`, or some steps of it: `npm test -- lint unit`.
 * Ends with the counts of all tests on a line of their own.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { chromiumPath } from './chromium.ts';
import { execute } from './execute.ts';
import { buildIfStale } from './pages.ts';
import { CACHE } from './root.ts';

const REPORTS = path.join(CACHE, 'reports');
const report = (name: string) => path.join(REPORTS, `${name}.json`);

type Step = () => Promise<boolean>;

const STEPS: Record<string, Step> = {
	prepare: async () =>
		(await execute('svelte-kit', ['sync'])) &&
		(await execute('paraglide-js', [
			...['compile', '--project', './project.inlang', '--outdir', './src/lib/paraglide'],
			...['--strategy', 'cookie', 'preferredLanguage', 'baseLocale', '--silent']
		])),
	lint: async () =>
		(await execute('prettier', ['--check', '--log-level', 'warn', '.'])) &&
		(await execute('eslint', ['.', '--max-warnings', '0'])),
	types: () => execute('svelte-check', ['--tsconfig', './tsconfig.json', '--fail-on-warnings']),
	unit: () =>
		execute('vitest', [
			...['run', '--reporter=default', '--reporter=json'],
			`--outputFile.json=${report('unit')}`
		]),
	build: async () => {
		await buildIfStale();
		return true;
	},
	demo: () => execute('node', ['scripts/demo.ts'], { CHROMIUM: chromiumPath() }),
	e2e: () =>
		execute('playwright', ['test'], {
			CHROMIUM: chromiumPath(),
			PLAYWRIGHT_JSON_OUTPUT_FILE: report('e2e')
		})
};

interface Counts {
	passed: number;
	failed: number;
	skipped: number;
	/** Passed, but not at once. */
	secondTry: number;
}

function readReport(name: string): unknown {
	try {
		return JSON.parse(readFileSync(report(name), 'utf8'));
	} catch {
		return null;
	}
}

function countsOf(): Counts {
	const unit = readReport('unit') as Record<string, number> | null;
	const e2e = readReport('e2e') as { stats?: Record<string, number> } | null;
	return {
		passed:
			(unit?.['numPassedTests'] ?? 0) +
			(e2e?.stats?.['expected'] ?? 0) +
			(e2e?.stats?.['flaky'] ?? 0),
		secondTry: e2e?.stats?.['flaky'] ?? 0,
		failed: (unit?.['numFailedTests'] ?? 0) + (e2e?.stats?.['unexpected'] ?? 0),
		skipped: (unit?.['numPendingTests'] ?? 0) + (e2e?.stats?.['skipped'] ?? 0)
	};
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(STEPS, name));
if (unknown.length > 0) {
	console.error(
		`No such step: ${unknown.join(', ')}. There are: ${Object.keys(STEPS).join(', ')}.`
	);
	process.exit(2);
}
rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
let failedStep: string | null = null;
for (const [name, step] of Object.entries(STEPS)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	console.log(`\n── ${name}`);
	const started = performance.now();
	const isOk = await step().catch((error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		return false;
	});
	console.log(
		`── ${name}: ${isOk ? 'ok' : 'FAILED'} in ${Math.round((performance.now() - started) / 1000)} s`
	);
	if (isOk) continue;
	failedStep = name;
	break;
}
const { passed, failed, skipped, secondTry } = countsOf();
if (secondTry > 0) console.log(`\n${secondTry} passed at the second try only; see "flaky" above.`);
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (failedStep) console.log(`Stopped at: ${failedStep}`);
process.exitCode = failedStep ? 1 : 0;
