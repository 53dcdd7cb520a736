"""JAX with jit. In: a task and a variant `WALK FORM` (jax_walks.py, jax_nets.py), with ` vmap` behind it for all members in one call. Out: a function
that computes the task once and gives its results when they are there."""

from functools import partial

import jax

from jax_nets import forms, nets
from jax_walks import Problem, walks


version = f'jax {jax.__version__}'


def settings(threads):
    """The number of threads is a flag of XLA's, in the environment before this process starts."""


def build(task, model, variant):
    walk, form, *batched = variant.split()
    problem = Problem(partial(nets[model], forms[form]), float(task.temperature))
    member = partial(walks[walk], problem)
    weights, *rest = jax.device_put([task.weights, task.images, task.labels, task.eta, task.x, task.y])
    if batched:
        together = jax.jit(jax.vmap(member, in_axes=(0, None, None, None, None, None)))
        return lambda: [jax.block_until_ready(together(weights, *rest))]
    alone = jax.jit(member)
    starts = jax.block_until_ready([[w[j] for w in weights] for j in range(task.members)])
    return lambda: jax.block_until_ready([alone(w0, *rest) for w0 in starts])
