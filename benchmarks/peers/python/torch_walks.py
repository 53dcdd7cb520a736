"""One distillation step in PyTorch, in several forms. In: a net, w_0 (a list of tensors), x̃ (M, C, H, W), ỹ (M, K), η̃ (N), and a real batch x, y.
Out: the loss and its gradients with respect to x̃, η̃ and ỹ. The walks of autograd take several members in one call too, if the net does: then all but x
and y have the members in front.

`unroll` leaves the way back to autograd. The others walk it last step first, as docs/method.md has it: from v = ∂l/∂w_N, with
g_k = −η̃_k ∇_w l(x̃, ỹ, w_k), each step takes vᵀ∂g_k/∂(w, x̃, ỹ). `keep` has kept the graph of each step's gradient, `recompute` makes it again; `jvp` takes
the product, because second derivatives are symmetric, as the derivative of ∇_(w, x̃, ỹ) l when w moves along v.
"""

from functools import partial

import torch
import torch.nn.functional as F
from torch.autograd import grad
from torch.func import grad as grad_of
from torch.func import grad_and_value, jvp, vjp

from torch_logreg import formula, span


def cross_entropy(logits, labels):
    return -(labels * F.log_softmax(logits, -1)).sum((-2, -1)) / logits.shape[-2]


class Problem:
    """The two losses of a net, as every walk needs them, and their derivatives as functions: these may be compiled."""

    def __init__(self, net, temperature):
        self.inner = lambda w, images, labels: cross_entropy(net(w, images), labels)
        self.outer = lambda w, x, y: cross_entropy(net(w, x) / temperature, y)
        self.inner_gradient = grad_of(self.inner)
        self.outer_gradient = grad_and_value(self.outer)

    def jvp(self, w, images, labels, v):
        """∇_w l at w, and vᵀ∂/∂(w, x̃, ỹ) of it."""
        (gradient, _, _), products = jvp(lambda w: grad_of(self.inner, (0, 1, 2))(w, images, labels), (w,), (v,))
        return gradient, products

    def vjp(self, w, images, labels, v):
        """The same by a second way back."""
        gradient, pull = vjp(self.inner_gradient, w, images, labels)
        return gradient, pull(v)


def leaves(tensors):
    return [t.detach().requires_grad_() for t in tensors]


def times(eta, g):
    return eta.reshape(eta.shape + (1,) * (g.dim() - eta.dim())) * g


def stepped(w, gradient, eta):
    return [a - times(eta, g) for a, g in zip(w, gradient)]


def unrolled(problem, w, images, labels, eta):
    w = leaves(w)
    for step in eta.unbind(-1):
        w = stepped(w, grad(problem.inner(w, images, labels).sum(), w, create_graph=True), step)
    return w


def by_autograd(last, problem, w, images, labels, eta, x, y):
    """A step whose way back is autograd's; `last` gives w_N."""
    images, labels, eta = leaves([images, labels, eta])
    loss = problem.outer(last(problem, w, images, labels, eta), x, y)
    d_images, d_eta, d_labels = grad(loss.sum(), [images, eta, labels])
    return loss.detach(), d_images, d_eta, d_labels


def by_hand(keep, problem, w, images, labels, eta, x, y):
    images, labels = leaves([images, labels])
    steps, passed = eta.unbind(-1), []
    for step in steps:
        w = leaves(w)
        gradient = grad(problem.inner(w, images, labels).sum(), w, create_graph=keep)
        passed.append((w, gradient if keep else None))
        w = stepped([t.detach() for t in w], [g.detach() for g in gradient], step)
    w = leaves(w)
    loss = problem.outer(w, x, y)
    v = grad(loss.sum(), w)
    d_images, d_labels, d_eta = torch.zeros_like(images), torch.zeros_like(labels), []
    while passed:
        (w, gradient), step = passed.pop(), steps[len(passed)]
        gradient = gradient or grad(problem.inner(w, images, labels).sum(), w, create_graph=True)
        d_eta.append(-sum((a * g.detach()).flatten(step.dim()).sum(-1) for a, g in zip(v, gradient)))
        *p_w, p_images, p_labels = grad(gradient, [*w, images, labels], v)
        v = stepped(v, p_w, step)
        d_images -= times(step, p_images)
        d_labels -= times(step, p_labels)
    return loss.detach(), d_images, torch.stack(d_eta[::-1], -1), d_labels


def by_functions(inner_gradient, outer_gradient, products, w, images, labels, eta, x, y):
    """The walk as a pure function of tensors, from the three derivatives that it needs."""
    steps, passed = eta.unbind(), []
    for step in steps:
        passed.append(w)
        w = stepped(w, inner_gradient(w, images, labels), step)
    v, loss = outer_gradient(w, x, y)
    d_images, d_labels, d_eta = torch.zeros_like(images), torch.zeros_like(labels), []
    for w, step in zip(passed[::-1], steps[::-1]):
        gradient, (p_w, p_images, p_labels) = products(w, images, labels, v)
        d_eta.append(-sum((a * g).sum() for a, g in zip(v, gradient)))
        v = stepped(v, p_w, step)
        d_images = d_images - step * p_images
        d_labels = d_labels - step * p_labels
    return loss, d_images, torch.stack(d_eta[::-1]), d_labels


def functional_hand(product, problem, *inputs):
    return by_functions(problem.inner_gradient, problem.outer_gradient, getattr(problem, product), *inputs)


def functional_unrolled(problem, w, images, labels, eta):
    for step in eta.unbind():
        w = stepped(w, problem.inner_gradient(w, images, labels), step)
    return w


def functional(last, problem, w, images, labels, eta, x, y):
    """by_autograd as a pure function of tensors."""

    def loss(images, labels, eta):
        return problem.outer(last(problem, w, images, labels, eta), x, y)

    (d_images, d_labels, d_eta), value = grad_and_value(loss, argnums=(0, 1, 2))(images, labels, eta)
    return value, d_images, d_eta, d_labels


walks = {
    'unroll': partial(by_autograd, unrolled),
    'keep': partial(by_hand, True),
    'recompute': partial(by_hand, False),
    'formula': partial(by_autograd, formula),
    'span': partial(by_autograd, span),
}

pure_walks = {
    'unroll': partial(functional, functional_unrolled),
    'jvp': partial(functional_hand, 'jvp'),
    'vjp': partial(functional_hand, 'vjp'),
    'formula': partial(functional, formula),
    'span': partial(functional, span),
}
