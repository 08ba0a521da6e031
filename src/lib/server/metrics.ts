import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Figures read at the moment of a scrape. */
export interface LiveFigures {
	contributors: number;
	requesters: number;
	offers: number;
	/** Entries of the log of receipts. */
	logEntries: number;
	/** Messages that the outbox still sends. */
	outbox: number;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** What `/metrics` shows. Labels come from closed sets, so that nobody can make them grow. */
export class Metrics {
	readonly registry = new Registry();
	readonly #relayed: Counter<'type'>;
	readonly #refused: Counter<'reason'>;
	readonly #chainCalls: Counter<'method' | 'outcome'>;
	readonly #http: Histogram<'route' | 'method' | 'status'>;

	constructor(read: () => LiveFigures) {
		const registers = [this.registry];
		new Gauge({
			name: 'mulberry_signalling_sockets',
			help: 'Open signalling sockets',
			labelNames: ['role'],
			registers,
			collect() {
				const { contributors, requesters } = read();
				this.set({ role: 'contributor' }, contributors);
				this.set({ role: 'requester' }, requesters);
			}
		});
		new Gauge({
			name: 'mulberry_offers',
			help: 'Offers of contributors that can be reached',
			registers,
			collect() {
				this.set(read().offers);
			}
		});
		new Gauge({
			name: 'mulberry_log_entries',
			help: 'Receipts and records in the log',
			registers,
			collect() {
				this.set(read().logEntries);
			}
		});
		new Gauge({
			name: 'mulberry_outbox_messages',
			help: 'Messages that redeem tickets and are still sent again',
			registers,
			collect() {
				this.set(read().outbox);
			}
		});
		this.#relayed = new Counter({
			name: 'mulberry_signalling_frames_total',
			help: 'Signalling frames accepted',
			labelNames: ['type'],
			registers
		});
		this.#refused = new Counter({
			name: 'mulberry_refused_total',
			help: 'Requests, sockets, frames and offers refused',
			labelNames: ['reason'],
			registers
		});
		this.#chainCalls = new Counter({
			name: 'mulberry_chain_calls_total',
			help: 'Calls to the chain, by how they ended',
			labelNames: ['method', 'outcome'],
			registers
		});
		this.#http = new Histogram({
			name: 'mulberry_http_seconds',
			help: 'Time to answer an HTTP request (pages and APIs)',
			labelNames: ['route', 'method', 'status'],
			buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
			registers
		});
	}

	relayed(type: string): void {
		this.#relayed.inc({ type });
	}

	refused(reason: string): void {
		this.#refused.inc({ reason });
	}

	/** @param method one of those that the coordinator passes on */
	chainCalled(method: string, outcome: 'ok' | 'refused' | 'failed'): void {
		this.#chainCalls.inc({ method, outcome });
	}

	answered(route: string, method: string, status: number, seconds: number): void {
		const known = METHODS.has(method) ? method : 'other';
		this.#http.observe({ route, method: known, status }, seconds);
	}
}
