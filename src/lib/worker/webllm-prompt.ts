/**
 * The prompt of a chat as WebLLM builds it from a model's conversation template, but ending inside the
 * assistant's turn: WebLLM's own chat call refuses to go on from there.
 */
import * as v from 'valibot';
import { EngineError } from '../protocol/generation.ts';
import type { ChatMessage } from '../protocol/job.ts';

const text = v.nullish(v.string());
const roles = v.object({ user: v.string(), assistant: v.string(), tool: text });
const templateEntries = {
	system_template: v.string(),
	system_message: v.nullish(v.string(), ''),
	system_prefix_token_ids: v.nullish(v.array(v.number())),
	roles,
	role_templates: v.nullish(v.partial(v.object({ user: text, assistant: text, tool: text }))),
	seps: v.pipe(v.array(v.string()), v.minLength(1)),
	role_content_sep: v.nullish(v.string(), ': '),
	role_empty_sep: v.nullish(v.string(), ': '),
	stop_str: v.nullish(v.array(v.string()), []),
	add_role_after_system_message: v.nullish(v.boolean(), true),
	render_empty_system_message: v.nullish(v.boolean(), true)
};

/** The part of mlc-chat-config.json that makes prompts; `docs/engines.md` says where it comes from. */
const configSchema = v.object({ conv_template: v.object(templateEntries) });

export type ConversationTemplate = v.InferOutput<typeof configSchema>['conv_template'];

/** @throws EngineError when the config of the model has no template that is understood */
export function parseTemplate(config: unknown): ConversationTemplate {
	const result = v.safeParse(configSchema, config);
	if (result.success) return result.output.conv_template;
	throw new EngineError(
		'engine_failed',
		`The model's mlc-chat-config.json is not understood: ${v.summarize(result.issues)}`
	);
}

/**
 * @param start text of the template's `system_prefix_token_ids`
 * @param prefix what the assistant has said so far
 * @throws EngineError `unsupported` for messages that the template has no place for
 */
export function continuationPrompt(
	template: ConversationTemplate,
	messages: readonly ChatMessage[],
	start: string,
	prefix: string
): string {
	const [first, ...others] = messages;
	const system = first?.role === 'system' ? first.content : template.system_message;
	const turns = first?.role === 'system' ? others : messages;
	const systemPrompt =
		system === '' && !template.render_empty_system_message
			? ''
			: template.system_template.replace('{system_message}', () => system);
	const lines = turns.map((message, i) => {
		const isBare = i === 0 && !template.add_role_after_system_message && systemPrompt !== '';
		const role = isBare ? '' : roleName(template, message.role) + template.role_content_sep;
		return role + content(template, message) + (template.seps[i % template.seps.length] ?? '');
	});
	const reply = template.roles.assistant + template.role_empty_sep + prefix;
	return start + systemPrompt + lines.join('') + reply;
}

function roleName(template: ConversationTemplate, role: ChatMessage['role']): string {
	const name = role === 'system' ? undefined : template.roles[role];
	if (typeof name === 'string') return name;
	throw new EngineError(
		'unsupported',
		role === 'system'
			? 'Only the first message may be the system’s.'
			: `The chat template of this model has no role ${role}.`,
		'messages'
	);
}

function content(template: ConversationTemplate, message: ChatMessage): string {
	if (message.role === 'system') return message.content;
	const frame = template.role_templates?.[message.role] ?? `{${message.role}_message}`;
	return frame
		.replace(`{${message.role}_message}`, () => message.content)
		.replace('{function_string}', '');
}
