"""Takes TensorFlow's two libraries and the C headers that tfjs-node's binding needs out of a wheel: unpack.py WHEEL FOLDER"""
import os
import shutil
import sys
import zipfile

LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]
HEADERS = [
    *(
        f"tensorflow/c/{name}.h"
        for name in "c_api c_api_macros tf_attrtype tf_buffer tf_datatype tf_status tf_tensor tf_tstring".split()
    ),
    "tensorflow/c/eager/c_api.h",
    "tensorflow/core/platform/ctstring.h",
    "tensorflow/core/platform/ctstring_internal.h",
    "tsl/platform/ctstring.h",
    "tsl/platform/ctstring_internal.h",
    "xla/tsl/c/tsl_status.h",
]

wheel, folder = sys.argv[1:]
entries = {f"tensorflow/{name}": f"lib/{name}" for name in LIBRARIES}
entries |= {f"tensorflow/include/{name}": f"include/{name}" for name in HEADERS}
with zipfile.ZipFile(wheel) as archive:
    for name, place in entries.items():
        target = os.path.join(folder, place)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
