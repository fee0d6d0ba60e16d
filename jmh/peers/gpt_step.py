#!/usr/bin/env python3
"""A GPT training step in PyTorch, on demand.

Every line on stdin is a number of steps to make; every line on stdout is a JSON object: first the version, then for
each request the seconds of every step and the loss of the last one. The work is that of Pantograph's own step:
pre-LayerNorm blocks with biases, exact GELU, learned positions, causal attention, tied head; forward, backward, clipping
of the global gradient norm to 1, AdamW (the fused one, which is several times faster than the default). Alone:

    echo 10 | ./gpt_step.py --mode compile
"""

import argparse
import json
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as e:
    sys.exit(f"gpt_step.py: {e}; install PyTorch for {sys.executable}")


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        # [B, T, 3C] -> three of [B, H, T, D]
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(mixed.transpose(1, 2).flatten(2))


class Decoder(nn.Module):
    def __init__(self, options):
        super().__init__()
        c = options.width
        self.tokens = nn.Embedding(options.vocabulary, c)
        self.positions = nn.Parameter(torch.empty(options.time, c))
        self.blocks = nn.ModuleList(
            nn.ModuleDict(
                {
                    "attention": nn.Sequential(nn.LayerNorm(c), Attention(c, options.heads)),
                    "feed_forward": nn.Sequential(
                        nn.LayerNorm(c), nn.Linear(c, 4 * c), nn.GELU(), nn.Linear(4 * c, c)
                    ),
                }
            )
            for _ in range(options.layers)
        )
        self.norm = nn.LayerNorm(c)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, inputs, targets):
        h = self.tokens(inputs) + self.positions
        for block in self.blocks:
            h = h + block["attention"](h)
            h = h + block["feed_forward"](h)
        logits = functional.linear(self.norm(h), self.tokens.weight)
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def batch(options):
    """The stream of PeerBatch.java: inputs are all tokens but the last, targets all but the first."""
    i = torch.arange(options.batch * options.time + 1)
    stream = (i * 2654435761 >> 8) % options.vocabulary
    shape = options.batch, options.time
    return stream[:-1].view(shape), stream[1:].view(shape)


def main():
    parser = argparse.ArgumentParser(description="A GPT training step in PyTorch, on demand.")
    parser.add_argument("--mode", choices=["eager", "compile", "bf16", "bf16-compile"], default="eager")
    for name, default in [("threads", 2), ("batch", 16), ("time", 256), ("layers", 4), ("heads", 4), ("width", 256),
                          ("vocabulary", 256)]:
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = Decoder(options)
    inputs, targets = batch(options)
    loss_of = torch.compile(model) if "compile" in options.mode else model
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-4, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1, fused=True
    )

    def step():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled="bf16" in options.mode):
            loss = loss_of(inputs, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            loss = step()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds, "loss": loss}), flush=True)


if __name__ == "__main__":
    main()
