import type { ToolCallDelta } from './wllama-chunk.ts';

/**
 * Writes streamed tool calls as the text of one JSON array, piece by piece, so that a long call does
 * not look like an engine that has fallen silent.
 */
export class ToolCallText {
	#open: number | null = null;
	#isStarted = false;

	get isStarted(): boolean {
		return this.#isStarted;
	}

	push(deltas: readonly ToolCallDelta[]): string {
		return deltas.map((delta) => this.#write(delta)).join('');
	}

	end(): string {
		if (!this.#isStarted) return '';
		return this.#open === null ? ']' : '"}}]';
	}

	#write(delta: ToolCallDelta): string {
		let out = '';
		if (delta.index !== this.#open) {
			out += this.#open === null ? '[' : '"}},';
			out += `{"id":${JSON.stringify(delta.id || `call_${delta.index}`)},"type":"function",`;
			out += `"function":{"name":${JSON.stringify(delta.name)},"arguments":"`;
			this.#open = delta.index;
			this.#isStarted = true;
		}
		return out + JSON.stringify(delta.arguments).slice(1, -1);
	}
}
