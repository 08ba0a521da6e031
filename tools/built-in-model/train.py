"""
Trains Mulberry's built-in guide from the texts in data/ and writes it as GGUF.

    python3 tools/built-in-model/train.py

Needs Python 3.11 with torch and numpy, and a BLAS worth its name (Debian: python3-torch, libopenblas0-pthread).
The same seed gives the same conversations in the same order; how sums are rounded depends on the machine.
"""
import argparse
import hashlib
import json
import os
import random
import tempfile
import time
from pathlib import Path

# Threads inside small matrix products cost more than they gain; there are processes instead.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import torch
import torch.distributed as dist
from torch.multiprocessing import spawn
from torch.nn import functional as F

from bpe import Bpe
from conversations import CONTROLS, END, START, TEMPLATE, TEXT_END, Data, conversation
from gguf import write_gguf
from llama import Config, Llama, Muon

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "static/models/mulberry-guide.gguf"
FIGURES = ROOT / "src/lib/models/guide-model.json"
# One for each core; each takes so many tokens a step.
PROCESSES = 2
BATCH_TOKENS = 2000
LONGEST = 700
# How many conversations are drawn and sorted by length at a time.
DRAWN = 400


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=str(SHIPPED))
    parser.add_argument("--steps", type=int, default=2300, help="4,000 tokens each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=Config.width)
    parser.add_argument("--feed-forward", type=int, default=Config.feed_forward)
    parser.add_argument("--layers", type=int, default=Config.layers)
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=0.003)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--question-weight", type=float, default=0.02)
    parser.add_argument("--bpe-dropout", type=float, default=0.05)
    parser.add_argument("--cut", type=float, default=0.85, help="share of answers of which only the first words are learnt")
    parser.add_argument("--hold-out", action="store_true", help="keep a question an entry back, to measure")
    return parser.parse_args()


