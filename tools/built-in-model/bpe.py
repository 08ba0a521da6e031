"""Byte-level byte-pair encoding with GPT-2's splitting, as llama.cpp reads it (tokenizer.ggml.pre = gpt-2)."""
import random
import re
from collections import Counter, defaultdict

# GPT-2's pattern; [^\W\d_] is a letter and [^\W_] without letters a digit, since `re` has no \p{L}.
SPLIT = re.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+", re.UNICODE
)


def byte_characters():
    """GPT-2's map from bytes to printable characters, which its vocabularies are written in."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {}, 256
    for byte in range(256):
        if byte in printable:
            table[byte] = chr(byte)
        else:
            table[byte], extra = chr(extra), extra + 1
    return table


BYTES = byte_characters()


def spell(word):
    return tuple(BYTES[byte] for byte in word.encode())


class Bpe:
    """Tokens 0 to 255 are the bytes, then one for each merge, then the control tokens."""

    def __init__(self, merges, controls):
        self.merges = merges
        self.tokens = [BYTES[byte] for byte in range(256)] + [a + b for a, b in merges] + controls
        self.controls = controls
        self.ids = {token: i for i, token in enumerate(self.tokens)}
        self.rank = {pair: i for i, pair in enumerate(merges)}
        self._cache = {}

    @staticmethod
    def train(texts, size, controls):
        """Merges the most frequent pair until there are `size` tokens; ties go to the smaller text."""
        words = Counter(word for text in texts for word in SPLIT.findall(text))
        spelled = {word: list(spell(word)) for word in words}
        pairs, holders = Counter(), defaultdict(set)

        def count(word, sign):
            for pair in zip(spelled[word], spelled[word][1:]):
                pairs[pair] += sign * words[word]
                holders[pair].add(word)

        for word in words:
            count(word, 1)
        merges = []
        while 256 + len(merges) + len(controls) < size and pairs:
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            merges.append(best)
            for word in holders.pop(best):
                count(word, -1)
                spelled[word] = merge(spelled[word], best)
                count(word, 1)
            del pairs[best]
        return Bpe(merges, controls)

    def encode(self, text, dropout=0.0, rng=random):
        """Token ids of a text without control tokens; with `dropout` merges are left out by chance."""
        ids = []
        for word in SPLIT.findall(text):
            if dropout > 0:
                ids += self._encode_word(word, dropout, rng)
            else:
                if word not in self._cache:
                    self._cache[word] = self._encode_word(word, 0.0, rng)
                ids += self._cache[word]
        return ids

    def _encode_word(self, word, dropout, rng):
        parts = list(spell(word))
        while len(parts) > 1:
            ranked = [
                (self.rank[pair], pair)
                for pair in zip(parts, parts[1:])
                if pair in self.rank and (dropout == 0 or rng.random() >= dropout)
            ]
            if not ranked:
                break
            parts = merge(parts, min(ranked)[1])
        return [self.ids[part] for part in parts]

    def decode(self, ids):
        back = {char: byte for byte, char in BYTES.items()}
        text = "".join(self.tokens[i] for i in ids if self.tokens[i] not in self.controls)
        return bytes(back[char] for char in text).decode(errors="replace")


def merge(parts, pair):
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and parts[i] == pair[0] and parts[i + 1] == pair[1]:
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return out
