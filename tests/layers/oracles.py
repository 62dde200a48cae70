"""The cells once more, in NumPy, one step of one row at a time, written from the papers and not from our code."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def rnn_step(w, x, h):
    """Elman 1990."""
    y = np.tanh(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"])
    return (y,)


def lstm_step(w, x, h, c):
    """Hochreiter and Schmidhuber 1997; forget gate, and peepholes if there are some, by Gers and Schmidhuber."""
    u = h.size
    peepholes = w.get("peephole_kernel", np.zeros((3, u)))
    columns = {gate: slice(k * u, (k + 1) * u) for k, gate in enumerate("ifco")}

    def total(gate):
        at = columns[gate]
        return x @ w["kernel"][:, at] + h @ w["recurrent_kernel"][:, at] + w["bias"][at]

    input_gate = sigmoid(total("i") + peepholes[0] * c)
    forget_gate = sigmoid(total("f") + peepholes[1] * c)
    new = forget_gate * c + input_gate * np.tanh(total("c"))
    output_gate = sigmoid(total("o") + peepholes[2] * new)
    return output_gate * np.tanh(new), new


def gru_step(w, x, h):
    """Cho et al. 2014, in the form of version 1, where the reset gate comes after the product."""
    u = h.size
    z_at, r_at, h_at = (slice(k * u, (k + 1) * u) for k in range(3))
    of_x = x @ w["kernel"] + w["bias"][0]
    of_h = h @ w["recurrent_kernel"] + w["bias"][1]
    update = sigmoid(of_x[z_at] + of_h[z_at])
    reset = sigmoid(of_x[r_at] + of_h[r_at])
    candidate = np.tanh(of_x[h_at] + reset * of_h[h_at])
    return (update * h + (1 - update) * candidate,)


def mgu_step(w, x, h):
    """Zhou et al. 2016, equations 4a to 4c."""
    u = h.size
    w_f, w_h = w["kernel"][:, :u], w["kernel"][:, u:]
    u_f, u_h = w["recurrent_kernel"][:, :u], w["recurrent_kernel"][:, u:]
    forget = sigmoid(x @ w_f + h @ u_f + w["bias"][:u])
    candidate = np.tanh(x @ w_h + (forget * h) @ u_h + w["bias"][u:])
    return ((1 - forget) * h + forget * candidate,)


STEPS = {"rnn": rnn_step, "gru": gru_step, "lstm": lstm_step, "peephole": lstm_step, "mgu": mgu_step}


def run(name, weights, x, states, mask=None, backwards=False):
    """Outputs (batch, time, units) in the order of reading, and the last states; a masked step repeats the output."""
    batch, time = x.shape[:2]
    outputs, last = [], []
    for row in range(batch):
        state = tuple(s[row] for s in states)
        seen, before = [], np.zeros_like(state[0])
        for t in reversed(range(time)) if backwards else range(time):
            if mask is None or mask[row, t]:
                state = STEPS[name](weights, x[row, t], *state)
                before = state[0]
            seen.append(before)
        outputs.append(seen)
        last.append(state)
    return np.array(outputs), [np.array(s) for s in zip(*last, strict=True)]
