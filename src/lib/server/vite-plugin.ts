import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin, ViteDevServer } from 'vite';
import type * as CoordinatorModule from './coordinator.ts';
import type * as PublishedModule from './published.ts';
import type * as SettingsModule from './settings.ts';

/**
 * The same coordinator on Vite's development server, so that `npm run dev` has one port too. Vite's
 * own sockets (hot reload) stay with Vite.
 */
export function coordinatorInDev(): Plugin {
	return {
		name: 'mulberry:coordinator-in-dev',
		apply: 'serve',
		async configureServer(server) {
			// vitest runs a Vite server as well, and `httpServer` is null where Vite is only middleware.
			if (process.env['VITEST'] !== undefined || !server.httpServer) return;
			await attachCoordinator(server);
		}
	};
}

async function attachCoordinator(server: ViteDevServer): Promise<void> {
	// Not static imports: the configuration is bundled in every run of vite and vitest.
	const load = (file: string): Promise<unknown> =>
		import(pathToFileURL(join(server.config.root, 'src/lib/server', file)).href);
	const { createCoordinator } = (await load('coordinator.ts')) as typeof CoordinatorModule;
	const { publish } = (await load('published.ts')) as typeof PublishedModule;
	const { readSettings } = (await load('settings.ts')) as typeof SettingsModule;
	const { pino } = await import('pino');

	const settings = readSettings(process.env);
	const coordinator = await createCoordinator(settings, pino({ level: settings.logLevel }));
	publish(coordinator);
	server.middlewares.use(coordinator.front);
	server.httpServer?.on('upgrade', (req, socket, head) => {
		coordinator.handleUpgrade(req, socket, head);
	});
	server.httpServer?.on('close', () => void coordinator.close());
}
