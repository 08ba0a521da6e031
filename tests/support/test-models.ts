import path from 'node:path';
import { CACHE } from '../../scripts/root.ts';
import { writeTinyModel } from '../model/make-tiny-gguf.ts';

/** The folder that test coordinators serve as `MODELS_DIR`. */
export const TEST_MODELS_DIR = path.join(CACHE, 'test-models');

export function makeTestModels(): void {
	writeTinyModel(TEST_MODELS_DIR);
}
