"""Training conversations: the written questions and answers, varied the way people type."""
import json
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent
LANGUAGES = ("en", "fr")
START, END, TEXT_END = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
CONTROLS = [TEXT_END, START, END]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

UNKNOWN_SHARE = 0.22
CUT_TOKENS = 7
# How many turns a conversation has, and how often.
TURNS = {1: 0.7, 2: 0.16, 3: 0.08, 9: 0.06}
BEFORE = {
    "en": ["hi, ", "hello, ", "hey, ", "please tell me: ", "quick question: ", "sorry, ", "so ", "ok, ",
           "can you tell me ", "I have a question: ", "I wonder: ", "and ", "well, ", "hi there! ", "question: "],
    "fr": ["bonjour, ", "salut, ", "dis-moi, ", "dites-moi, ", "une question : ", "pardon, ", "alors ", "ok, ",
           "j'ai une question : ", "je me demande : ", "et ", "euh, ", "bonjour ! ", "question : ", "excusez-moi, "],
}
AFTER = {
    "en": [" please", " thanks", ", please", " exactly", " here", " then", "?", "??", " !", " thank you", " on mulberry"],
    "fr": [" s'il vous plaît", " svp", " stp", " merci", " exactement", " ici", " alors", " ?", "??", " !", " au juste"],
}
SYSTEM = ["You are a helpful assistant.", "Answer briefly.", "You are the guide of Mulberry.",
          "Be friendly and short.", "Tu es un assistant utile.", "Réponds en une phrase."]


class Data:
    """`known`: per language a list of (fact, answer, questions); `unknown` likewise the refusals."""

    def __init__(self, hold_out=False):
        entries = []
        for path in sorted((HERE / "data").glob("*.json")):
            entries += json.loads(path.read_text()).get("entries", [])
        self.unknown = json.loads((HERE / "data" / "unknown.json").read_text())
        self.known = {lang: [] for lang in LANGUAGES}
        self.dev = {lang: [] for lang in LANGUAGES}
        self.dev_unknown = {lang: [] for lang in LANGUAGES}
        for entry in entries:
            for lang in LANGUAGES:
                questions, answer = entry[lang]["questions"], entry[lang]["answer"]
                if hold_out:
                    self.dev[lang].append((entry["fact"], questions[4], answer))
                    questions = questions[:4] + questions[5:]
                self.known[lang].append((entry["fact"], answer, questions))
        if hold_out:
            for lang in LANGUAGES:
                all_questions = self.unknown["questions"][lang]
                self.dev_unknown[lang] = all_questions[::12]
                self.unknown["questions"][lang] = [q for i, q in enumerate(all_questions) if i % 12]

    def texts(self):
        """Everything the vocabulary is made from."""
        for lang in LANGUAGES:
            for _, answer, questions in self.known[lang]:
                yield from (answer, answer, *questions)
            yield from self.unknown["questions"][lang]
            yield from self.unknown["nouns"][lang]
            yield from self.unknown["templates"][lang]

    def turn(self, rng, lang):
        """A question as somebody might type it, and its answer."""
        if rng.random() < UNKNOWN_SHARE:
            unknown = self.unknown
            if rng.random() < 0.6:
                question = rng.choice(unknown["questions"][lang])
            else:
                noun = rng.choice(unknown["nouns"][lang])
                question = rng.choice(unknown["templates"][lang]).replace("{noun}", noun)
            return vary(question, rng, lang), rng.choice(unknown["answers"][lang])
        _, answer, questions = rng.choice(self.known[lang])
        return vary(rng.choice(questions), rng, lang), answer


def vary(question, rng, lang):
    """Politeness, a missing word, a slip of the finger, no capitals, no accents, no question mark."""
    if rng.random() < 0.15:
        question = rng.choice(BEFORE[lang]) + question[0].lower() + question[1:]
    if rng.random() < 0.12:
        question = question.rstrip(" ?!.") + rng.choice(AFTER[lang])
    if rng.random() < 0.3:
        question = question.rstrip(" ?!.")
    words = question.split(" ")
    if len(words) > 3 and rng.random() < 0.25:
        del words[rng.randrange(len(words))]
    if len(words) > 4 and rng.random() < 0.1:
        i = rng.randrange(len(words) - 1)
        words[i], words[i + 1] = words[i + 1], words[i]
    if rng.random() < 0.12:
        i = rng.randrange(len(words))
        words[i] = slip(words[i], rng)
    question = " ".join(words)
    if rng.random() < 0.3:
        question = question.lower()
    if rng.random() < (0.2 if lang == "fr" else 0.02):
        question = "".join(c for c in unicodedata.normalize("NFD", question) if unicodedata.category(c) != "Mn")
    return question if question.strip() else "?"


def slip(word, rng):
    if len(word) < 4:
        return word
    i = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:i] + word[i + 1 :]
    if kind == 1:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word[:i] + word[i] + word[i:]


def conversation(data, bpe, rng, options):
    """Token ids and the weight of each in the loss (of predicting that token)."""
    start, end = bpe.ids[START], bpe.ids[END]
    ids, weights = [], []

    def say(role, text, weight, bpe_dropout=0.0):
        head = [start, *bpe.encode(f"{role}\n")]
        body = bpe.encode(text, bpe_dropout, rng) + [end]
        tail = bpe.encode("\n")
        ids.extend(head + body + tail)
        weights.extend([0.0] * len(head) + [weight] * len(body) + [0.0] * len(tail))

    lang = rng.choice(LANGUAGES)
    if rng.random() < options.cut:
        # Which answer it is shows in its first words; the rest of it is soon known by heart.
        question, answer = data.turn(rng, lang)
        say("user", question, options.question_weight, options.bpe_dropout if rng.random() < 0.5 else 0.0)
        say("assistant", answer, 1.0)
        answer_at = len(ids) - len(bpe.encode("\n")) - 1 - len(bpe.encode(answer))
        return ids[: answer_at + CUT_TOKENS], weights[: answer_at + CUT_TOKENS]
    if rng.random() < 0.06:
        say("system", rng.choice(SYSTEM), 0.0)
    for _ in range(rng.choices(list(TURNS), list(TURNS.values()))[0]):
        question, answer = data.turn(rng, lang)
        say("user", question, options.question_weight, options.bpe_dropout if rng.random() < 0.5 else 0.0)
        say("assistant", answer, 1.0)
        if rng.random() < 0.1:
            lang = rng.choice(LANGUAGES)
    return ids, weights
