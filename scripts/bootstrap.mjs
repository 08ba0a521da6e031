/**
 * Runs one of the project's commands on a fresh machine: installs what is missing, then starts
 * `scripts/NAME.ts` on the Node that `package.json` pins. This file alone has to run on Node 18.
 *
 *   node scripts/bootstrap.mjs NAME [arguments]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = path.join(ROOT, 'node_modules');
const STAMP = path.join(MODULES, '.mulberry-installed');
const NODE = path.join(MODULES, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

function installIfNeeded() {
	const lock = createHash('sha256')
		.update(readFileSync(path.join(ROOT, 'package-lock.json')))
		.digest('hex');
	if (existsSync(NODE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return;
	console.error('Installing packages (once; about a minute) …');
	const isWindows = process.platform === 'win32';
	const { status } = spawnSync(
		'npm',
		['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'],
		{
			cwd: ROOT,
			stdio: ['ignore', 'inherit', 'inherit'],
			shell: isWindows
		}
	);
	if (status !== 0) {
		console.error('npm install failed; the lines above say why.');
		process.exit(status ?? 1);
	}
	writeFileSync(STAMP, lock);
}

function run(name, args) {
	const script = path.join(ROOT, 'scripts', `${name}.ts`);
	if (!/^[a-z-]+$/.test(name ?? '') || !existsSync(script)) {
		console.error(`There is no scripts/${name}.ts.`);
		process.exit(2);
	}
	const bin = path.join(MODULES, '.bin');
	const child = spawn(NODE, [script, ...args], {
		cwd: ROOT,
		stdio: 'inherit',
		env: {
			...process.env,
			PATH: [path.dirname(NODE), bin, process.env.PATH].join(path.delimiter)
		}
	});
	for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
	child.on('exit', (code, signal) => {
		process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1));
	});
}

installIfNeeded();
const [name, ...args] = process.argv.slice(2);
run(name, args);
