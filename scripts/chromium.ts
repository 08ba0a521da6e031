import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

const KNOWN_PLACES = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
];

/** Flags that a headless Chromium needs in tests; the last two give it a software WebGPU adapter. */
export const CHROMIUM_ARGS = [
	'--no-sandbox',
	'--disable-quic',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--no-first-run',
	// Names of local addresses go by multicast, which test machines lose now and then.
	'--disable-features=WebRtcHideLocalIpsWithMdns',
	'--enable-unsafe-webgpu',
	'--use-webgpu-adapter=swiftshader'
];

/** The same without any WebGPU adapter, as on a machine without a GPU. */
export const CHROMIUM_ARGS_WITHOUT_GPU = CHROMIUM_ARGS.filter((arg) => !arg.includes('webgpu'));

function find(): string | null {
	const given = process.env['CHROMIUM'];
	if (given) {
		if (existsSync(given)) return given;
		throw new Error(`CHROMIUM: there is no file ${given}`);
	}
	return [...KNOWN_PLACES, chromium.executablePath()].find((place) => existsSync(place)) ?? null;
}

/**
 * The path of a Chromium: `CHROMIUM`, one that is installed, or one that is installed now, from
 * Debian's packages where we may, else by Playwright.
 *
 * @throws Error when there is none and none could be installed
 */
export function chromiumPath(): string {
	const found = find();
	if (found) return found;
	console.error('Installing Chromium (once) …');
	const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] };
	if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
		spawnSync('apt-get', ['update', '-qq'], quiet);
		spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet);
	}
	if (!find()) spawnSync('playwright', ['install', 'chromium'], quiet);
	const installed = find();
	if (!installed)
		throw new Error('No Chromium: install one and name it, CHROMIUM=/path/to/chromium');
	return installed;
}
