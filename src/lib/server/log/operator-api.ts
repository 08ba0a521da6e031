import { answer, refuse } from '../answers.ts';
import { isEqual } from '../is-equal.ts';
import type { Metrics } from '../metrics.ts';
import type { Anchoring } from './anchoring.ts';

export interface OperatorApiParts {
	anchoring: Anchoring;
	/** Who can read the coordinator's data folder knows it. */
	token: string;
	metrics: Metrics;
}

/** What the operator alone may ask for. */
export class OperatorApi {
	readonly #parts: OperatorApiParts;

	constructor(parts: OperatorApiParts) {
		this.#parts = parts;
	}

	/** `POST /api/log/anchors`: anchors what is new at once. */
	async anchorNow(request: Request): Promise<Response> {
		const { anchoring, token } = this.#parts;
		const authorization = request.headers.get('authorization') ?? '';
		if (!(await isEqual(authorization, `Bearer ${token}`))) {
			const message = 'Only the operator may have the log anchored.';
			return this.#refuse(403, 'not_allowed', message);
		}
		try {
			return answer({ now: Date.now(), anchored: await anchoring.now() });
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			return this.#refuse(503, 'not_anchored', message);
		}
	}

	#refuse(status: number, code: string, message: string): Response {
		this.#parts.metrics.refused(code);
		return refuse({ status, code, message });
	}
}
