import { m } from '$lib/paraglide/messages';
import type { FigureFault, PayField } from './earn-limits.ts';

const names: Record<PayField, () => string> = {
	promptNano: m.price_prompt_name,
	completionNano: m.price_completion_name,
	faceValueNano: m.price_face_name
};

/** Which field is wrong, and what would be right. */
export function explainFigureFault(
	field: PayField,
	fault: FigureFault,
	coins: (nano: bigint) => string
): string {
	const name = names[field]();
	switch (fault.kind) {
		case 'not_an_amount':
			return m.price_not_an_amount({ name });
		case 'too_large':
			return field === 'faceValueNano'
				? m.price_face_too_large({ name, most: coins(fault.mostNano) })
				: m.price_too_large({ name, most: coins(fault.mostNano) });
		case 'too_small':
			return m.price_face_too_small({ name, least: coins(fault.leastNano) });
		case 'below_prices':
			return m.price_face_below({ name, least: coins(fault.leastNano) });
	}
}
