import { defineConfig } from 'playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from './scripts/chromium.ts';

export default defineConfig({
	testDir: 'tests',
	testMatch: '**/*.e2e.ts',
	outputDir: '.cache/playwright',
	globalSetup: './tests/support/global-setup.ts',
	// Two cores: a second browser would slow the first one's engine below its deadlines.
	workers: 1,
	timeout: 60_000,
	expect: { timeout: 15_000 },
	// A first connection between two fresh browsers now and then finds no way; what needed a second
	// try is named at the end of `npm test`.
	retries: 1,
	forbidOnly: !!process.env['CI'],
	reporter: [['list'], ['json', { outputFile: '.cache/reports/e2e.json' }]],
	use: {
		browserName: 'chromium',
		headless: true,
		locale: 'en-GB',
		launchOptions: { executablePath: chromiumPath(), args: CHROMIUM_ARGS }
	}
});
