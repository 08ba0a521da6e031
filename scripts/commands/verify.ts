/**
 * `verify FILE`: checks an exported chat, a receipt or evidence, and says what it finds. The exit
 * status is 0 only if everything holds, 1 if something fails, 2 if something could not be checked,
 * and 3 if there is nothing to check.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { weigh, type Evidence } from '../../src/lib/log/evidence.ts';
import { LogClient } from '../../src/lib/log/log-client.ts';
import { LogWatch } from '../../src/lib/log/log-watch.ts';
import { readProofFile, type ProofFile } from '../../src/lib/log/proof-file.ts';
import { LogChecks } from '../../src/lib/log/verify/log-checks.ts';
import { sentenceOf } from '../../src/lib/log/verify/sentences.ts';
import { overall, type Step, type StepOutcome } from '../../src/lib/log/verify/steps.ts';
import { stepsOf, verifyChat } from '../../src/lib/log/verify/verify-chat.ts';
import {
	NOWHERE,
	verifyClaim,
	type VerifyContext
} from '../../src/lib/log/verify/verify-receipt.ts';
import { catalogue as builtIn, parseCatalogue } from '../../src/lib/models/catalogue.ts';
import type { Catalogue } from '../../src/lib/models/model-entry.ts';
import { entryId } from '../../src/lib/protocol/log-entry.ts';
import { MemoryLogRecords } from '../../src/lib/store/memory-log-records.ts';

const CATALOGUE_TIMEOUT_MS = 10_000;
const MARKS: Record<StepOutcome, string> = { holds: '✓', fails: '✗', open: '–' };
const STATUS: Record<StepOutcome, number> = { holds: 0, fails: 1, open: 2 };
const RESULTS: Record<StepOutcome, string> = {
	holds: 'Everything holds.',
	fails: 'Something does not hold.',
	open: 'Nothing fails, but not everything could be checked.'
};

const usage = 'verify FILE [--coordinator URL] [--offline]';

export const verifyCommand = { usage, run };

async function run(args: string[]): Promise<number> {
	const options = readOptions(args);
	if (!options) {
		console.error(`usage: npm run mulberry -- ${usage}`);
		return 3;
	}
	const text = await readFile(options.file, 'utf8').catch((error: Error) => {
		console.error(error.message);
		return null;
	});
	if (text === null) return 3;
	const file = readProofFile(text);
	if (file.kind === 'unknown') {
		console.error(`${options.file}: ${file.reason}`);
		return 3;
	}
	if (file.kind === 'evidence') return sayEvidence(file.evidence);
	return sayProofs(file, options);
}

interface Options {
	file: string;
	coordinator: URL | null;
	isOffline: boolean;
}

function readOptions(args: string[]): Options | null {
	try {
		const { values, positionals } = parseArgs({
			args,
			allowPositionals: true,
			options: { coordinator: { type: 'string' }, offline: { type: 'boolean', default: false } }
		});
		const [file] = positionals;
		const coordinator = values.coordinator === undefined ? null : URL.parse(values.coordinator);
		if (!file || positionals.length > 1) return null;
		if (values.coordinator !== undefined && !coordinator) return null;
		return { file, coordinator, isOffline: values.offline };
	} catch {
		return null;
	}
}

async function sayProofs(
	file: Extract<ProofFile, { kind: 'chat' | 'entry' }>,
	options: Options
): Promise<number> {
	const named = file.kind === 'chat' ? URL.parse(file.file.coordinator) : null;
	const coordinator = options.isOffline ? null : (options.coordinator ?? named);
	// Whoever made the file may have named any coordinator: the reader has to know whose word it is.
	if (coordinator) console.log(`Log of ${coordinator.origin}`);
	else console.log('Without a network: the log is not asked (--coordinator URL asks one).');
	const context = await contextFor(coordinator);
	const outcome =
		file.kind === 'chat' ? await sayChat(file, context) : await sayEntry(file.entry, context);
	console.log(`\n${RESULTS[outcome]}`);
	return STATUS[outcome];
}

async function contextFor(coordinator: URL | null): Promise<VerifyContext> {
	if (!coordinator) return { checks: null, catalogue: builtIn };
	const client = new LogClient(coordinator);
	const watch = new LogWatch({ client, records: new MemoryLogRecords() });
	return { checks: new LogChecks({ client, watch }), catalogue: await catalogueOf(coordinator) };
}

async function catalogueOf(coordinator: URL): Promise<Catalogue> {
	try {
		const signal = AbortSignal.timeout(CATALOGUE_TIMEOUT_MS);
		const response = await fetch(new URL('/api/catalogue', coordinator), { signal });
		const parsed = parseCatalogue(await response.json());
		return parsed.ok ? parsed.value : builtIn;
	} catch {
		return builtIn;
	}
}

async function sayChat(
	{ file }: Extract<ProofFile, { kind: 'chat' }>,
	context: VerifyContext
): Promise<StepOutcome> {
	const results = await verifyChat(file, context);
	console.log(`Chat "${file.chat.title}", ${results.length} answers`);
	for (const [index, { parts, rest }] of results.entries()) {
		for (const [part, { id, steps }] of parts.entries()) {
			const of = parts.length > 1 ? `, part ${part + 1} of ${parts.length}` : '';
			console.log(`\nAnswer ${index + 1}${of}: ${id}`);
			steps.forEach(sayStep);
		}
		if (rest && parts.length === 0) console.log(`\nAnswer ${index + 1}`);
		if (rest) sayStep(rest);
	}
	return overall(results.flatMap(stepsOf));
}

async function sayEntry(entry: string, context: VerifyContext): Promise<StepOutcome> {
	console.log(`\nReceipt ${await entryId(entry)}`);
	const claim = { entry, part: null, place: NOWHERE, logged: null };
	const steps = await verifyClaim(claim, { ...context, onStep: sayStep });
	return overall(steps);
}

function sayStep(step: Step): void {
	console.log(`  ${MARKS[step.outcome]} ${step.name.padEnd(9)}  ${sentenceOf(step)}`);
}

const WEIGHTS = {
	proven: 'This proves by itself that the log lied: its own signatures contradict each other.',
	claimed:
		'The signatures are the log’s own. An honest log could still answer it; a lying one cannot.',
	nothing: 'This proves nothing: the signatures do not say what is claimed.'
} as const;

async function sayEvidence(evidence: Evidence): Promise<number> {
	const weight = await weigh(evidence);
	console.log(`Evidence (${evidence.kind}) against the log of ${evidence.coordinator}`);
	console.log(WEIGHTS[weight]);
	return { proven: 0, claimed: 2, nothing: 1 }[weight];
}
