#!/usr/bin/env python3
"""Training steps of GPT-2 in PyTorch on a GPU, on demand: the peer of native/verify-gpu.sh.

Every line on stdin is a number of steps to make, every line on stdout their median in seconds and the loss of the last;
the first line is "ready" and the version. The work is that of dev.pantograph.jmh.TimedSteps: pre-LayerNorm blocks with
biases, GELU by tanh, learned positions, causal attention, tied head; forward, backward, clipping of the global gradient
norm to 1, AdamW. torch.compile, bfloat16 autocast, flash attention, fused AdamW.

    gpt_step.py BATCH TIME LAYERS HEADS WIDTH VOCABULARY
"""

import statistics
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as e:
    sys.exit(f"gpt_step.py: {e}")


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.before_feed_forward = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, x):
        # [B, T, 3C] -> three of [B, H, T, D]
        q, k, v = self.qkv(self.before_attention(x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.merge(mixed.transpose(1, 2).flatten(2))
        wide = functional.gelu(self.widen(self.before_feed_forward(x)), approximate="tanh")
        return x + self.narrow(wide)


class Gpt(nn.Module):
    def __init__(self, length, layers, heads, width, vocabulary):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.empty(length, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, inputs, targets):
        h = self.tokens(inputs) + self.positions
        for block in self.blocks:
            h = block(h)
        logits = functional.linear(self.norm(h), self.tokens.weight)
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def main():
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    batch, length, layers, heads, width, vocabulary = map(int, sys.argv[1:])
    if not torch.cuda.is_available():
        sys.exit("gpt_step.py: this PyTorch sees no GPU")
    torch.manual_seed(0)
    torch.set_float32_matmul_precision("high")
    model = Gpt(length, layers, heads, width, vocabulary).cuda()
    loss_of = torch.compile(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)

    def step():
        # As in the other implementation, every step gets a batch of its own.
        tokens = torch.randint(vocabulary, (2, batch, length), device="cuda")
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = loss_of(tokens[0], tokens[1])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            torch.cuda.synchronize()
            start = time.perf_counter()
            loss = step()
            torch.cuda.synchronize()
            seconds.append(time.perf_counter() - start)
        print(f"{statistics.median(seconds):.6f} {loss:.5f}", flush=True)


if __name__ == "__main__":
    main()
