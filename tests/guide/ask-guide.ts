/** The built-in guide in Chromium, loaded and asked through the product's own worker. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright/test';
import { inRoot } from '../../scripts/root.ts';
import { guideModel } from '../../src/lib/models/guide-model.ts';
import type { ModelEntry } from '../../src/lib/models/model-entry.ts';
import type { ChatMessage } from '../../src/lib/protocol/job.ts';
import type { LoadedModel, LoadOptions } from '../../src/lib/worker/engine.ts';
import { openEnginePage } from '../engine/engine-page.ts';

export const GUIDE_FILE = inRoot('static/models/mulberry-guide.gguf');

export interface AskedGuide {
	loaded: LoadedModel;
	/** A greedy answer: no chance plays a part. */
	ask: (question: string) => Promise<string>;
	close: () => Promise<void>;
}

/**
 * @param file another file in the guide's place, pinned to nothing
 * @throws Error when it does not load
 */
export async function openGuide(
	browser: Browser,
	backend: LoadOptions['backend'],
	file?: Uint8Array
): Promise<AskedGuide> {
	const engine = await openEnginePage(browser, {
		'/mulberry-guide.gguf': file ?? readFileSync(GUIDE_FILE)
	});
	const { contextTokens } = guideModel;
	const options: LoadOptions = { backend, contextTokens, threads: 1 };
	const model: ModelEntry = file
		? {
				...guideModel,
				files: guideModel.files.map((entry) => ({ ...entry, sizeBytes: file.length, sha256: null }))
			}
		: guideModel;
	const result = await engine.page.evaluate(
		([model, options]) => window.engineHarness.load(model, options),
		[model, options] as const
	);
	if (!result.ok) {
		await engine.close();
		throw new Error(`${result.failure.kind}: ${result.failure.message}`);
	}
	const setup = { model, options, tokens: 1, unsupported: { sampling: {}, field: '' } };
	return {
		loaded: result.model,
		ask: async (question) => {
			const messages: ChatMessage[] = [{ role: 'user', content: question }];
			const answer = await engine.page.evaluate(
				([setup, messages]) =>
					window.engineHarness.generate(setup, {
						messages,
						sampling: { temperature: 0, max_tokens: 96 }
					}),
				[setup, messages] as const
			);
			if (!('text' in answer)) throw new Error(`${answer.kind}: ${answer.message}`);
			return answer.text;
		},
		close: engine.close
	};
}
