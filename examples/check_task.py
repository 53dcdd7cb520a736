"""Checks one gradient of distill-cluster against PyTorch's autograd in float64: unrolled inner steps, no code in common.

    distill-cluster reproduce --config RUN --step 100 --member 0 --out task.npz
    python examples/check_task.py task.npz          # reads task.json beside it; needs numpy and torch
"""
import json, os, sys
import numpy as np, torch
from torch.nn.functional import avg_pool2d, conv2d

path = sys.argv[1]
arrays = np.load(path)
task = json.load(open(os.path.join(os.path.dirname(path), 'task.json')))
tensor = lambda name: torch.tensor(arrays[name].astype(np.float64))
images, labels, eta = (tensor(name).requires_grad_(True) for name in ('images', 'labels', 'eta'))
x, y, flat = (tensor(name) for name in ('x', 'y', 'weights'))
weights = [flat[w['offset']:w['offset'] + int(np.prod(w['shape']))].reshape(w['shape']).requires_grad_(True) for w in task['weights']]

def forward(x, w):
    if task['model'] == 'logreg':
        return x.flatten(1) @ w[0] + w[1]
    maps = conv2d(x.permute(0, 3, 1, 2), w[0].permute(3, 2, 0, 1), w[1]).tanh()
    features = avg_pool2d(maps, 2).permute(0, 2, 3, 1).flatten(1)  # raveled (h, w, c)
    return (features @ w[2] + w[3]).tanh() @ w[4] + w[5]

cross_entropy = lambda logits, labels: -(labels * logits.log_softmax(-1)).sum(-1).mean()

for k in range(task['innerSteps']):
    gradients = torch.autograd.grad(cross_entropy(forward(images, weights), labels), weights, create_graph=True)
    weights = [w - (eta[k] if eta.ndim else eta) * g for w, g in zip(weights, gradients)]
loss = cross_entropy(forward(x, weights) / task['temperature'], y)
expected = dict(zip(('d_images', 'd_eta', 'd_labels'), torch.autograd.grad(loss, (images, eta, labels))), loss=loss.detach())
for name, value in expected.items():
    error = float((tensor(name) - value).norm() / value.norm())
    print(f'{task["model"]} ({task["engine"]}) {name}: relative error {error:.1e}')
    assert error < 1e-4, name
