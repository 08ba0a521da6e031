/** The real parts of a contributor's session. All heavy code is loaded on Start, not with the page. */
import { makeModelWorker, usableThreads } from '../model-worker.ts';
import { openPageLog, type PageLog } from '../page-log.ts';
import type { ContributeParts } from './contribute-session.svelte.ts';

let opening: Promise<PageLog> | undefined;

/** Opened once a page: several sessions of one visit hand in by the same. */
function pageLog(): Promise<PageLog> {
	opening ??= openPageLog().catch((error: unknown) => {
		opening = undefined;
		throw error;
	});
	return opening;
}

/** Keeps a receipt until the log has it. A browser that stores nothing may lose it. */
async function handIn(receipt: string | null): Promise<void> {
	if (receipt === null) return;
	try {
		await (await pageLog()).delivery.hand(receipt);
	} catch {
		// The requester hands in the same receipt.
	}
}

export const contributeParts: ContributeParts = {
	makeWorker: makeModelWorker,

	async makePresence({ generator, model, terms, onChange, onJob }) {
		const [{ Contributor }, { DirectoryClient }, { loadIdentity }] = await Promise.all([
			import('../../p2p/contributor.ts'),
			import('../../directory/directory-client.ts'),
			import('../../store/identity.ts')
		]);
		// What an earlier visit could not hand in.
		void pageLog().catch(() => {});
		return new Contributor({
			identity: await loadIdentity(),
			directory: new DirectoryClient(new URL(location.origin)),
			generator,
			model: {
				id: model.model,
				digest: model.digest,
				engine: model.engine,
				contextTokens: model.contextTokens,
				tokensPerSecond: model.tokensPerSecond,
				promptPrice: '0',
				completionPrice: '0'
			},
			engineVersion: model.engineVersion,
			terms,
			onChange,
			onJob: (job) => {
				void handIn(job.receipt);
				onJob(job);
			}
		});
	},

	async persist() {
		try {
			return await navigator.storage.persist();
		} catch {
			// Not a secure context, or a frame without storage.
			return false;
		}
	},

	threads: usableThreads
};
