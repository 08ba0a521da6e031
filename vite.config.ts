import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import { fitWalletDialog } from './scripts/fit-wallet-dialog.ts';
import { coordinatorInDev } from './src/lib/server/vite-plugin.ts';

export default defineConfig({
	plugins: [
		paraglideVitePlugin({
			project: './project.inlang',
			outdir: './src/lib/paraglide',
			strategy: ['cookie', 'preferredLanguage', 'baseLocale'],
			// Pages load only their own messages; the same in dev and build, which share the folder.
			outputStructure: 'message-modules'
		}),
		sveltekit(),
		fitWalletDialog(),
		coordinatorInDev()
	],
	worker: { format: 'es' },
	// The wrappers import the built code that lies beside the contracts' sources.
	server: { fs: { allow: ['contracts'] } },
	test: {
		include: ['src/**/*.spec.ts', 'scripts/**/*.spec.ts', 'tests/contracts/**/*.spec.ts'],
		environment: 'node',
		// TON Connect's SDK tells the console all that it does.
		onConsoleLog: (log) => !/^\[TON_CONNECT_SDK\]|^validUntil /.test(log),
		// Property tests on a busy machine of two cores.
		testTimeout: 30_000,
		hookTimeout: 30_000
	}
});
