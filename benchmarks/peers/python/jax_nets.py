"""The nets in JAX. In: weight tensors in the order and shapes of the task (kernels HWIO, dense (in, out)), images (B, H, W, C). Out: logits (B, K).

A convolution is written in three ways, and the fastest is timed: `conv`, XLA's own; `patches`, a product with windows that are cut out by slices;
`phases`, the same with windows of a whole pooling block (kernel + 1, stride 2), so that the four pixels that a pooling joins come out side by side.
"""

import jax
import jax.numpy as jnp
from jax import lax


def windows(x, size, stride=1):
    """Maps (C, H, W, B) as windows (size·size·C, h·w·B): batch last, so that each row is a slab that a slice copies whole."""
    c, height, width, b = x.shape
    h, w = (height - size) // stride + 1, (width - size) // stride + 1
    rows = [
        lax.slice(x, (0, i, j, 0), (c, i + stride * (h - 1) + 1, j + stride * (w - 1) + 1, b), (1, stride, stride, 1))
        for i in range(size)
        for j in range(size)
    ]
    return jnp.stack(rows).reshape(size * size * c, h * w * b), (h, w)


def bordered(x, padding, size):
    border = size // 2 if padding == 'SAME' else 0
    return jnp.pad(x, ((0, 0), (border, border), (border, border), (0, 0))) if border else x


class Conv:
    """XLA's convolution; maps are (B, H, W, C)."""

    def enter(x):
        return x

    def conv(x, kernel, padding='VALID'):
        return lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=('NHWC', 'HWIO', 'NHWC'))

    def bias(x, b):
        return x + b

    def norm(x, scale, shift):
        return standardised(x, (1, 2)) * scale + shift

    def pool(x, join):
        b, height, width, c = x.shape
        h, w = height // 2, width // 2
        return join(x[:, : 2 * h, : 2 * w].reshape(b, h, 2, w, 2, c), axis=(2, 4))

    def flatten(x):
        return x.reshape(x.shape[0], -1)


class Patches:
    """A product with windows; maps are (C, H, W, B)."""

    def enter(x):
        return x.transpose(3, 1, 2, 0)

    def conv(x, kernel, padding='VALID'):
        size, _, c, filters = kernel.shape
        columns, (h, w) = windows(bordered(x, padding, size), size)
        return (kernel.reshape(-1, filters).T @ columns).reshape(filters, h, w, x.shape[-1])

    def bias(x, b):
        return x + b[:, None, None, None]

    def norm(x, scale, shift):
        return standardised(x, (1, 2)) * scale[:, None, None, None] + shift[:, None, None, None]

    def pool(x, join):
        c, height, width, b = x.shape
        h, w = height // 2, width // 2
        return join(x[:, : 2 * h, : 2 * w].reshape(c, h, 2, w, 2, b), axis=(2, 4))

    def flatten(x):
        return x.transpose(1, 2, 0, 3).reshape(-1, x.shape[-1]).T


class Phases(Patches):
    """As Patches, but a convolution gives (4, C, h, w, B), the 2×2 pixels of each pooling block in front. A norm between them would want all pixels."""

    norm = None

    def conv(x, kernel, padding='VALID'):
        size, _, c, filters = kernel.shape
        columns, (h, w) = windows(bordered(x, padding, size), size + 1, stride=2)
        shifted = [jnp.pad(kernel, ((i, 1 - i), (j, 1 - j), (0, 0), (0, 0))) for i in (0, 1) for j in (0, 1)]
        placed = jnp.stack(shifted, axis=3).reshape(-1, 4 * filters)
        return (placed.T @ columns).reshape(4, filters, h, w, x.shape[-1])

    def pool(x, join):
        return join(x, axis=0)


forms = {'conv': Conv, 'patches': Patches, 'phases': Phases}


def standardised(x, axes):
    centred = x - x.mean(axes, keepdims=True)
    return centred * lax.rsqrt(jnp.square(centred).mean(axes, keepdims=True) + 1e-5)


def logreg(form, w, x):
    kernel, bias = w
    return x.reshape(x.shape[0], -1) @ kernel + bias


def conv(form, w, x):
    k1, b1, k2, b2, k3, b3 = w
    z = jnp.tanh(form.bias(form.conv(form.enter(x), k1), b1))
    z = form.flatten(form.pool(z, jnp.mean))
    return jnp.tanh(z @ k2 + b2) @ k3 + b3


def lenet(form, w, x):
    k1, b1, k2, b2, k3, b3, k4, b4, k5, b5 = w
    z = form.pool(jax.nn.relu(form.bias(form.conv(form.enter(x), k1, 'SAME'), b1)), jnp.max)
    z = form.pool(jax.nn.relu(form.bias(form.conv(z, k2), b2)), jnp.max)
    z = jax.nn.relu(form.flatten(z) @ k3 + b3)
    return jax.nn.relu(z @ k4 + b4) @ k5 + b5


def convnet(form, w, x):
    *blocks, kernel, bias = w
    z = form.enter(x)
    for k, scale, shift in zip(blocks[0::3], blocks[1::3], blocks[2::3]):
        z = form.pool(jax.nn.relu(form.norm(form.conv(z, k, 'SAME'), scale, shift)), jnp.mean)
    return form.flatten(z) @ kernel + bias


nets = {'logreg': logreg, 'conv': conv, 'lenet': lenet, 'convnet': convnet}
