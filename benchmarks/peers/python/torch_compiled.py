"""PyTorch with torch.compile. In: a task and a variant `HOW WALK FORM`: `whole` compiles a walk of pure functions, `pieces` the three derivatives of a walk
by hand, which Python calls (torch_walks.py, torch_nets.py). Behind it options: ` cpp` for a wrapper in C++, ` vmap` for all members in one call.
Out: a function that computes the task once and gives its results."""

from functools import partial

import torch

from torch_eager import each_member, settings, tensors, version  # noqa: F401
from torch_nets import forms, nets
from torch_walks import Problem, by_functions, pure_walks


def build(task, model, variant):
    how, walk, form, *options = variant.split()
    problem = Problem(partial(nets[model], forms[form]), float(task.temperature))
    compiled = partial(torch.compile, fullgraph=True, dynamic=False, options={'cpp_wrapper': 'cpp' in options})
    if how == 'pieces':
        derivatives = [problem.inner_gradient, problem.outer_gradient, getattr(problem, walk)]
        member = partial(by_functions, *map(compiled, derivatives))
    elif 'vmap' in options:
        member = compiled(torch.func.vmap(partial(pure_walks[walk], problem), in_dims=(0,) + 5 * (None,)))
    else:
        member = compiled(partial(pure_walks[walk], problem))
    weights, rest = tensors(task)
    starts = [weights] if 'vmap' in options else each_member(weights)

    @torch.no_grad()
    def run():
        return [member(w0, *rest) for w0 in starts]

    return run
