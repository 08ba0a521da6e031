import { readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-node';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { contentSecurityPolicy } from './src/lib/server/content-security-policy.js';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	compilerOptions: {
		runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true)
	},
	kit: {
		adapter: adapter({ out: 'build' }),
		csp: contentSecurityPolicy,
		version: { name: version },
		typescript: {
			config: (config) => {
				// The package's own entry is TypeScript source, which our stricter compiler would check.
				config.compilerOptions.paths['@wllama/wllama'] = [
					'../node_modules/@wllama/wllama/esm/index.d.ts'
				];
			}
		}
	}
};
