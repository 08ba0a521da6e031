import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inRoot } from '../../scripts/root.ts';

const START_TIMEOUT_MS = 20_000;

/** The production server in a process of its own, as `npm start` runs it, with data of its own. */
export class CoordinatorProcess {
	url = '';
	/** Every line it logged. */
	readonly log: string[] = [];
	readonly #env: Record<string, string>;
	readonly #dataDir = mkdtempSync(join(tmpdir(), 'mulberry-'));
	#child: ChildProcess | null = null;
	#port = '0';

	private constructor(env: Record<string, string>) {
		this.#env = env;
		process.once('exit', () => this.#forgetData());
	}

	static async start(env: Record<string, string> = {}): Promise<CoordinatorProcess> {
		const coordinator = new CoordinatorProcess(env);
		await coordinator.#spawn();
		return coordinator;
	}

	/** Stops and starts again on the same port, with the same data. */
	async restart(): Promise<void> {
		await this.#end();
		await this.#spawn();
	}

	async stop(): Promise<void> {
		await this.#end();
		this.#forgetData();
	}

	#forgetData(): void {
		rmSync(this.#dataDir, { recursive: true, force: true });
	}

	async #end(): Promise<void> {
		const child = this.#child;
		this.#child = null;
		if (!child || child.exitCode !== null) return;
		const exited = new Promise((resolve) => child.once('exit', resolve));
		child.kill('SIGTERM');
		await exited;
	}

	async #spawn(): Promise<void> {
		const child = spawn(process.execPath, [inRoot('src/lib/server/main.ts')], {
			env: {
				...process.env,
				// All tabs of all tests come from one address.
				NEW_SOCKETS_PER_SECOND: '1000',
				SOCKETS_PER_ADDRESS: '1000',
				REQUESTS_PER_SECOND: '1000',
				LOG_ADDS_PER_SECOND: '1000',
				CHAIN_REQUESTS_PER_SECOND: '1000',
				FAUCET_GRANTS_PER_HOUR: '100000',
				DATA_DIR: this.#dataDir,
				...this.#env,
				PORT: this.#port
			},
			stdio: ['ignore', 'pipe', 'inherit']
		});
		this.#child = child;
		process.once('exit', () => child.kill());
		const lines = createInterface({ input: child.stdout });
		this.url = await new Promise<string>((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new Error('the coordinator did not start')),
				START_TIMEOUT_MS
			);
			child.once('exit', (code) => reject(new Error(`the coordinator exited with ${code}`)));
			lines.on('line', (line) => {
				this.log.push(line);
				const { url } = JSON.parse(line) as { url?: string };
				if (!url) return;
				clearTimeout(timer);
				resolve(url);
			});
		});
		this.#port = new URL(this.url).port;
	}
}
