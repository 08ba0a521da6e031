/**
 * Markdown as DOM nodes, made while it streams. What a model writes is text from a stranger: it
 * becomes text nodes and a fixed set of elements, never HTML. Links lead to the web or to mail only,
 * pictures are never loaded (their address would tell a third party who is reading).
 */
import * as smd from 'streaming-markdown';

const ALLOWED_LINK = /^(https?:\/\/|mailto:)/i;

/** Headings inside an answer sit below those of the page. */
const TAGS = new Map<smd.Token, string>([
	[smd.PARAGRAPH, 'p'],
	[smd.HEADING_1, 'h3'],
	[smd.HEADING_2, 'h4'],
	[smd.HEADING_3, 'h5'],
	[smd.HEADING_4, 'h6'],
	[smd.HEADING_5, 'h6'],
	[smd.HEADING_6, 'h6'],
	[smd.CODE_INLINE, 'code'],
	[smd.ITALIC_AST, 'em'],
	[smd.ITALIC_UND, 'em'],
	[smd.STRONG_AST, 'strong'],
	[smd.STRONG_UND, 'strong'],
	[smd.STRIKE, 's'],
	[smd.BLOCKQUOTE, 'blockquote'],
	[smd.LINE_BREAK, 'br'],
	[smd.RULE, 'hr'],
	[smd.LIST_UNORDERED, 'ul'],
	[smd.LIST_ORDERED, 'ol'],
	[smd.LIST_ITEM, 'li'],
	[smd.TABLE_ROW, 'tr'],
	[smd.TABLE_CELL, 'td'],
	[smd.EQUATION_BLOCK, 'code'],
	[smd.EQUATION_INLINE, 'code'],
	[smd.LINK, 'a'],
	[smd.RAW_URL, 'a']
]);

export interface MarkdownLabels {
	copy: string;
	copied: string;
	/** Name of a table's or a code block's scrolling region. */
	code: string;
	table: string;
	/** Stands before the description of a picture that is not loaded. */
	picture: string;
}

interface State {
	open: Element[];
	labels: MarkdownLabels;
}

/** `null` for a link that must not be followed. */
export function safeLink(url: string): string | null {
	const trimmed = url.trim();
	return ALLOWED_LINK.test(trimmed) && URL.canParse(trimmed) ? trimmed : null;
}

function element(tag: string, className?: string): HTMLElement {
	const made = document.createElement(tag);
	if (className) made.className = className;
	return made;
}

/** A region that scrolls by itself has to be reachable by keyboard. */
function scroller(tag: string, label: string): HTMLElement {
	const made = element(tag, 'scroller');
	made.tabIndex = 0;
	made.setAttribute('role', 'region');
	made.setAttribute('aria-label', label);
	return made;
}

function codeBlock(parent: Element, labels: MarkdownLabels): Element {
	const box = parent.appendChild(element('div', 'code-block'));
	const bar = box.appendChild(element('div', 'code-bar'));
	bar.appendChild(element('span', 'code-language'));
	const button = bar.appendChild(document.createElement('button'));
	button.type = 'button';
	button.className = 'button small quiet';
	button.textContent = labels.copy;
	const code = box.appendChild(scroller('pre', labels.code)).appendChild(element('code'));
	button.addEventListener('click', () => {
		void navigator.clipboard.writeText(code.textContent ?? '').then(
			() => (button.textContent = labels.copied),
			() => (button.textContent = labels.copy)
		);
	});
	return code;
}

function open(parent: Element, token: smd.Token, labels: MarkdownLabels): Element {
	switch (token) {
		case smd.CODE_BLOCK:
		case smd.CODE_FENCE:
			return codeBlock(parent, labels);
		case smd.TABLE:
			return parent.appendChild(scroller('div', labels.table)).appendChild(element('table'));
		case smd.TABLE_CELL:
			return parent.appendChild(
				element(parent.parentElement?.firstElementChild === parent ? 'th' : 'td')
			);
		case smd.IMAGE: {
			const picture = parent.appendChild(element('span', 'picture'));
			picture.append(`${labels.picture} `);
			return picture;
		}
		case smd.CHECKBOX: {
			const box = document.createElement('span');
			box.textContent = '☐ ';
			return parent.appendChild(box);
		}
		default:
			return parent.appendChild(element(TAGS.get(token) ?? 'span'));
	}
}

function setAttribute(target: Element, attribute: smd.Attr, value: string): void {
	switch (attribute) {
		case smd.HREF: {
			const href = safeLink(value);
			if (href === null) return target.classList.add('dead-link');
			target.setAttribute('href', href);
			target.setAttribute('target', '_blank');
			return target.setAttribute('rel', 'noopener noreferrer nofollow');
		}
		case smd.LANG: {
			const name = target.closest('.code-block')?.querySelector('.code-language');
			if (name) name.textContent = value.slice(0, 32);
			return;
		}
		case smd.CHECKED:
			target.textContent = '☑ ';
			return;
		case smd.START:
			if (/^\d{1,9}$/.test(value)) target.setAttribute('start', value);
			return;
		default:
			// The address of a picture, and whatever a later version of the parser may know.
			return;
	}
}

function rendererInto(root: Element, labels: MarkdownLabels): smd.Renderer<State> {
	const top = (state: State) => state.open.at(-1) ?? root;
	return {
		data: { open: [], labels },
		add_token: (state, token) =>
			void state.open.push(token === smd.DOCUMENT ? root : open(top(state), token, labels)),
		end_token: (state) => void state.open.pop(),
		add_text: (state, text) => top(state).append(text),
		set_attr: (state, attribute, value) => setAttribute(top(state), attribute, value)
	};
}

/** Writes a growing markdown text into an element. */
export class MarkdownWriter {
	readonly #root: Element;
	readonly #labels: MarkdownLabels;
	#parser: smd.Parser | null = null;
	#written = '';

	constructor(root: Element, labels: MarkdownLabels) {
		this.#root = root;
		this.#labels = labels;
	}

	/** Shows `text`; only what is new is parsed. `isWhole` closes what is still open. */
	write(text: string, isWhole: boolean): void {
		try {
			this.#parse(text, isWhole);
		} catch {
			// The parser has a fixed depth. A reader would rather see plain text than nothing.
			this.#root.replaceChildren(text);
			this.#parser = null;
			this.#written = '';
		}
	}

	#parse(text: string, isWhole: boolean): void {
		if (!this.#parser || !text.startsWith(this.#written)) {
			this.#root.replaceChildren();
			this.#parser = smd.parser(rendererInto(this.#root, this.#labels));
			this.#written = '';
		}
		smd.parser_write(this.#parser, text.slice(this.#written.length));
		this.#written = text;
		if (!isWhole) return;
		smd.parser_end(this.#parser);
		this.#parser = null;
	}
}
