import type { Coordinator } from './coordinator.ts';

/**
 * Kit's bundle and our native server are two module graphs, so a module-level value in one is not
 * there in the other; the global object is the same for both.
 */
const KEY = Symbol.for('mulberry.coordinator');

const shared = globalThis as { [KEY]?: Coordinator | undefined };

export function publish(coordinator: Coordinator | undefined): void {
	shared[KEY] = coordinator;
}

/** The coordinator of this process. */
export function publishedCoordinator(): Coordinator {
	const coordinator = shared[KEY];
	if (coordinator) return coordinator;
	throw new Error(
		'No coordinator runs in this process. Start the built pages with src/lib/server/main.ts (npm start), not with build/index.js.'
	);
}
