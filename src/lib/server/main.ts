import { pino, type Logger } from 'pino';
import { collectDefaultMetrics } from 'prom-client';
import { PROTOCOL_HEADER } from './caller-headers.ts';
import { createCoordinator } from './coordinator.ts';
import type { Middleware } from './front.ts';
import { listen } from './listen.ts';
import { publish } from './published.ts';
import { readSettings, SettingsError, settingsWarnings, type Settings } from './settings.ts';
import { stopOnSignal } from './shutdown.ts';

/** The production server: pages, APIs and signalling in one process on one port. */

const HANDLER = new URL('../../../build/handler.js', import.meta.url);

async function loadPages(settings: Settings): Promise<Middleware> {
	// adapter-node reads these while it is imported. Without an origin it would take every request for
	// https, and Kit would then refuse posts from our own http pages.
	if (settings.origin === null) process.env['PROTOCOL_HEADER'] = PROTOCOL_HEADER;
	process.env['BODY_SIZE_LIMIT'] = '64K';
	try {
		const built = (await import(HANDLER.href)) as { handler: Middleware };
		return built.handler;
	} catch (error) {
		throw new Error('The pages could not be loaded; build them first: npm run build', {
			cause: error
		});
	}
}

/**
 * Through Node's own stream: pino's file writer tries a closed pipe again for ever, and blocks the
 * process with it (`npm start | head`).
 */
function logTo(level: Settings['logLevel']): Logger {
	process.stdout.on('error', () => {});
	return pino({ level }, process.stdout);
}

async function main(): Promise<void> {
	const settings = readSettings(process.env);
	const logger = logTo(settings.logLevel);
	for (const warning of settingsWarnings(settings)) logger.warn(warning);
	const coordinator = await createCoordinator(settings, logger);
	collectDefaultMetrics({ register: coordinator.metrics.registry });
	publish(coordinator);
	const server = await listen(coordinator, await loadPages(settings));
	stopOnSignal(server, logger);
	logger.info({ url: server.url, port: server.port }, `open ${server.url}`);
}

main().catch((error: unknown) => {
	const logger = logTo('info');
	if (error instanceof SettingsError) {
		for (const line of error.message.split('\n')) logger.fatal(`wrong setting: ${line}`);
	} else {
		logger.fatal({ err: error }, 'the coordinator could not start');
	}
	process.exit(1);
});
