import { pino } from 'pino';
import { stopOnSignal } from '../shutdown.ts';
import { startCoordinator } from './start-coordinator.ts';

/** A process of its own for the tests of a shutdown; `/slow` answers after half a second. */
const logger = pino({ level: 'info' });
const server = await startCoordinator({ shutdownSeconds: 2 }, (req, res, next) => {
	if (req.url === '/stuck') return;
	if (req.url !== '/slow') return next();
	setTimeout(() => res.end('finished'), 500);
});
stopOnSignal(server, logger);
logger.info({ port: server.port }, 'listening');