def batches(data, bpe, rng, options):
    """Conversations of like length, about BATCH_TOKENS at once, padded at the end."""
    while True:
        drawn = [
            conversation(data, bpe, rng, options)
            for _ in range(DRAWN)
        ]
        drawn = sorted((c for c in drawn if len(c[0]) <= LONGEST), key=lambda c: len(c[0]))
        groups = []
        while drawn:
            size = max(1, BATCH_TOKENS // len(drawn[-1][0]))
            groups.append(drawn[-size:])
            del drawn[-size:]
        rng.shuffle(groups)
        for group in groups:
            length = max(len(ids) for ids, _ in group)
            tokens = torch.full((len(group), length), bpe.ids[TEXT_END])
            weights = torch.zeros(len(group), length)
            for row, (ids, loss) in enumerate(group):
                tokens[row, : len(ids)] = torch.tensor(ids)
                weights[row, : len(ids)] = torch.tensor(loss)
            yield tokens, weights


def train(model, source, options):
    """Every process takes batches of its own; their gradients are averaged at each step."""
    is_matrix = lambda name, p: p.ndim == 2 and "embd" not in name
    named = list(model.named_parameters())
    optimizers = [
        Muon([p for name, p in named if is_matrix(name, p)], lr=options.muon_lr, weight_decay=0.1),
        torch.optim.AdamW(
            [p for name, p in named if not is_matrix(name, p)],
            lr=options.adam_lr, betas=(0.9, 0.98), weight_decay=0.0,
        ),
    ]
    base = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    started, shown = time.time(), 0.0
    model.train()
    for step in range(1, options.steps + 1):
        done = step / (options.steps + 1)
        # Warm-up over 2 % of the time, then even, then linear to zero over the last 60 %.
        factor = min(1, done / 0.02 + 0.02) * min(1, (1 - done) / 0.6)
        for optimizer, lr in zip(optimizers, base):
            optimizer.param_groups[0]["lr"] = lr * factor
        tokens, weights = next(source)
        logits = model(tokens)[:, :-1]
        losses = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
        weight = weights[:, 1:].flatten()
        loss = (losses * weight).sum() / weight.sum()
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        answer = ((losses * (weight == 1)).sum() / (weight == 1).sum().clamp(min=1)).item()
        answer = average(model, answer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        shown = answer if step == 1 else 0.95 * shown + 0.05 * answer
        if step % 50 == 0 and dist.get_rank() == 0:
            print(f"step {step}  answer loss {shown:.3f}  {time.time() - started:.0f} s", flush=True)


def average(model, figure):
    """Averages the gradients of all processes in place; returns the average of a figure."""
    gradients = [p.grad for p in model.parameters()]
    flat = torch.cat([g.flatten() for g in gradients] + [torch.tensor([figure])])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    at = 0
    for gradient in gradients:
        gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
        at += gradient.numel()
    return flat[at].item()


@torch.no_grad()
def measure(model, bpe, data):
    """Shares of questions whose answer begins with the most likely tokens, and is all of them."""
    model.eval()
    start, end, newline = bpe.ids[START], bpe.ids[END], bpe.encode("\n")
    for lang in ("en", "fr"):
        refusal = data.unknown["answers"][lang][0]
        groups = {
            "learnt": [(questions[0], answer) for _, answer, questions in data.known[lang]],
            "held back": [(question, answer) for _, question, answer in data.dev[lang]],
            "held back, unknown": [(question, refusal) for question in data.dev_unknown[lang]],
        }
        for name, group in groups.items():
            begun, whole = 0, 0
            for question, answer in group:
                head = [start, *bpe.encode("user\n"), *bpe.encode(question), end, *newline]
                head += [start, *bpe.encode("assistant\n")]
                ids = head + bpe.encode(answer) + [end]
                best = model(torch.tensor([ids]))[0].argmax(-1).tolist()[len(head) - 1 : -1]
                right = ids[len(head) :]
                begun += best[:5] == right[:5]
                whole += best == right
            share = lambda n: f"{100 * n / max(1, len(group)):.1f} %"
            print(f"{lang} {name}: of {len(group)} begun right {share(begun)}, whole {share(whole)}", flush=True)


def metadata(config, bpe):
    return {
        "general.architecture": "llama",
        "general.name": "Mulberry guide",
        "general.license": "mit",
        "general.file_type": 7,
        # The likeliest words, unless somebody asks for livelier ones: at this size the rest is noise.
        "general.sampling.temp": 0.0,
        "llama.block_count": config.layers,
        "llama.context_length": config.context,
        "llama.embedding_length": config.width,
        "llama.feed_forward_length": config.feed_forward,
        "llama.attention.head_count": config.heads,
        "llama.attention.head_count_kv": config.heads,
        "llama.attention.layer_norm_rms_epsilon": config.norm_epsilon,
        "llama.rope.freq_base": config.rope_base,
        "llama.rope.dimension_count": config.width // config.heads,
        "llama.vocab_size": len(bpe.tokens),
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": bpe.tokens,
        "tokenizer.ggml.token_type": [3 if token in CONTROLS else 1 for token in bpe.tokens],
        "tokenizer.ggml.merges": [f"{a} {b}" for a, b in bpe.merges],
        "tokenizer.ggml.bos_token_id": bpe.ids[TEXT_END],
        "tokenizer.ggml.eos_token_id": bpe.ids[END],
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": TEMPLATE,
    }


def write(out, config, bpe, model):
    """The model, and beside the catalogue the figures that it needs."""
    out.parent.mkdir(parents=True, exist_ok=True)
    write_gguf(out, metadata(config, bpe), model.tensors())
    data = out.read_bytes()
    figures = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "sizeBytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "contextTokens": config.context,
    }
    if out == SHIPPED:
        FIGURES.write_text(json.dumps(figures, indent="\t") + "\n")
    print(f"{out}: {figures}")


def work(rank, options, bpe, rendezvous):
    """One process of the training; the first writes the model."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    dist.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=PROCESSES)
    # The same weights everywhere, but other conversations and other dropout.
    torch.manual_seed(options.seed)
    config = Config()
    config.layers, config.width, config.feed_forward = options.layers, options.width, options.feed_forward
    model = Llama(config, options.dropout)
    if rank == 0:
        print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(bpe.tokens)} tokens", flush=True)
    seed = options.seed * PROCESSES + rank
    torch.manual_seed(seed)
    data = Data(options.hold_out)
    train(model, batches(data, bpe, random.Random(seed), options), options)
    if rank > 0:
        return
    if options.hold_out:
        measure(model, bpe, data)
    write(Path(options.out), config, bpe, model)


def main():
    options = arguments()
    bpe = Bpe.train(Data(options.hold_out).texts(), Config.vocabulary, CONTROLS)
    with tempfile.TemporaryDirectory() as folder:
        spawn(work, (options, bpe, f"{folder}/rendezvous"), nprocs=PROCESSES)


if __name__ == "__main__":
    main()
