/**
 * Breaks the contracts on purpose, one mistake at a time, and runs their tests on each:
 * `npm run mutate:contracts [-- PART OF A NAME]`. Fails when a mistake goes unnoticed that should not.
 * Works on a copy, so the tree stays as it is.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BEACON_MUTANTS } from '../tests/contracts/mutants/beacon-mutants.ts';
import type { Mutant } from '../tests/contracts/mutants/mutant.ts';
import { OWNER_MUTANTS } from '../tests/contracts/mutants/purse-mutants.ts';
import { CHECK_MUTANTS, PAYOUT_MUTANTS } from '../tests/contracts/mutants/redeem-mutants.ts';
import { CACHE, inRoot } from './root.ts';

const COPY = path.join(CACHE, 'mutants');
/** The sources as they were at the start, whatever happens in the tree meanwhile. */
const PRISTINE = path.join(COPY, 'pristine');
const COPIED = [
	'contracts',
	'package.json',
	'scripts',
	'src/lib/chain',
	'src/lib/protocol',
	'tests/contracts'
];
/**
 * Two say that the code is another one, which every mutant is. Deploying is not about the code. Limits
 * are: but they take long, and gas that differs is no mistake noticed.
 */
const LEFT_OUT = ['built-code', 'gas-page', 'deploy', 'purse-limits'];
const TEST_TIMEOUT_MS = 900_000;

const CONFIG = `export default {
	test: {
		include: ['tests/contracts/**/*.spec.ts'],
		exclude: ${JSON.stringify(LEFT_OUT.map((name) => `**/${name}.spec.ts`))},
		testTimeout: 1_000_000,
		hookTimeout: 1_000_000,
		bail: 1
	}
};
`;

type Verdict = 'caught' | 'survived' | 'does not compile';

function prepareCopy(): void {
	rmSync(COPY, { recursive: true, force: true });
	mkdirSync(COPY, { recursive: true });
	for (const part of COPIED) {
		cpSync(inRoot(part), path.join(COPY, part), { recursive: true });
	}
	cpSync(inRoot('contracts'), PRISTINE, { recursive: true });
	symlinkSync(inRoot('node_modules'), path.join(COPY, 'node_modules'));
	writeFileSync(path.join(COPY, 'vitest.config.js'), CONFIG);
}

function mutatedSource({ name, file, from, to }: Mutant): string {
	const source = readFileSync(path.join(PRISTINE, file), 'utf8');
	const parts = source.split(from);
	if (parts.length !== 2) {
		throw new Error(
			`${name}: expected its text once in ${file}, found it ${parts.length - 1} times`
		);
	}
	return parts.join(to);
}

function run(command: string, args: string[]): { isOk: boolean; output: string } {
	const { status, stdout, stderr } = spawnSync(command, args, {
		cwd: COPY,
		encoding: 'utf8',
		timeout: TEST_TIMEOUT_MS
	});
	return { isOk: status === 0, output: `${stdout}${stderr}` };
}

function judge(mutant: Mutant): { verdict: Verdict; by: string } {
	cpSync(PRISTINE, path.join(COPY, 'contracts'), { recursive: true });
	writeFileSync(path.join(COPY, 'contracts', mutant.file), mutatedSource(mutant));
	const built = run('node', ['scripts/contracts-build.ts']);
	if (!built.isOk) return { verdict: 'does not compile', by: built.output.slice(-500) };
	const tested = run('vitest', ['run', '--reporter=default']);
	if (tested.isOk) return { verdict: 'survived', by: '' };
	const output = stripColours(tested.output);
	const by = /FAIL +tests\/contracts\/(.+)/.exec(output)?.[1];
	if (by === undefined || output.includes('timed out'))
		throw new Error(`${mutant.name}: ${output.slice(-2_000)}`);
	const why = /^\w*Error: .*$/m.exec(output)?.[0] ?? '';
	return { verdict: 'caught', by: `by ${by}: ${why.slice(0, 160)}` };
}

// eslint-disable-next-line no-control-regex
const stripColours = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m/g, '');

const wanted = process.argv[2] ?? '';
const mutants = [...OWNER_MUTANTS, ...CHECK_MUTANTS, ...PAYOUT_MUTANTS, ...BEACON_MUTANTS].filter(
	({ name }) => name.includes(wanted)
);
prepareCopy();
for (const mutant of mutants) mutatedSource(mutant);
const clean = run('node', ['scripts/contracts-build.ts']).isOk && run('vitest', ['run']).isOk;
if (!clean) throw new Error('the tests fail without any mistake');
const wrong: string[] = [];
for (const mutant of mutants) {
	const { verdict, by } = judge(mutant);
	const isExpected = (verdict === 'survived') === (mutant.survivesBecause !== undefined);
	if (!isExpected || verdict === 'does not compile') wrong.push(mutant.name);
	console.log(`${mutant.name}: ${verdict} ${mutant.survivesBecause ?? by}`.trimEnd());
}
rmSync(COPY, { recursive: true, force: true });
console.log(`\n${mutants.length} mutants, ${mutants.length - wrong.length} as expected`);
if (wrong.length > 0) console.error(`Not as expected: ${wrong.join('; ')}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
