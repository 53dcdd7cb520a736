"""PyTorch as it runs line by line. In: a task and a variant `WALK FORM` (torch_walks.py, torch_nets.py). Behind it options: ` last` for channels last in
memory, ` func` for the walks of pure functions, ` vmap` for these with all members in one call, ` stacked` for members in front of all tensors.
Out: a function that computes the task once and gives its results."""

from functools import partial

import torch

from torch_nets import forms, nets, own_shapes
from torch_walks import Problem, pure_walks, walks

version = f'torch {torch.__version__}'


def settings(threads):
    torch.set_num_threads(threads)


def tensors(task):
    """w_0 as a list of tensors (J, …), and the other inputs of a walk, in PyTorch's shapes."""
    weights = own_shapes([torch.from_numpy(w) for w in task.weights])
    images, x = [torch.from_numpy(a).permute(0, 3, 1, 2).contiguous() for a in (task.images, task.x)]
    labels, eta, y = [torch.from_numpy(a) for a in (task.labels, task.eta, task.y)]
    return weights, [images, labels, eta, x, y]


def each_member(weights):
    """w_0 of each member, in memory of its own."""
    return [[w[j].clone() for w in weights] for j in range(weights[0].shape[0])]


def channels_last(tensor):
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4 else tensor


def build(task, model, variant):
    walk, form, *options = variant.split()
    problem = Problem(partial(nets[model], forms[form]), float(task.temperature))
    weights, rest = tensors(task)
    if 'vmap' in options:
        together = torch.func.vmap(lambda w: pure_walks[walk](problem, w, *rest))
        return lambda: [together(weights)]
    if 'stacked' in options:
        *distilled, x, y = rest
        copies = [t.expand(task.members, *t.shape).contiguous() for t in distilled]
        return lambda: [walks[walk](problem, weights, *copies, x, y)]
    member = partial((pure_walks if 'func' in options else walks)[walk], problem)
    starts = each_member(weights)
    if 'last' in options:
        starts, rest = [list(map(channels_last, w0)) for w0 in starts], list(map(channels_last, rest))
    return lambda: [member(w0, *rest) for w0 in starts]
