"""卷积与转置卷积的 oneDNN 原语：前向、对输入的梯度、对权重的梯度。

图的通道排在最后（NHWC）；权重是飞桨的原样，oneDNN 要的布局由这里先换好，临时内存由调用者给。
"""

from paddle_gan.networks.conv_kernels import Geometry
from paddle_gan.networks.onednn.interface import (
    DECONVOLUTION,
    DIRECT,
    TRAINING,
)
from paddle_gan.networks.onednn.library import (
    Primitive,
    any_layout,
    dims,
    library,
    nhwc,
    plain,
    queried,
    reorder,
    same,
    size_of,
)
from paddle_gan.networks.onednn.plan import Block
from paddle_gan.networks.onednn.primitives import eltwise_after, kept


class Shapes:
    """一个卷积或转置卷积各个数组的布局；kind 是 correlate 或 scatter。"""

    def __init__(self, g: Geometry, kind: str):
        image, maps = (g.n, g.c, g.h, g.w), (g.n, g.m, g.oh, g.ow)
        area = g.kh * g.kw
        outer, inner = (g.m, g.c), (g.c * area, area)
        self.name, self.algorithm = "convolution", DIRECT
        if kind == "scatter":  # 权重的数组不动，两个通道换着看
            image, maps, outer, inner = maps, image, outer[::-1], inner[::-1]
            self.name, self.algorithm = "deconvolution", DECONVOLUTION
        self.src, self.dst = nhwc(*image), nhwc(*maps)
        self.weights = plain((*outer, g.kh, g.kw), (*inner, g.kw, 1))
        self.chosen = any_layout((*outer, g.kh, g.kw))
        self.bias = plain((outer[0],), (1,))
        pads = [g.padding] * 2
        self.window = [dims([g.stride] * 2), dims([0, 0]), dims(pads), dims(pads)]

    def description(self, which: str, *arguments):
        """卷积的三种原语的说明。"""
        return library().made(f"{self.name}_{which}_primitive_desc_create", *arguments)

    def forward(self, bias: bool, attributes=None):
        """前向的说明；反向的也要拿它作提示。"""
        layouts = self.src, self.chosen, self.bias if bias else None, self.dst
        start = library().engine, TRAINING, self.algorithm
        return self.description("forward", *start, *layouts, *self.window, attributes)


class Reordered:
    """权重在飞桨的布局与 oneDNN 挑的布局之间换；room 是临时内存要几个浮点数，不用换时是 0。"""

    KEPT = 64  # 记住几份换好的权重：同样形状的层都用这一个原语

    def __init__(self, weights, chosen, back: bool = False):
        self.room, self.primitive = 0, None
        self.kept: dict[int, tuple[tuple, Block]] = {}  # 权重的地址 → （凭据，换好的）
        if not same(weights, chosen):
            self.room = -(-size_of(chosen) // 4)
            self.primitive = reorder(chosen, weights) if back else reorder(weights, chosen)

    def ready(self, weights: int, scratch: int, stamp: tuple | None) -> int:
        """换好的权重的地址。

        凭据 stamp 与上次相同，就用上次换好的；None 是不能保证没有动过，换在 scratch 里。
        """
        if self.primitive is None:
            return weights
        if stamp is None:
            self.primitive.run(weights, scratch)
            return scratch
        known, block = self.kept.pop(weights, (None, None))
        if known != stamp:
            block = block or Block(self.room)
            self.primitive.run(weights, block.address)
        self.kept[weights] = stamp, block
        if len(self.kept) > self.KEPT:
            del self.kept[next(iter(self.kept))]
        return block.address


class ConvolutionForward:
    """y = 卷积(x, w) + b，可以顺手做 ReLU（slope 是负半轴的斜率）。"""

    def __init__(self, g: Geometry, kind: str, bias: bool, algorithm: int, slope: float):
        shapes, self.bias = Shapes(g, kind), bias
        attributes = eltwise_after(algorithm, slope) if algorithm else None
        description = shapes.forward(bias, attributes)
        chosen = queried(description, "weights")
        self.weights = Reordered(shapes.weights, chosen)
        layouts = {"src": shapes.src, "weights": chosen, "dst": shapes.dst}
        layouts |= {"bias": shapes.bias} if bias else {}
        self.primitive = Primitive(description, layouts)

    def run(self, x: int, w: int, b: int, y: int, scratch: int, stamp=None) -> None:
        w = self.weights.ready(w, scratch, stamp)
        self.primitive.run(x, w, y, *((b,) if self.bias else ()))


class ConvolutionBackwardData:
    """dx：输出的梯度经权重传回输入。"""

    def __init__(self, g: Geometry, kind: str):
        shapes, engine = Shapes(g, kind), library().engine
        layouts = engine, shapes.algorithm, shapes.src, shapes.chosen, shapes.dst
        hint = shapes.forward(False)
        description = shapes.description("backward_data", *layouts, *shapes.window, hint, None)
        chosen = queried(description, "weights")
        self.weights = Reordered(shapes.weights, chosen)
        layouts = {"diff_dst": shapes.dst, "weights": chosen, "diff_src": shapes.src}
        self.primitive = Primitive(description, layouts)

    def run(self, dy: int, w: int, dx: int, scratch: int, stamp=None) -> None:
        w = self.weights.ready(w, scratch, stamp)
        self.primitive.run(dy, w, dx)


class ConvolutionBackwardWeights:
    """dw 与 db。"""

    def __init__(self, g: Geometry, kind: str, bias: bool):
        shapes, engine, self.bias = Shapes(g, kind), library().engine, bias
        layouts = shapes.src, shapes.chosen, shapes.bias if bias else None, shapes.dst
        start = engine, shapes.algorithm
        hint = shapes.forward(bias)
        description = shapes.description(
            "backward_weights", *start, *layouts, *shapes.window, hint, None
        )
        chosen = queried(description, "diff_weights")
        self.weights = Reordered(shapes.weights, chosen, back=True)
        layouts = {"src": shapes.src, "diff_dst": shapes.dst, "diff_weights": chosen}
        layouts |= {"diff_bias": shapes.bias} if bias else {}
        self.primitive = Primitive(description, layouts)

    def run(self, x: int, dy: int, dw: int, db: int, scratch: int) -> None:
        moved = self.weights.primitive
        self.primitive.run(x, dy, scratch if moved else dw, *((db,) if self.bias else ()))
        if moved:
            moved.run(scratch, dw)


convolution_forward = kept(ConvolutionForward)
convolution_backward_data = kept(ConvolutionBackwardData)
convolution_backward_weights = kept(ConvolutionBackwardWeights)
