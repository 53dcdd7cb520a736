"""The nets in PyTorch. In: weights in PyTorch's own shapes (kernels OIHW, dense (out, in)), images (B, C, H, W). Out: logits (B, K).

A convolution is written in three ways, and the fastest is timed: `conv`, PyTorch's own; `patches`, a product with unfolded windows; `phases`, the same with
windows of a whole pooling block (kernel + 1, stride 2), so that the four pixels that a pooling joins come out side by side.
"""

import torch
import torch.nn.functional as F


class Conv:
    """F.conv2d; maps are (B, C, H, W)."""

    def conv(x, kernel, bias=None, padding=0):
        return F.conv2d(x, kernel, bias, padding=padding)

    def norm(x, scale, shift):
        return F.instance_norm(x, weight=scale, bias=shift)

    def mean_pool(x):
        return F.avg_pool2d(x, 2)

    def max_pool(x):
        return F.max_pool2d(x, 2)


class Written(Conv):
    """As Conv, with the norm and the poolings written out: their second derivatives are then those of sums and products."""

    def norm(x, scale, shift):
        centred = x - x.mean((2, 3), keepdim=True)
        deviation = torch.rsqrt(centred.square().mean((2, 3), keepdim=True) + 1e-5)
        return centred * (deviation * scale[:, None, None]) + shift[:, None, None]

    def blocks(x):
        b, c, height, width = x.shape
        h, w = height // 2, width // 2
        return x[:, :, : 2 * h, : 2 * w].reshape(b, c, h, 2, w, 2)

    def mean_pool(x):
        return Written.blocks(x).mean((3, 5))

    def max_pool(x):
        return Written.blocks(x).amax((3, 5))


class Patches(Written):
    """A product with windows, which `unfold` gives as a view and the product copies once."""

    def conv(x, kernel, bias=None, padding=0):
        filters, c, size, _ = kernel.shape
        x = F.pad(x, [padding] * 4) if padding else x
        b, h, w = x.shape[0], x.shape[2] - size + 1, x.shape[3] - size + 1
        columns = x.unfold(2, size, 1).unfold(3, size, 1).permute(0, 2, 3, 1, 4, 5).reshape(b * h * w, c * size * size)
        flat = kernel.reshape(filters, -1)
        y = columns @ flat.T if bias is None else torch.addmm(bias, columns, flat.T)
        return y.reshape(b, h, w, filters).permute(0, 3, 1, 2)


class Phases(Written):
    """As Patches, but a convolution gives (4, B, C, h, w), the 2×2 pixels of each pooling block in front. A norm between them would want all pixels."""

    norm = None

    def conv(x, kernel, bias=None, padding=0):
        filters, c, size, _ = kernel.shape
        x = F.pad(x, [padding] * 4) if padding else x
        b, h, w = x.shape[0], (x.shape[2] - size + 1) // 2, (x.shape[3] - size + 1) // 2
        window = size + 1
        columns = x.unfold(2, window, 2)[:, :, :h].unfold(3, window, 2)[:, :, :, :w]
        columns = columns.permute(0, 2, 3, 1, 4, 5).reshape(b * h * w, c * window * window)
        placed = torch.stack([F.pad(kernel, (j, 1 - j, i, 1 - i)) for i in (0, 1) for j in (0, 1)]).reshape(4 * filters, -1)
        y = columns @ placed.T if bias is None else torch.addmm(bias.repeat(4), columns, placed.T)
        return y.reshape(b, h, w, 4, filters).permute(3, 0, 4, 1, 2)

    def mean_pool(x):
        return x.mean(0)

    def max_pool(x):
        return x.amax(0)


forms = {'conv': Conv, 'written': Written, 'patches': Patches, 'phases': Phases}


def logreg(form, w, x):
    """The one net that takes members in front: weights (J, …), images (J, B, …) or (B, …)."""
    kernel, bias = w
    return x.flatten(-3) @ kernel.mT + bias[..., None, :]


def conv(form, w, x):
    k1, b1, k2, b2, k3, b3 = w
    z = form.mean_pool(torch.tanh(form.conv(x, k1, b1)))
    return F.linear(torch.tanh(F.linear(z.flatten(1), k2, b2)), k3, b3)


def lenet(form, w, x):
    k1, b1, k2, b2, k3, b3, k4, b4, k5, b5 = w
    z = form.max_pool(F.relu(form.conv(x, k1, b1, padding=2)))
    z = form.max_pool(F.relu(form.conv(z, k2, b2)))
    z = F.relu(F.linear(z.flatten(1), k3, b3))
    return F.linear(F.relu(F.linear(z, k4, b4)), k5, b5)


def convnet(form, w, x):
    *blocks, kernel, bias = w
    z = x
    for k, scale, shift in zip(blocks[0::3], blocks[1::3], blocks[2::3]):
        z = form.mean_pool(F.relu(form.norm(form.conv(z, k, padding=1), scale, shift)))
    return F.linear(z.flatten(1), kernel, bias)


nets = {'logreg': logreg, 'conv': conv, 'lenet': lenet, 'convnet': convnet}


def own_shapes(weights):
    """The task's weight tensors (J, …) in PyTorch's shapes: HWIO → OIHW, (in, out) → (out, in), and the first dense layer's inputs, which the task has in
    the order (h, w, c), in the order (c, h, w) in which maps lie here. All contiguous."""
    channels, given = 1, []
    for w in weights:
        if w.dim() == 5:
            channels = w.shape[-1]
            w = w.permute(0, 4, 3, 1, 2)
        elif w.dim() == 3:
            j, features, units = w.shape
            w = w.reshape(j, features // channels, channels, units).permute(0, 3, 2, 1).reshape(j, units, features)
            channels = 1
        given.append(w.contiguous())
    return given
