"""The LLaMA architecture as llama.cpp computes it, and Muon, the optimizer of its matrices."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class Config:
    vocabulary = 2048
    width = 192
    layers = 4
    heads = 6
    feed_forward = 576
    context = 1024
    rope_base = 10_000.0
    norm_epsilon = 1e-5


class Norm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(config.width))
        self.epsilon = config.norm_epsilon

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotate(x, cos, sin):
    """Rotary positions over neighbouring pairs, as ggml does for this architecture."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner = config.width, config.feed_forward
        self.heads = config.heads
        self.attn_norm, self.ffn_norm = Norm(config), Norm(config)
        linear = lambda a, b: nn.Linear(a, b, bias=False)
        self.attn_q, self.attn_k, self.attn_v = (linear(width, width) for _ in range(3))
        self.attn_output = linear(width, width)
        self.ffn_gate, self.ffn_up = linear(width, inner), linear(width, inner)
        self.ffn_down = linear(inner, width)

    def forward(self, x, mask, cos, sin, dropout):
        batch, length, width = x.shape
        h = self.attn_norm(x)
        q, k, v = (
            m(h).view(batch, length, self.heads, -1).transpose(1, 2)
            for m in (self.attn_q, self.attn_k, self.attn_v)
        )
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + mask
        h = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + F.dropout(self.attn_output(h), dropout, self.training)
        h = self.ffn_norm(x)
        h = self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))
        return x + F.dropout(h, dropout, self.training)


class Llama(nn.Module):
    def __init__(self, config, dropout):
        super().__init__()
        self.config, self.dropout = config, dropout
        self.token_embd = nn.Embedding(config.vocabulary, config.width)
        self.blk = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.output_norm = Norm(config)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                scale = 1 / math.sqrt(2 * config.layers) if "output" in name or "down" in name else 1
                nn.init.normal_(parameter, std=0.02 if "embd" in name else scale / math.sqrt(parameter.shape[1]))
        half = config.width // config.heads // 2
        angles = torch.arange(config.context)[:, None] * config.rope_base ** (-torch.arange(half) / half)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, tokens):
        length = tokens.shape[1]
        mask = torch.full((length, length), -1e9).triu(1)
        x = F.dropout(self.token_embd(tokens), self.dropout, self.training)
        for layer in self.blk:
            x = layer(x, mask, self.cos[:length], self.sin[:length], self.dropout)
        return self.output_norm(x) @ self.token_embd.weight.T

    def tensors(self):
        """GGUF's names to arrays; the output is the embedding, which llama.cpp takes if none is given."""
        return {
            name if name.endswith(".weight") else f"{name}.weight": parameter.detach().numpy()
            for name, parameter in self.named_parameters()
        }


class Muon(torch.optim.Optimizer):
    """Momentum orthogonalised by Newton-Schulz steps (Jordan et al., 2024), for matrices."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.0):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                buffer = state.setdefault("momentum", torch.zeros_like(parameter))
                buffer.lerp_(parameter.grad, 1 - group["momentum"])
                update = orthogonal(parameter.grad.lerp(buffer, group["momentum"]))
                scale = math.sqrt(max(1, parameter.shape[0] / parameter.shape[1]))
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update, alpha=-group["lr"] * scale)


def orthogonal(matrix, steps=4):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x
