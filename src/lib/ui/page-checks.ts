import { BeaconReader } from '../chain/beacon/read-beacon.ts';
import { LogClient, type AnchorAnswer } from '../log/log-client.ts';
import { LogWatch } from '../log/log-watch.ts';
import type { LogRecords } from '../store/log-records.ts';
import { openLogRecords } from '../store/log-database.ts';

/** What a page checks its coordinator's log with. */
export interface PageChecks {
	client: LogClient;
	watch: LogWatch;
	records: LogRecords;
	reader: BeaconReader;
	confirmAnchor: (anchor: AnchorAnswer) => Promise<boolean>;
}

export async function openPageChecks(): Promise<PageChecks> {
	const coordinator = new URL(location.origin);
	const records = await openLogRecords();
	const client = new LogClient(coordinator);
	const reader = new BeaconReader(coordinator);
	return {
		client,
		records,
		reader,
		watch: new LogWatch({ client, records }),
		confirmAnchor: (anchor) => reader.confirms(anchor)
	};
}
