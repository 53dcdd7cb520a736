"""One distillation step in JAX, in several forms. In: a net, w_0 (a list of tensors), x̃ (M, H, W, C), ỹ (M, K), η̃ (N), and a real batch x, y.
Out: the loss and its gradients with respect to x̃, η̃ and ỹ.

`unroll`, `scan` and `checkpoint` leave the way back to JAX; the `hand` forms walk it last step first, as docs/method.md has it: from v = ∂l/∂w_N, with
g_k = −η̃_k ∇_w l(x̃, ỹ, w_k), each step takes vᵀ∂g_k/∂(w, x̃, ỹ). The product is a `vjp` of the gradient or, because second derivatives are
symmetric, its `jvp` in direction v.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

tree = jax.tree_util.tree_map


def cross_entropy(logits, labels):
    return -(labels * jax.nn.log_softmax(logits)).sum() / logits.shape[0]


class Problem:
    """The two losses of a net, as every walk needs them."""

    def __init__(self, net, temperature):
        self.inner = lambda w, images, labels: cross_entropy(net(w, images), labels)
        self.outer = lambda w, x, y: cross_entropy(net(w, x) / temperature, y)

    def step(self, w, images, labels, eta):
        return tree(lambda w, g: w - eta * g, w, jax.grad(self.inner)(w, images, labels))


def by_autodiff(last):
    """A step whose way back is JAX's; `last` gives w_N."""

    def run(problem, w0, images, labels, eta, x, y):
        def loss(images, labels, eta):
            return problem.outer(last(problem, w0, images, labels, eta), x, y)

        value, (d_images, d_labels, d_eta) = jax.value_and_grad(loss, argnums=(0, 1, 2))(images, labels, eta)
        return value, d_images, d_eta, d_labels

    return run


@by_autodiff
def unroll(problem, w, images, labels, eta):
    for k in range(eta.shape[0]):
        w = problem.step(w, images, labels, eta[k])
    return w


@by_autodiff
def scan(problem, w, images, labels, eta):
    return lax.scan(lambda w, eta: (problem.step(w, images, labels, eta), None), w, eta)[0]


@by_autodiff
def checkpoint(problem, w, images, labels, eta):
    step = jax.checkpoint(problem.step)
    return lax.scan(lambda w, eta: (step(w, images, labels, eta), None), w, eta)[0]


def pull(z, labels, step):
    """η̃ ∇_z l = η̃ (softmax(z)·Σỹ − ỹ)/M, (M, K)."""
    return (jax.nn.softmax(z) * labels.sum(1, keepdims=True) - labels) * (step / z.shape[0])


@by_autodiff
def formula(problem, w, images, labels, eta):
    """Logistic regression, its gradient written out."""
    (kernel, bias), x = w, images.reshape(images.shape[0], -1)
    for k in range(eta.shape[0]):
        s = pull(x @ kernel + bias, labels, eta[k])
        kernel, bias = kernel - x.T @ s, bias - s.sum(0)
    return [kernel, bias]


@by_autodiff
def span(problem, w, images, labels, eta):
    """Logistic regression as ours does it (src/shared/distillation/span.ts): x̃ is the same in every step, so the logits move by (x̃x̃ᵀ + 1) s for a step s,
    and the weights by all steps at once."""
    (kernel, bias), x = w, images.reshape(images.shape[0], -1)
    products, z = x @ x.T + 1, x @ kernel + bias
    total = jnp.zeros_like(z)
    for k in range(eta.shape[0]):
        s = pull(z, labels, eta[k])
        z, total = z - products @ s, total + s
    return [kernel - x.T @ total, bias - total.sum(0)]


def products_by_vjp(problem, w, images, labels, v):
    """∇_w l at w, and vᵀ∂/∂(w, x̃, ỹ) of it."""
    gradient, pull = jax.vjp(jax.grad(problem.inner), w, images, labels)
    return gradient, pull(v)


def products_by_jvp(problem, w, images, labels, v):
    """The same, as the derivative of ∇_(w, x̃, ỹ) l when w moves along v."""
    gradient, products = jax.jvp(lambda w: jax.grad(problem.inner, argnums=(0, 1, 2))(w, images, labels), (w,), (v,))
    return gradient[0], products


def back(problem, products, images, labels):
    """One step of the way back: (v, ∂x̃, ∂ỹ), (w_k, η̃_k) → (v, ∂x̃, ∂ỹ), ∂η̃_k."""

    def step(carried, seen):
        (v, d_images, d_labels), (w, eta) = carried, seen
        gradient, (p_w, p_images, p_labels) = products(problem, w, images, labels, v)
        d_eta = -sum(jnp.vdot(a, b) for a, b in zip(v, gradient))
        return (tree(lambda v, p: v - eta * p, v, p_w), d_images - eta * p_images, d_labels - eta * p_labels), d_eta

    return step


def hand_unroll(products, problem, w, images, labels, eta, x, y):
    passed = []
    for k in range(eta.shape[0]):
        passed.append(w)
        w = problem.step(w, images, labels, eta[k])
    loss, v = jax.value_and_grad(problem.outer)(w, x, y)
    step = back(problem, products, images, labels)
    carried, d_eta = (v, jnp.zeros_like(images), jnp.zeros_like(labels)), []
    for k in reversed(range(eta.shape[0])):
        carried, d = step(carried, (passed[k], eta[k]))
        d_eta.append(d)
    return loss, carried[1], jnp.stack(d_eta[::-1]), carried[2]


def hand_scan(products, problem, w, images, labels, eta, x, y):
    w, passed = lax.scan(lambda w, eta: (problem.step(w, images, labels, eta), w), w, eta)
    loss, v = jax.value_and_grad(problem.outer)(w, x, y)
    zeros = (v, jnp.zeros_like(images), jnp.zeros_like(labels))
    (_, d_images, d_labels), d_eta = lax.scan(back(problem, products, images, labels), zeros, (passed, eta), reverse=True)
    return loss, d_images, d_eta, d_labels


walks = {
    'unroll': unroll,
    'scan': scan,
    'checkpoint': checkpoint,
    'formula': formula,
    'span': span,
    'hand-unroll-vjp': partial(hand_unroll, products_by_vjp),
    'hand-unroll-jvp': partial(hand_unroll, products_by_jvp),
    'hand-scan-vjp': partial(hand_scan, products_by_vjp),
    'hand-scan-jvp': partial(hand_scan, products_by_jvp),
}
