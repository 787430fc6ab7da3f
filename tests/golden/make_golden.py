#!/usr/bin/python3
"""Makes models.safetensors: what PyTorch 1.13.1 gives for every form of the model family.

    apt-get install python3-torch libopenblas0-pthread
    /usr/bin/python3 tests/golden/make_golden.py

Per case the file holds inputs, covariates, targets, all weights and their gradients as one block in the order of the
tensors' names, the output, and the losses of 20 steps; the case's spec, its tensors' names and its training options
are in the metadata. GoldenTests.cs holds the C# engine to it. The reference is written the long way on purpose:
torch.nn's own cells and multi-head attention, keys and values projected, nothing folded.
"""
import json
import math
import os
import struct

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

BATCH, INPUTS, HIDDEN, LOOKBACK, HORIZONS, STEPS = 3, 3, 6, 7, 2, 20
ENCODERS = ["Gru", "Lstm", "Rnn", "RnnRelu"]
ATTENTIONS = ["None", "Additive", "Dot", "General", "ScaledDot", "MultiHead"]


class Model(nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.spec = spec
        hidden, layers, both = spec["hiddenSize"], spec["layers"], spec["bidirectional"]
        kind = {"Gru": nn.GRU, "Lstm": nn.LSTM, "Rnn": nn.RNN, "RnnRelu": nn.RNN}[spec["encoder"]]
        extra = {"nonlinearity": "relu"} if spec["encoder"] == "RnnRelu" else {}
        self.encoder = kind(spec["inputs"], hidden, layers, batch_first=True, bidirectional=both, **extra)
        width = self.width = hidden * (2 if both else 1)
        self.attention = nn.Module()
        name = spec["attention"]
        if name == "MultiHead":
            self.attention.many = nn.MultiheadAttention(width, spec["attentionHeads"], bias=False, batch_first=True)
        elif name == "General":
            self.attention.general = nn.Linear(width, width, bias=False)
        elif name in ("ScaledDot", "Additive"):
            self.attention.query = nn.Linear(width, width, bias=False)
            self.attention.key = nn.Linear(width, width, bias=False)
            if name == "ScaledDot":
                self.attention.value = nn.Linear(width, width, bias=False)
            else:
                self.attention.score = nn.Linear(width, 1, bias=False)
        features = width * (2 if name != "None" and spec["combine"] == "Concat" else 1)
        quantiles = len(spec["quantiles"])
        outputs = spec["horizons"] * spec["outputs"] * quantiles
        if spec["head"] == "Classifier":
            outputs = spec["classes"]
        if spec["head"] == "Decoder":
            cell = nn.LSTMCell if spec["encoder"] == "Lstm" else nn.GRUCell
            self.decoder = cell(spec["outputs"] + spec["known"], width)
            outputs = spec["outputs"] * quantiles
        else:
            features += spec["known"] * spec["horizons"]
        if spec["head"] == "Refine":
            self.refine = nn.GRUCell(width, width)
        self.head = nn.Linear(features, outputs)

    def read(self, query, states, mask):
        name = self.spec["attention"]
        if name == "MultiHead":
            out, _ = self.attention.many(query[:, None], states, states, key_padding_mask=mask)
            return out[:, 0]
        values = states
        if name == "Additive":
            scores = self.attention.score(torch.tanh(self.attention.query(query)[:, None] + self.attention.key(states)))[..., 0]
        else:
            keys = states
            if name == "ScaledDot":
                query, keys, values = self.attention.query(query), self.attention.key(states), self.attention.value(states)
            if name == "General":
                keys = self.attention.general(states)
            scores = (keys @ query[..., None])[..., 0] / (math.sqrt(self.width) if name == "ScaledDot" else 1)
        if mask is not None:
            scores = scores.masked_fill(mask, -math.inf)
        return (torch.softmax(scores, -1)[:, None] @ values)[:, 0]

    def features(self, state, states, mask):
        if self.spec["attention"] == "None":
            return state
        context = self.read(state, states, mask)
        return state + context if self.spec["combine"] == "Sum" else torch.cat([state, context], -1)

    def output(self, features):
        raw = self.head(features)
        if self.spec["head"] == "Classifier":
            return raw
        return torch.sort(raw.reshape(len(raw), -1, len(self.spec["quantiles"])), -1).values.reshape(len(raw), -1)

    def forward(self, inputs, known, targets, forced):
        spec = self.spec
        states, end = self.encoder(inputs)
        memory = None
        if spec["encoder"] == "Lstm":
            end, memory = end
            memory = torch.cat([memory[-2], memory[-1]], -1) if spec["bidirectional"] else memory[-1]
        state = torch.cat([end[-2], end[-1]], -1) if spec["bidirectional"] else end[-1]
        mask = None
        if spec["gapInput"] >= 0:
            mask = inputs[:, :, spec["gapInput"]] != 0
            mask[:, -1] = False
        if spec["head"] == "Decoder":
            return self.decode(state, memory, states, mask, known, targets if forced else None)
        if spec["head"] == "Refine":
            for _ in range(spec["refineRounds"]):
                read = state if spec["attention"] == "None" else self.read(state, states, mask)
                state = self.refine(read, state)
        return self.output(torch.cat([self.features(state, states, mask), known.flatten(1)], -1))

    def decode(self, state, memory, states, mask, known, targets):
        spec, parts = self.spec, []
        last = torch.zeros(len(state), spec["outputs"])
        for h in range(spec["horizons"]):
            x = torch.cat([last, known[:, h]], -1)
            if memory is None:
                state = self.decoder(x, state)
            else:
                state, memory = self.decoder(x, (state, memory))
            out = self.output(self.features(state, states, mask))
            parts.append(out)
            median = min(range(len(spec["quantiles"])), key=lambda q: abs(spec["quantiles"][q] - .5))
            last = out.reshape(len(out), spec["outputs"], -1)[..., median]
            if targets is not None:
                last = targets[:, h]
        return torch.cat(parts, -1)

    def named(self):
        """Names and values in the order of the C# block."""
        for name, value in self.named_parameters():
            if name.startswith("attention.many"):
                continue
            yield name, value, value.grad
            last = name == [n for n, _ in self.named_parameters() if n.startswith("encoder.")][-1]
            if last and self.spec["attention"] == "MultiHead":
                many = self.attention.many
                for i, part in enumerate(["query", "key", "value"]):
                    rows = slice(i * self.width, (i + 1) * self.width)
                    grad = None if many.in_proj_weight.grad is None else many.in_proj_weight.grad[rows]
                    yield f"attention.{part}.weight", many.in_proj_weight[rows], grad
                yield "attention.output.weight", many.out_proj.weight, many.out_proj.weight.grad


def loss_of(spec, options, output, targets):
    if spec["head"] == "Classifier":
        return F.cross_entropy(output, targets.flatten().long())
    quantiles = torch.tensor(spec["quantiles"])
    output = output.reshape(len(output), -1, len(quantiles))
    target = targets.reshape(len(targets), -1, 1)
    if options["loss"] == "Squared":
        return ((output - target) ** 2).mean()
    if options["loss"] == "Huber":
        return F.huber_loss(output, target, delta=.5)
    error = target - output
    loss = torch.maximum(quantiles * error, (quantiles - 1) * error).mean()
    median = output[..., [min(range(len(quantiles)), key=lambda q: abs(spec["quantiles"][q] - .5))]]
    return loss + options["huberWeight"] * F.huber_loss(median, target, delta=.5)


def optimizer_of(options, parameters):
    if options["optimizer"] == "AdamW":
        return torch.optim.AdamW(parameters, lr=3e-3, weight_decay=.01)
    if options["optimizer"] == "Adam":
        return torch.optim.Adam(parameters, lr=3e-3, weight_decay=.01)
    if options["optimizer"] == "RmsProp":
        return torch.optim.RMSprop(parameters, lr=3e-3, weight_decay=.01)
    return torch.optim.SGD(parameters, lr=3e-2, momentum=.9, weight_decay=.01)


def flat(values):
    return torch.cat([v.detach().flatten() for v in values]).numpy().astype("<f4")


def kink(spec, output, targets):
    """Distance to where the pinball loss or the sorting has a corner: nearer than rounding, any two engines part there."""
    quantiles = len(spec["quantiles"])
    if spec["head"] == "Classifier" or quantiles == 1:
        return math.inf
    output = output.detach().reshape(len(output), -1, quantiles)
    return min((output - targets.reshape(len(targets), -1, 1)).abs().min().item(), (output[..., 1:] - output[..., :-1]).min().item())


def cancels(model):
    """A gradient that is nothing but the rounding of a sum: Adam would make a whole step of its sign."""
    return any(((g != 0) & (g.abs() < 1e-6 * g.abs().max())).any().item() for _, _, g in model.named())


def run(name, spec, options, tensors, metadata, seed):
    """One case; a seed that comes within 3e-5 of a corner, or whose gradients cancel, in its 20 steps is passed over."""
    while not attempt(name, spec, options, tensors, metadata, seed):
        seed += 1000


def attempt(name, spec, options, tensors, metadata, seed):
    torch.manual_seed(seed)
    model = Model(spec)
    batch = options["batch"]
    inputs = torch.randn(batch, spec["lookback"], spec["inputs"])
    if spec["gapInput"] >= 0:
        inputs[:, :, spec["gapInput"]] = (torch.rand(batch, spec["lookback"]) < .3).float()
    known = torch.randn(batch, spec["horizons"], spec["known"])
    targets = torch.randn(batch, spec["horizons"], spec["outputs"])
    if spec["head"] == "Classifier":
        targets = torch.randint(spec["classes"], (batch, 1)).float()
    tensors[name + "/weights"] = flat(v for _, v, _ in model.named())
    for key, value in (("inputs", inputs), ("known", known), ("targets", targets)):
        tensors[f"{name}/{key}"] = flat([value])
    optimizer, losses = optimizer_of(options, model.parameters()), []
    for step in range(STEPS):
        optimizer.zero_grad()
        output = model(inputs, known, targets, options["forced"])
        loss = loss_of(spec, options, output, targets)
        loss.backward()
        if kink(spec, output, targets) < 3e-5 or cancels(model):
            return False
        if step == 0:
            # A forced run shows targets while training only: the output is the free-running one.
            tensors[name + "/output"] = flat([model(inputs, known, targets, False)])
            tensors[name + "/gradients"] = flat(g for _, _, g in model.named())
        losses.append(loss.item())
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    tensors[name + "/losses"] = np.array(losses, "<f4")
    metadata[name] = json.dumps({"spec": spec, "options": options, "tensors": [n for n, _, _ in model.named()]}, separators=(",", ":"))
    return True


def spec_of(**changes):
    spec = dict(
        encoder="Gru", layers=1, hiddenSize=HIDDEN, bidirectional=False, dropout=0, attention="ScaledDot", attentionHeads=2, combine="Concat",
        head="Direct", refineRounds=3, refineTolerance=0, inputs=INPUTS, outputs=1, known=0, gapInput=-1, classes=0, lookback=LOOKBACK,
        horizons=HORIZONS, quantiles=[.1, .5, .9])
    return {**spec, **changes}


def options_of(**changes):
    return {"optimizer": "AdamW", "loss": "Pinball", "huberWeight": 0, "forced": False, "batch": BATCH, **changes}


def cases():
    for encoder in ENCODERS:
        for attention in ATTENTIONS:
            for head in ["Direct", "Decoder", "Refine", "Classifier"]:
                changes = {"known": 1} if head == "Decoder" else {"classes": 3} if head == "Classifier" else {}
                yield f"{encoder} {attention} {head}", spec_of(encoder=encoder, attention=attention, head=head, **changes), options_of()
    yield "3 layers", spec_of(layers=3), options_of()
    yield "bidirectional LSTM, 2 layers, decoder", spec_of(encoder="Lstm", layers=2, bidirectional=True, head="Decoder"), options_of()
    yield "bidirectional GRU, multi-head", spec_of(bidirectional=True, attention="MultiHead", attentionHeads=3), options_of()
    yield "sum instead of concat", spec_of(combine="Sum"), options_of()
    yield "two outputs, known covariates", spec_of(outputs=2, known=2), options_of()
    yield "gap mask", spec_of(gapInput=1), options_of()
    yield "decoder with teacher forcing", spec_of(head="Decoder", outputs=2), options_of(forced=True)
    yield "pinball and Huber of the median", spec_of(), options_of(huberWeight=.5)
    yield "Huber", spec_of(quantiles=[.5]), options_of(loss="Huber")
    yield "squared error", spec_of(quantiles=[.5]), options_of(loss="Squared")
    for optimizer in ["Adam", "RmsProp", "SgdMomentum"]:
        yield optimizer, spec_of(), options_of(optimizer=optimizer)
    yield "odd sizes", spec_of(hiddenSize=19, lookback=5, horizons=3), options_of()
    # The sizes and batches of the fast engine: whole tiles, a row left over, more than one block.
    for hidden, batch in [(16, 19), (32, 5)]:
        yield f"fast engine, {hidden} units", spec_of(hiddenSize=hidden, lookback=8), options_of(batch=batch)
    yield "fast engine, gap mask", spec_of(hiddenSize=16, lookback=12, gapInput=2), options_of(batch=6)


def bare_gru(tensors):
    """A torch.nn.GRU's state dict as it is, beside what it makes of a window."""
    torch.manual_seed(7)
    gru = nn.GRU(INPUTS, 5, num_layers=2, batch_first=True)
    state = {name: value.detach().numpy().astype("<f4") for name, value in gru.state_dict().items()}
    inputs = torch.randn(1, 64, INPUTS)
    tensors["torch.nn.GRU/inputs"] = flat([inputs])
    tensors["torch.nn.GRU/state"] = flat([gru(inputs)[1][-1]])
    return state


def write(path, tensors, metadata):
    header, at = {"__metadata__": metadata}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        at += values.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(v.tobytes() for v in tensors.values()))


def main():
    torch.set_num_threads(1)
    # Debian's package 1.13.1+dfsg calls itself 1.13.0a0.
    tensors, metadata = {}, {"torch": "1.13.1"}
    for seed, (name, spec, options) in enumerate(cases()):
        run(name, spec, options, tensors, metadata, seed)
    folder = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(folder, "models.safetensors")
    write(os.path.join(folder, "gru.safetensors"), bare_gru(tensors), {})
    write(path, tensors, metadata)
    print(f"{len(metadata) - 1} cases, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
