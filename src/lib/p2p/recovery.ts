import type { Candidate, OfferSource } from '../directory/directory-client.ts';
import type { PeerId } from '../protocol/ids.ts';
import { connectToFirst, type Connect, type Connection } from './connect.ts';
import type { ReceivedPart } from './received-part.ts';
import type { Wanted } from './wanted.ts';

/** After this long without an accepted `resume` the next contributor may have the job. */
export const RESUME_FIRST_MS = 700;
/** The contributor keeps a job for 30 s; asking later is in vain. */
const RESUME_WITHIN_MS = 25_000;
/** How long a reader waits for somebody else when there is nothing to resume. */
const NEXT_WITHIN_MS = 8_000;
const RETRY_PAUSE_MS = 500;

export type Recovery = { kind: 'resumed' | 'next'; connection: Connection } | { kind: 'none' };

export interface RecoveryOptions {
	directory: OfferSource;
	connect: Connect;
	part: ReceivedPart;
	/** Whom the next contributor has to be. */
	wanted: Wanted;
	resumeToken: string;
	/** False if the contributor said itself that it is going. */
	canResume: boolean;
	/** Contributors not to be asked again. */
	exclude: readonly PeerId[];
	signal: AbortSignal;
}

/**
 * After a dropped connection: dials the same contributor to resume and, in parallel, the next one.
 * The next gets the job only after 700 ms without a resume, and from then on it is not resumed.
 */
export async function recover(options: RecoveryOptions): Promise<Recovery> {
	const decided = new AbortController();
	const signal = AbortSignal.any([options.signal, decided.signal]);
	let giveNextAChance: (late: 'late') => void = () => {};
	const late = new Promise<'late'>((resolve) => (giveNextAChance = resolve));
	setTimeout(giveNextAChance, RESUME_FIRST_MS, 'late');
	// Who is not even listed any more will not accept in time either.
	const onAbsent = () => giveNextAChance('late');
	const resumed = options.canResume
		? resumeSame(options, signal, onAbsent).then(found('resumed'))
		: Promise.resolve(null);
	const next = connectNext(options, signal).then(found('next'));
	const head = await Promise.race([resumed, late]);
	const first = head === 'late' ? await firstOf([resumed, next]) : (head ?? (await next));
	decided.abort();
	// Whichever comes in after the decision must not keep a link open.
	for (const each of [resumed, next]) {
		void each.then(
			(other) => other !== first && other?.connection.link.bye('cancelled', 'not needed any more')
		);
	}
	return first ?? { kind: 'none' };
}

type Found = Extract<Recovery, { connection: Connection }>;

const found =
	(kind: Found['kind']) =>
	(connection: Connection | null): Found | null =>
		connection && { kind, connection };

/** The first value that is not null, or null when all are. */
function firstOf<T>(promises: Promise<T | null>[]): Promise<T | null> {
	const wanted = promises.map(async (promise) => {
		const value = await promise;
		if (value === null) throw new Error('null');
		return value;
	});
	return Promise.any(wanted).catch(() => null);
}

async function resumeSame(
	options: RecoveryOptions,
	signal: AbortSignal,
	onAbsent: () => void
): Promise<Connection | null> {
	const { part, resumeToken } = options;
	const { peer } = part.connection.offer;
	return repeatedly(RESUME_WITHIN_MS, signal, async () => {
		const candidates = await options.directory.find({ ...wantedOf(part), peer, n: 1 }, signal);
		const [candidate] = candidates;
		if (!candidate) {
			onAbsent();
			return 'again';
		}
		const connected = await options.connect(candidate, wantedOf(part), signal);
		if (!connected.ok) return 'again';
		const { connection } = connected;
		const { link } = connection;
		link.beat = 'job';
		link.send({ t: 'resume', job: part.job.id, token: resumeToken, from: part.tokens });
		const answer = await link.next({ timeoutMs: 3_000, signal });
		if (answer.kind === 'frame' && answer.frame.t === 'accept') return connection;
		link.bye('cancelled', 'the job cannot be resumed');
		return 'never';
	});
}

async function connectNext(
	options: RecoveryOptions,
	signal: AbortSignal
): Promise<Connection | null> {
	const { part, exclude, wanted } = options;
	const excluded = [...exclude, part.connection.offer.peer];
	const withinMs = options.canResume ? RESUME_WITHIN_MS : NEXT_WITHIN_MS;
	return repeatedly(withinMs, signal, async () => {
		const candidates: Candidate[] = await options.directory.find(
			{ ...wanted, exclude: excluded },
			signal
		);
		if (candidates.length === 0) return 'again';
		const found = await connectToFirst(options.connect, candidates.slice(0, 2), wanted, signal);
		return found.ok ? found.connection : 'again';
	});
}

/** On whatever terms: the job goes on as it was agreed. */
const wantedOf = (part: ReceivedPart) => ({ model: part.job.model, digest: part.job.digest });

/** Tries until there is a value, it says "never", the time is up or the signal aborts. */
async function repeatedly<T>(
	withinMs: number,
	signal: AbortSignal,
	attempt: () => Promise<T | 'again' | 'never'>
): Promise<T | null> {
	const deadline = performance.now() + withinMs;
	while (!signal.aborted && performance.now() < deadline) {
		const result = await attempt().catch((): 'again' => 'again');
		if (result === 'never') return null;
		if (result !== 'again') return result;
		await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
	}
	return null;
}
