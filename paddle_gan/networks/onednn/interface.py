"""oneDNN 的 C 接口（第 3 版）里用到的常数、函数与它们的参数。

照 oneDNN 的 dnnl.h 与 dnnl_types.h，v3.2 到 v3.6 相同；函数名省去开头的 dnnl_。
"""

import ctypes
from ctypes import POINTER, c_float, c_int, c_int64, c_size_t, c_uint, c_void_p

MAX_DIMS = 12
F32 = 3  # dnnl_f32
ANY = 1  # dnnl_format_tag_any：由 oneDNN 挑布局
TRAINING, INFERENCE, BACKWARD = 64, 96, 128  # dnnl_prop_kind_t
DIRECT, DECONVOLUTION = 1, 10  # dnnl_alg_kind_t
RELU, TANH, LOGISTIC = 0x20, 0x21, 0x29
FROM_OUTPUT = {RELU: 0x100, TANH: 0x101, LOGISTIC: 0x104}  # 由输出求导的那一种
GLOBAL_STATS, SCALE, SHIFT, FUSED_RELU = 1, 2, 4, 8  # dnnl_normalization_flags_t
QUERY = {"src": 129, "diff_src": 130, "weights": 131, "diff_weights": 132, "workspace": 135}
ARG = {
    "src": 1,
    "dst": 17,
    "weights": 33,
    "bias": 41,
    "mean": 49,
    "variance": 50,
    "scale": 51,
    "shift": 52,
    "workspace": 64,
    "diff_src": 129,
    "diff_dst": 145,
    "diff_weights": 161,
    "diff_bias": 169,
    "diff_scale": 255,
    "diff_shift": 256,
}
STATUS = {1: "内存不够", 2: "参数不对", 3: "没有这种实现", 5: "运行时出错"}


Dims = c_int64 * MAX_DIMS


class Argument(ctypes.Structure):
    """dnnl_exec_arg_t。"""

    _fields_ = [("arg", c_int), ("memory", c_void_p)]


class Version(ctypes.Structure):
    """dnnl_version_t 的开头。"""

    _fields_ = [("major", c_int), ("minor", c_int), ("patch", c_int)]


# 名字 → 参数的类型；返回值都是状态码，除了 RETURNS 里的
HANDLE = POINTER(c_void_p)
CONVOLUTION_END = [Dims, Dims, Dims, Dims]  # 步长、膨胀、两头的填充
SIGNATURES = {
    "engine_create": [HANDLE, c_int, c_size_t],
    "stream_create": [HANDLE, c_void_p, c_uint],
    "memory_desc_create_with_strides": [HANDLE, c_int, Dims, c_int, Dims],
    "memory_desc_create_with_tag": [HANDLE, c_int, Dims, c_int, c_int],
    "memory_desc_equal": [c_void_p, c_void_p],
    "memory_desc_get_size": [c_void_p],
    "memory_create": [HANDLE, c_void_p, c_void_p, c_void_p],
    "memory_set_data_handle": [c_void_p, c_void_p],
    "primitive_desc_query_md": [c_void_p, c_int, c_int],
    "primitive_create": [HANDLE, c_void_p],
    "primitive_execute": [c_void_p, c_void_p, c_int, POINTER(Argument)],
    "primitive_attr_create": [HANDLE],
    "primitive_attr_set_post_ops": [c_void_p, c_void_p],
    "post_ops_create": [HANDLE],
    "post_ops_append_eltwise": [c_void_p, c_int, c_float, c_float],
    "reorder_primitive_desc_create": [HANDLE] + [c_void_p] * 5,
    "convolution_forward_primitive_desc_create": [
        *[HANDLE, c_void_p, c_int, c_int, *[c_void_p] * 4, *CONVOLUTION_END, c_void_p]
    ],
    "convolution_backward_data_primitive_desc_create": [
        *[HANDLE, c_void_p, c_int, *[c_void_p] * 3, *CONVOLUTION_END, c_void_p, c_void_p]
    ],
    "convolution_backward_weights_primitive_desc_create": [
        *[HANDLE, c_void_p, c_int, *[c_void_p] * 4, *CONVOLUTION_END, c_void_p, c_void_p]
    ],
    "batch_normalization_forward_primitive_desc_create": [
        *[HANDLE, c_void_p, c_int, c_void_p, c_void_p, c_float, c_uint, c_void_p]
    ],
    "batch_normalization_backward_primitive_desc_create": [
        *[HANDLE, c_void_p, c_int, *[c_void_p] * 3, c_float, c_uint, c_void_p, c_void_p]
    ],
    "eltwise_forward_primitive_desc_create": [
        *[HANDLE, c_void_p, c_int, c_int, c_void_p, c_void_p, c_float, c_float, c_void_p]
    ],
    "eltwise_backward_primitive_desc_create": [
        *[HANDLE, c_void_p, c_int, *[c_void_p] * 3, c_float, c_float, c_void_p, c_void_p]
    ],
    "matmul_primitive_desc_create": [HANDLE, *[c_void_p] * 6],
    "version": [],
    "get_effective_cpu_isa": [],
}
for _pass in ("forward", "backward_data", "backward_weights"):
    SIGNATURES[f"deconvolution_{_pass}_primitive_desc_create"] = SIGNATURES[
        f"convolution_{_pass}_primitive_desc_create"
    ]
RETURNS = {
    "memory_desc_get_size": c_size_t,
    "primitive_desc_query_md": c_void_p,
    "version": POINTER(Version),
}
DESTROY = ("memory_desc", "memory", "primitive_attr", "post_ops", "primitive", "primitive_desc")
# dnnl_cpu_isa_t
ISA = {0x1: "SSE4.1", 0x3: "AVX", 0x7: "AVX2", 0x27: "AVX-512"}
