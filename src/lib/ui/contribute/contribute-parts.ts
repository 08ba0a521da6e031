/** The real parts of a contributor's session. All heavy code is loaded on Start, not with the page. */
import { makeModelWorker, usableThreads } from '../model-worker.ts';
import type { ContributeParts } from './contribute-session.svelte.ts';

export const contributeParts: ContributeParts = {
	makeWorker: makeModelWorker,

	async makePresence({ generator, model, onChange, onJob }) {
		const [{ Contributor }, { DirectoryClient }, { loadIdentity }] = await Promise.all([
			import('../../p2p/contributor.ts'),
			import('../../directory/directory-client.ts'),
			import('../../store/identity.ts')
		]);
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
			onChange,
			onJob
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
