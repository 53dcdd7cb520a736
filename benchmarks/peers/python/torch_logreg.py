"""The inner steps of logistic regression without derivatives of the framework's: its gradient is known, ∇_z l = (p·Σỹ − ỹ)/M with p = softmax z. In: w_0 as
[kernel (K, D), bias (K)], x̃, ỹ, η̃; all may have members in front. Out: w_N, to be differentiated once.

`formula` moves the weights, `span` the logits: with x̃ the same in every step, z moves by (x̃x̃ᵀ + 1) s for a step s, and the weights by all steps at once.
It is what ours does there (src/shared/distillation/span.ts).
"""

import torch


def pull(z, labels, step):
    """η̃ ∇_z l, (M, K)."""
    return (torch.softmax(z, -1) * labels.sum(-1, keepdim=True) - labels) * (step / z.shape[-2])[..., None, None]


def formula(problem, w, images, labels, eta):
    (kernel, bias), x = w, images.flatten(-3)
    for step in eta.unbind(-1):
        s = pull(x @ kernel.mT + bias[..., None, :], labels, step)
        kernel, bias = kernel - s.mT @ x, bias - s.sum(-2)
    return [kernel, bias]


def span(problem, w, images, labels, eta):
    (kernel, bias), x = w, images.flatten(-3)
    products = x @ x.mT + 1
    z = x @ kernel.mT + bias[..., None, :]
    total = torch.zeros_like(z)
    for step in eta.unbind(-1):
        s = pull(z, labels, step)
        z, total = z - products @ s, total + s
    return [kernel - total.mT @ x, bias - total.sum(-2)]
