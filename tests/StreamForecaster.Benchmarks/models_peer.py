#!/usr/bin/python3
"""The peer of `./bench.sh models`: the same model in PyTorch, in the form that is fastest for it.

Reads lines `WORK HIDDEN BATCH THREADS MILLISECONDS` and answers each with the seconds that one call took at best and in
the median, in that many milliseconds of calls. Attention is folded as in our engine (query in the space of the raw
states, values applied to the one state that was read). Forward passes run as they are and as `torch.jit.script`; the
faster one of the first round is taken.
"""
import math
import sys
import time

import torch
from torch import nn

INPUTS, LOOKBACK, OUTPUTS, QUANTILES = 6, 64, 36, 3
torch.set_num_interop_threads(1)


class Model(nn.Module):
    def __init__(self, hidden: int):
        super().__init__()
        self.encoder = nn.GRU(INPUTS, hidden, batch_first=True)
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.key = nn.Linear(hidden, hidden, bias=False)
        self.value = nn.Linear(hidden, hidden, bias=False)
        self.head = nn.Linear(2 * hidden, OUTPUTS)
        self.scale = 1 / math.sqrt(hidden)
        self.horizons, self.quantiles = OUTPUTS // QUANTILES, QUANTILES

    def forward(self, x):
        states, last = self.encoder(x)
        last = last[0]
        query = (self.query(last) @ self.key.weight) * self.scale
        weights = torch.softmax(torch.bmm(states, query.unsqueeze(2)), 1)
        read = self.value(torch.bmm(weights.transpose(1, 2), states).squeeze(1))
        raw = self.head(torch.cat([last, read], 1))
        return torch.sort(raw.view(-1, self.horizons, self.quantiles), 2)[0]


def caller(work, hidden, batch):
    torch.manual_seed(1)
    model = Model(hidden)
    x = torch.randn(batch, LOOKBACK, INPUTS)
    if work == "training":
        targets = torch.randn(batch, OUTPUTS // QUANTILES, 1)
        taus = torch.tensor([.05, .5, .95])
        optimizer = torch.optim.AdamW(model.parameters(), 1e-3)

        def step():
            optimizer.zero_grad(set_to_none=True)
            error = targets - model(x)
            torch.maximum(taus * error, (taus - 1) * error).mean().backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        return [step]
    scripted = torch.jit.script(model)

    def of(form):
        def call():
            with torch.inference_mode():
                form(x)
        return call
    return [of(model), of(scripted)]


def main():
    forms = {}
    for line in sys.stdin:
        work, hidden, batch, threads, milliseconds = line.split()
        torch.set_num_threads(int(threads))
        key = (work, hidden, batch)
        if key not in forms:
            forms[key] = caller(work, int(hidden), int(batch))
            for form in forms[key]:
                for _ in range(4):
                    form()
        bests = []
        for form in forms[key]:
            times, end = [], time.perf_counter() + int(milliseconds) / 1000 / len(forms[key])
            while len(times) < 3 or time.perf_counter() < end:
                start = time.perf_counter()
                form()
                times.append(time.perf_counter() - start)
            times.sort()
            bests.append((times[0], times[len(times) // 2]))
        best = min(bests)
        forms[key] = [forms[key][bests.index(best)]]
        print(f"{best[0]:.9f} {best[1]:.9f}", flush=True)


main()
