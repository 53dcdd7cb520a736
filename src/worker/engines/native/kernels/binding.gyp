{
  'target_defaults': {
    'cflags_cc': ['-std=c++17', '-O3', '-falign-functions=64', '-falign-loops=64', '-ffp-contract=off', '-fno-math-errno', '-fno-trapping-math', '-fno-exceptions', '-Wall'],
    'cflags_cc!': ['-fno-omit-frame-pointer'],
  },
  'targets': [
    {
      'target_name': 'avx2',
      'type': 'static_library',
      'sources': ['run.cc', 'small.cc'],
      'cflags_cc': ['-mavx2', '-mfma'],
    },
    {
      'target_name': 'avx512',
      'type': 'static_library',
      'sources': ['run.cc', 'small.cc'],
      'cflags_cc': ['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl', '-mfma', '-mprefer-vector-width=512'],
    },
    {
      'target_name': 'kernels',
      'sources': ['addon.cc', 'plan.cc'],
      'dependencies': ['avx2', 'avx512'],
    },
  ],
}
