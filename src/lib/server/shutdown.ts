import type { Logger } from 'pino';
import type { RunningServer } from './listen.ts';

/** Ends the process cleanly on SIGTERM and SIGINT. */
export function stopOnSignal(server: RunningServer, logger: Logger): void {
	let isStopping = false;
	const stop = async (signal: NodeJS.Signals) => {
		// Who asks twice means it.
		if (isStopping) process.exit(1);
		isStopping = true;
		logger.info({ signal }, 'shutting down');
		try {
			await server.close();
			logger.info('stopped');
			// PeerServer's housekeeping timers would keep the process alive.
			process.exit(0);
		} catch (error) {
			logger.fatal({ err: error }, 'could not shut down cleanly');
			process.exit(1);
		}
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
}
