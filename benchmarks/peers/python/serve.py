"""One contender of the benchmark in a process of its own. In: one JSON argument, {task, result, model, peer, variant, members: [from, to], float64,
threads}; then lines on stdin, each a number of runs. Out: a .npz of the results at `result`; on stdout one line of JSON when it is there, {seconds} of the
first run with its compilation, then for each line the milliseconds of its runs. Ends with its stdin."""

import gc
import importlib
import json
import sys
from time import perf_counter

import numpy as np


class Task:
    """The inputs of a case: NumPy arrays, float32 or float64, of the members from … to−1."""

    def __init__(self, path, members, float64):
        arrays = np.load(path)
        first, last = members
        kind = np.float64 if float64 else np.float32
        read = lambda name: arrays[name].astype(kind)
        self.x, self.y, self.images, self.labels, self.eta = map(read, ['x', 'y', 'images', 'labels', 'eta'])
        self.temperature = arrays['temperature'][0]
        self.weights = [read(name)[first:last] for name in arrays.files if name.startswith('weights.')]
        self.members = last - first


def flat(results, i):
    """Output i of all members, one behind the other. A result is that of one member, or of all of them with the members in front."""
    return np.concatenate([np.ravel(np.asarray(result[i])) for result in results])


def milliseconds(run):
    start = perf_counter()
    run()
    return 1000 * (perf_counter() - start)


def say(what):
    print(json.dumps(what), flush=True)


def main():
    asked = json.loads(sys.argv[1])
    module = importlib.import_module(asked['peer'])
    module.settings(asked['threads'])
    task = Task(asked['task'], asked['members'], asked['float64'])
    start = perf_counter()
    run = module.build(task, asked['model'], asked['variant'])
    results = run()
    seconds = perf_counter() - start
    np.savez(asked['result'], **{name: flat(results, i) for i, name in enumerate(['loss', 'dImages', 'dEta', 'dLabels'])})
    say({'seconds': seconds, 'version': module.version})
    gc.collect()
    gc.freeze()  # what is there to stay need not be looked through again
    for line in sys.stdin:
        say([milliseconds(run) for _ in range(int(line))])


main()
