import type { Delivery } from '../log/delivery.ts';
import type { LogClient } from '../log/log-client.ts';
import type { LogWatch } from '../log/log-watch.ts';
import type { Logged } from '../protocol/part-evidence.ts';
import type { LogRecords, UndeliveredEntry } from '../store/log-records.ts';

/** A page's side of the coordinator's log. */
export interface PageLog {
	client: LogClient;
	records: LogRecords;
	watch: LogWatch;
	delivery: Delivery;
}

/**
 * Loads the code for the log and begins to hand in what earlier visits could not.
 *
 * @param onLogged the log has proven that it has an entry
 */
export async function openPageLog(
	onLogged: (kept: UndeliveredEntry, logged: Logged) => void | Promise<void> = () => {}
): Promise<PageLog> {
	const [{ LogClient }, { LogWatch }, { Delivery }, { openLogRecords }] = await Promise.all([
		import('../log/log-client.ts'),
		import('../log/log-watch.ts'),
		import('../log/delivery.ts'),
		import('../store/log-database.ts')
	]);
	const records = await openLogRecords();
	const client = new LogClient(new URL(location.origin));
	const watch = new LogWatch({ client, records });
	const delivery = new Delivery({ client, records, watch, onLogged });
	addEventListener('online', () => delivery.retry());
	delivery.retry();
	return { client, records, watch, delivery };
}
