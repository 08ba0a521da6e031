import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Which folders of src/lib a folder may import from; `docs/architecture.md` draws it. */
const WALLS = {
	protocol: [],
	models: ['protocol'],
	store: ['protocol', 'models'],
	worker: ['store', 'models', 'protocol'],
	log: ['store', 'models', 'protocol'],
	directory: ['store', 'models', 'protocol'],
	p2p: ['directory', 'store', 'models', 'protocol'],
	chain: ['p2p', 'store', 'models', 'protocol'],
	server: ['chain', 'log', 'models', 'protocol'],
	ui: [
		'widget',
		'p2p',
		'chain',
		'directory',
		'log',
		'worker',
		'store',
		'models',
		'protocol',
		'paraglide'
	],
	widget: [
		'ui',
		'p2p',
		'chain',
		'directory',
		'log',
		'worker',
		'store',
		'models',
		'protocol',
		'paraglide'
	]
};
const FOLDERS = [...Object.keys(WALLS), 'paraglide'];

/** A folder in chain/ that needs Node, with walls of its own: no page may reach it. */
const NODE_ONLY = 'chain/devnet';
const NODE_ONLY_WALL = {
	regex: '(^|/)devnet/',
	message: `only server/ imports ${NODE_ONLY}/ (docs/architecture.md).`
};

/** Packages that only one folder may import, so that they stay replaceable and out of other bundles. */
const OWNED = [
	{ owners: ['worker'], names: ['@mlc-ai/web-llm', '@wllama/wllama', 'comlink'] },
	{ owners: ['chain', NODE_ONLY], names: ['@ton/*', '@tonconnect/*'] },
	{ owners: [NODE_ONLY], names: ['@ton/sandbox'] },
	{ owners: ['p2p'], names: ['peerjs'] },
	{ owners: ['store'], names: ['idb'] },
	{ owners: ['server'], names: ['peer', 'ws', 'pino', 'prom-client'] },
	{ owners: ['server', NODE_ONLY], names: ['node:*'] }
];

const ownedByOthers = (folder) =>
	OWNED.filter(({ owners }) => !owners.includes(folder)).map(({ owners, names }) => ({
		group: names,
		message: `only ${owners.join('/ and ')}/ may import this (docs/architecture.md).`
	}));

const wall = (folder, allowed) => ({
	files: [`src/lib/${folder}/**/*.{ts,svelte}`],
	ignores: ['**/*.spec.ts'],
	rules: {
		'no-restricted-imports': [
			'error',
			{
				patterns: [
					...FOLDERS.filter((other) => other !== folder && !allowed.includes(other)).map(
						(other) => ({
							regex: `(^|/)\\.\\./(.*/)?${other}/|^\\$lib/${other}/`,
							message: `${folder}/ must not import ${other}/ (docs/architecture.md).`
						})
					),
					...(folder === 'server' || folder === NODE_ONLY ? [] : [NODE_ONLY_WALL]),
					...ownedByOthers(folder)
				]
			}
		]
	}
});

export default ts.config(
	{ ignores: ['.svelte-kit/', 'build/', 'dist/', '.cache/', 'src/lib/paraglide/', 'static/'] },
	js.configs.recommended,
	ts.configs.strict,
	svelte.configs.recommended,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		rules: {
			'no-undef': 'off',
			'no-console': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			'@typescript-eslint/consistent-type-imports': 'error'
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig }
		}
	},
	...Object.entries(WALLS).map(([folder, allowed]) => wall(folder, allowed)),
	// After chain/, whose files it has too: the last one holds.
	wall(NODE_ONLY, []),
	{
		files: ['src/routes/**/*.{ts,svelte}'],
		rules: {
			'no-restricted-imports': ['error', { patterns: [NODE_ONLY_WALL, ...ownedByOthers('routes')] }]
		}
	},
	{ files: ['scripts/**', 'tests/**'], rules: { 'no-console': 'off' } }
);
