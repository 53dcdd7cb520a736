"""Checks one gradient of distill-cluster against PyTorch's autograd in float64: unrolled inner steps, no code in common.

    distill-cluster reproduce --config RUN --step 100 --member 0 --out task.npz
    python examples/check_task.py task.npz          # reads task.json beside it; needs numpy and torch
"""
import json, os, sys
import numpy as np, torch
from torch.nn import functional as F

path = sys.argv[1]
arrays = np.load(path)
task = json.load(open(os.path.join(os.path.dirname(path), 'task.json')))
tensor = lambda name: torch.tensor(arrays[name].astype(np.float64))
images, labels, eta = (tensor(name).requires_grad_(True) for name in ('images', 'labels', 'eta'))
decay = tensor('decay').requires_grad_(True) if 'decay' in arrays else None
layers = [w['name'].rsplit('.', 1)[0] for w in task['weights']]
layers = [list(dict.fromkeys(layers)).index(layer) for layer in layers]  # of each weight tensor: the number of its layer
first = task.get('columns', {}).get('first', 0)
x, y, flat = (tensor(name) for name in ('x', 'y', 'weights'))
weights = [flat[w['offset']:w['offset'] + int(np.prod(w['shape']))].reshape(w['shape']).requires_grad_(True) for w in task['weights']]

pair = lambda value: value if isinstance(value, list) else [value, value]

def bordered(x, size, stride, padding, value=0.0):
    """Maps (B, C, H, W) with the border that TensorFlow's 'same' gives them."""
    if padding == 'valid': return x
    total = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(x.shape[2:], size, stride)]
    return F.pad(x, [total[1] // 2, total[1] - total[1] // 2, total[0] // 2, total[0] - total[0] // 2], value=value)

def conv(x, w, o):
    kernel, size, stride = w['kernel'].permute(3, 2, 0, 1), pair(o['kernel']), pair(o.get('stride', 1))
    return F.conv2d(bordered(x, size, stride, o.get('padding', 'valid')), kernel, w.get('bias'), stride)

def pool(x, o, largest):
    size = pair(o['size'])
    stride, padding = pair(o.get('stride', size)), o.get('padding', 'valid')
    if largest: return F.max_pool2d(bordered(x, size, stride, padding, -np.inf), size, stride)
    mean = lambda maps: F.avg_pool2d(bordered(maps, size, stride, padding), size, stride)
    return mean(x) / mean(torch.ones_like(x))

def norm(x, o, axes, epsilon):
    return (x - x.mean(axes, keepdim=True)) / (x.var(axes, unbiased=False, keepdim=True) + o.get('epsilon', epsilon)).sqrt()

def grouped(x, o, groups, epsilon):
    """Normalised over the pixels of each group of channels, which come last."""
    return norm(x.reshape(len(x), -1, groups, x.shape[-1] // groups), o, (1, 3), epsilon).reshape(x.shape)

on_maps = lambda f: lambda x, w, o: f(x.permute(0, 3, 1, 2), w, o).permute(0, 2, 3, 1)  # (B, H, W, C) here, (B, C, H, W) in PyTorch
plain = {
    'dense': lambda x, w, o: x @ w['kernel'] + w.get('bias', 0),
    'conv': on_maps(conv),
    'averagePool': on_maps(lambda x, w, o: pool(x, o, False)),
    'maxPool': on_maps(lambda x, w, o: pool(x, o, True)),
    'globalAveragePool': lambda x, w, o: x.mean((1, 2)),
    'flatten': lambda x, w, o: x.flatten(1),  # raveled (h, w, c)
    'reshape': lambda x, w, o: x.reshape(-1, *o['shape']),
    'tanh': lambda x, w, o: x.tanh(),
    'relu': lambda x, w, o: x.relu(),
    'sigmoid': lambda x, w, o: x.sigmoid(),
    'softplus': lambda x, w, o: F.softplus(x, threshold=100),
    'elu': lambda x, w, o: F.elu(x, o.get('alpha', 1)),
    'leakyRelu': lambda x, w, o: F.leaky_relu(x, o.get('slope', 0.3)),
    'softmax': lambda x, w, o: x.softmax(-1),
    'layerNorm': lambda x, w, o: norm(x, o, -1, 1e-3),
    'groupNorm': lambda x, w, o: grouped(x, o, o['groups'], 1e-3),
    'instanceNorm': lambda x, w, o: grouped(x, o, x.shape[-1], 1e-5),
}

def forward(x, weights):
    for i, options in enumerate(task['layers']):
        own = {spec['role']: w for spec, w in zip(task['weights'], weights) if spec['name'].startswith(f'{i}.')}
        x = plain[options['layer']](x, own, options)
        if 'Norm' in options['layer']: x = x * own.get('scale', 1) + own.get('shift', 0)
    return x

cross_entropy = lambda logits, labels: -(labels * logits.log_softmax(-1)).sum(-1).mean()

def pace(values, k, i):
    """Step size or decay of inner step k for weight tensor i: one for all, one per step, or one per step and layer."""
    return values if values.ndim == 0 else values[k] if values.ndim == 1 else values[k, first + layers[i]]

def seen(k):
    """The distilled images and labels of inner step k."""
    order = task['order']
    if order['kind'] == 'random':
        select = tensor('select')[k]
        return torch.einsum('bm,mhwc->bhwc', select, images), select @ labels
    part = len(images) // order['steps'] if order['kind'] == 'steps' else len(images)
    start = k * part % len(images)
    return images[start:start + part], labels[start:start + part]

for k in range(task['innerSteps']):
    x_k, y_k = seen(k)
    gradients = torch.autograd.grad(cross_entropy(forward(x_k, weights), y_k), weights, create_graph=True)
    weights = [(1 - (pace(decay, k, i) if decay is not None else 0)) * w - pace(eta, k, i) * g for i, (w, g) in enumerate(zip(weights, gradients))]
loss = cross_entropy(forward(x, weights) / task['temperature'], y)
learned = dict(d_images=images, d_eta=eta, d_labels=labels, **({} if decay is None else {'d_decay': decay}))
expected = dict(zip(learned, torch.autograd.grad(loss, list(learned.values()))), loss=loss.detach())
for name, value in expected.items():
    error = float((tensor(name) - value).norm() / value.norm())
    print(f'{task["model"]} ({task["engine"]}) {name}: relative error {error:.1e}')
    assert error < 1e-4, name
