"""整串的层经 oneDNN 算：与双精度的飞桨一致，统计量、冻结、钩子、换层都照旧，内存不乱。"""

import copy
import subprocess
import sys

import numpy as np
import paddle
import pytest
from paddle import nn

from paddle_gan.gradients import loss_backward, second_order, weights_moved
from paddle_gan.losses import squared_gradient_norm
from paddle_gan.networks import (
    MLP,
    DCGANDiscriminator,
    DCGANGenerator,
    PatchGAN,
    ResNetGenerator,
    cores,
)
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.onednn import conv_primitives, interface, library, plan, program
from paddle_gan.networks.onednn.library import OneDnnError
from paddle_gan.networks.onednn.plan import Room

pytestmark = pytest.mark.skipif(library.library() is None, reason="飞桨没有带 oneDNN")
IMAGE, WIDE, POINT, ONE = (3, 16, 16), (3, 16, 24), (2,), (1,)
NETWORKS = {
    "DCGAN 的 G": (lambda: DCGANGenerator((5,), WIDE, width=4, depth=2), (3, 5)),
    "DCGAN 的 D": (lambda: DCGANDiscriminator(WIDE, ONE, width=4, depth=2), (3, *WIDE)),
    "没有归一化的 D": (
        lambda: DCGANDiscriminator(WIDE, ONE, width=4, depth=2, norm="none"),
        (3, *WIDE),
    ),
    "实例归一化的 D": (
        lambda: DCGANDiscriminator(IMAGE, ONE, width=4, depth=2, norm="instance"),
        (3, *IMAGE),
    ),
    "ResNet": (lambda: ResNetGenerator(WIDE, WIDE, width=4, blocks=2), (2, *WIDE)),
    "一张灰图的 ResNet": (
        lambda: ResNetGenerator((1, 16, 16), (1, 16, 16), width=4, blocks=1),
        (1, 1, 16, 16),
    ),
    "PatchGAN": (lambda: PatchGAN((3, 24, 32), ONE, width=4, layers=2), (2, 3, 24, 32)),
    "MLP": (lambda: MLP(POINT, POINT, width=16), (9, 2)),
    "MLP 到一个数": (lambda: MLP(POINT, ONE, width=16, activation="leaky_relu"), (1, 2)),
    "MLP 带 BN": (
        lambda: MLP(
            (1, 4, 5), (1, 4, 5), width=8, batch_norm=True, activation="tanh", output="sigmoid"
        ),
        (6, 1, 4, 5),
    ),
}


@pytest.fixture(autouse=True)
def two_threads():
    cores.use_threads(2)
    yield
    cores.use_threads(0)


@pytest.fixture
def counted(monkeypatch):
    """整串的程序跑了几次。"""
    calls = []
    for name in ("forward", "backward", "input_gradient", "second"):
        real = getattr(program.Program, name)

        def record(self, *arguments, real=real, name=name):
            calls.append(name)
            return real(self, *arguments)

        monkeypatch.setattr(program.Program, name, record)
    return calls


def doubled(network: nn.Layer) -> nn.Layer:
    """同样权重的双精度网络：飞桨自己的实现。"""
    twin = copy.deepcopy(network)
    twin.to(dtype="float64")
    return twin


def trained_once(network: nn.Layer, x: np.ndarray) -> dict[str, np.ndarray]:
    """输出、输入与各参数的梯度、累计的统计量，再加评估模式的输出。"""
    x = paddle.to_tensor(x, dtype=network.parameters()[0].dtype, stop_gradient=False)
    rng = np.random.default_rng(5)
    with loss_backward():
        y = network(x)
        weight = paddle.to_tensor(rng.standard_normal(y.shape), dtype=y.dtype)
        (y * weight).sum().backward()
    found = {"y": y, "dx": x.grad}
    found |= {f"d {name}": p.grad for name, p in network.named_parameters() if p.trainable}
    found |= {f"buffer {name}": b for name, b in network.named_buffers()}
    network.eval()
    with paddle.no_grad():
        found["eval"] = network(x)
    network.train()
    return {name: tensor.numpy() for name, tensor in found.items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_whole_network_agrees_with_paddle_in_double_precision(name, counted):
    make, shape = NETWORKS[name]
    paddle.seed(1)
    network = make()
    x = np.random.default_rng(2).standard_normal(shape) / 3
    expected = trained_once(doubled(network), x)
    assert counted == []  # 双精度的没有走这里
    ours = trained_once(network, x)
    assert counted == ["forward", "backward", "forward"]
    largest = max(abs(v).max() for k, v in expected.items() if k.startswith("d "))
    for key, value in expected.items():
        # 归一化之前的偏置的梯度本来是 0，只剩舍入误差，所以和最大的梯度比
        scale = largest if key.startswith("d ") else abs(value).max()
        assert abs(ours[key] - value).max() <= 1e-5 * scale, key


@pytest.mark.parametrize(("h", "w"), [(2, 2), (2, 5), (4, 2), (3, 3), (4, 7)])
@pytest.mark.parametrize("border", [1, 2, 3])
def test_reflection_reaches_as_far_as_the_smallest_picture(border, h, w):
    if border >= min(h, w):
        pytest.skip("镜子里没有这么多像素")
    layer = Conv2D(2, 3, 2 * border + 1, padding=border, padding_mode="reflect")
    x = np.random.default_rng(0).standard_normal((2, 2, h, w))
    expected, ours = (trained_once(Chain(net), x) for net in (doubled(layer), layer))
    for key, value in expected.items():
        assert abs(ours[key] - value).max() <= 1e-5 * abs(value).max(), key


@pytest.mark.parametrize("name", ["没有归一化的 D", "MLP 到一个数", "MLP"])
def test_the_gradient_of_an_input_gradient_agrees_with_double_precision(name, counted):
    make, shape = NETWORKS[name]
    network = make()
    x = np.random.default_rng(3).standard_normal((4, *shape[1:]))

    def penalty(critic):
        points = paddle.to_tensor(x, dtype=critic.parameters()[0].dtype)
        loss = squared_gradient_norm(critic, points).mean()
        loss.backward()
        return [loss, *(p.grad for p in critic.parameters() if p.grad is not None)]

    expected, ours = penalty(doubled(network)), penalty(network)
    assert counted == ["forward", "input_gradient", "second"]
    weights = [p for p in network.parameters() if p.ndim > 1]
    assert len(ours) - 1 >= len(weights)
    by_shape = [t for t in expected if t.ndim > 1], [t for t in ours if t.ndim > 1]
    assert abs(ours[0].item() - expected[0].item()) <= 1e-5 * expected[0].item()
    for reference, mine in zip(*by_shape, strict=True):
        assert abs(mine.numpy() - reference.numpy()).max() <= 1e-5 * abs(reference.numpy()).max()


def test_outside_the_block_any_gradient_may_be_asked_for(counted):
    network, x = MLP(POINT, ONE, width=8), paddle.randn([4, 2])
    x.stop_gradient = False
    assert paddle.grad(network(x).sum(), x)[0].shape == [4, 2]  # 只要输入的，参数没有冻结
    assert paddle.grad(network(x).sum(), network.layers[0].weight)[0].shape == [2, 8]
    assert counted == []


def test_a_second_derivative_of_the_weights_is_left_to_paddle(counted):
    network, x = MLP(POINT, ONE, width=8), paddle.randn([4, 2])
    with second_order():
        weight = network.layers[0].weight
        first = paddle.grad(network(x).square().sum(), weight, create_graph=True)[0]
        assert paddle.grad(first.sum(), weight)[0].shape == [2, 8]
    assert counted == []


def test_frozen_weights_cost_no_weight_gradient_and_real_images_no_input_gradient(monkeypatch):
    done = []
    for kind in ("ConvolutionBackwardData", "ConvolutionBackwardWeights"):
        real = getattr(conv_primitives, kind).run
        monkeypatch.setattr(
            getattr(conv_primitives, kind),
            "run",
            lambda self, *a, real=real, kind=kind: done.append(kind[19:]) or real(self, *a),
        )
    network = DCGANDiscriminator(IMAGE, ONE, width=4, depth=2, norm="none")  # 三层卷积
    x = paddle.randn([2, *IMAGE])
    with loss_backward():
        network(x).sum().backward()
    assert done == ["Weights", "Data", "Weights", "Data", "Weights"]
    done.clear()
    for parameter in network.parameters():
        parameter.stop_gradient = True
    x.stop_gradient = False
    with loss_backward():
        network(x).sum().backward()
    assert done == ["Data"] * 3


def test_a_hook_sees_every_layer_and_the_numbers_stay(counted):
    network, x = DCGANDiscriminator(IMAGE, ONE, width=4, depth=2), paddle.randn([2, *IMAGE])
    network.eval()
    seen = []
    with paddle.no_grad():
        before = network(x)
        handle = network.layers[1].register_forward_post_hook(lambda *a: seen.append(a[2].shape))
        after = network(x)
        handle.remove()
        network(x)
    assert seen == [[2, 4, 8, 8]]
    assert counted == ["forward", "forward"]  # 装着钩子的那一次没有走整串
    assert (before - after).abs().max().item() < 1e-6


def test_a_replaced_layer_a_copy_and_new_weights_are_followed():
    network = MLP(POINT, ONE, width=8)
    x = paddle.randn([5, 2])
    with paddle.no_grad():
        first = network(x)
        twin = copy.deepcopy(network)
        network.layers[-1] = nn.Sigmoid()
        assert np.allclose(network(x), nn.functional.sigmoid(first), atol=1e-6)
        assert np.allclose(twin(x), first, atol=1e-6)
        twin.layers[0].weight.set_value(paddle.zeros([2, 8]))
        twin.layers[0].bias.set_value(paddle.zeros([8]))
        same_for_all = twin(x)
    assert (same_for_all - same_for_all[0]).abs().max().item() == 0
    assert (first - first[0]).abs().max().item() > 0


def test_batch_norm_in_evaluation_mode_can_still_be_differentiated():
    network, x = DCGANDiscriminator(IMAGE, ONE, width=4, depth=2), paddle.randn([2, *IMAGE])
    network.eval()
    x.stop_gradient = False
    with loss_backward():
        network(x).sum().backward()
    twin = doubled(network)
    x64 = paddle.to_tensor(x.numpy(), dtype="float64", stop_gradient=False)
    twin(x64).sum().backward()
    assert abs(x.grad.numpy() - x64.grad.numpy()).max() <= 1e-5 * abs(x64.grad.numpy()).max()


@pytest.mark.parametrize(
    ("network", "shape", "words"),
    [
        (Chain(Conv2D(3, 4, 3)), (2, 2, 8, 8), "输入有 2 个通道，这一层要 3 个"),
        (Chain(Conv2D(3, 4, 5)), (2, 3, 4, 8), "4×8 的图放不下这一层的核"),
        (Chain(Conv2DTranspose(3, 4, 3)), (2, 4, 8, 8), "输入有 4 个通道，这一层要 3 个"),
        (Chain(Conv2D(1, 2, 7, padding=3, padding_mode="reflect")), (1, 1, 3, 9), "3×9 的图不够"),
        (Chain(nn.Linear(3, 4)), (2, 5), "每个样本有 5 个数，这一层要 3 个"),
        (Chain(nn.InstanceNorm2D(4)), (2, 3, 5, 5), "输入有 3 个通道，归一化要 4 个"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_in_one_sentence(network, shape, words):
    with paddle.no_grad(), pytest.raises(ValueError, match=words):
        network(paddle.randn(shape))


def test_an_error_of_the_library_names_the_call_and_the_way_round_it():
    lib = library.library()
    with pytest.raises(
        OneDnnError, match="memory_desc_create_with_tag.*参数不对.*PADDLE_GAN_ONEDNN=0"
    ):
        lib.made("memory_desc_create_with_tag", -3, library.dims([1]), interface.F32, interface.ANY)


def test_switched_off_it_gives_the_same_numbers(monkeypatch, counted):
    network, x = ResNetGenerator(IMAGE, IMAGE, width=4, blocks=1), paddle.randn([1, *IMAGE])
    with paddle.no_grad():
        ours = network(x)
        monkeypatch.setenv(library.SWITCH, "0")
        library.library.cache_clear()
        try:
            assert library.library() is None
            others = network(x)
        finally:
            monkeypatch.undo()
            library.library.cache_clear()
    assert counted == ["forward"]
    assert (ours - others).abs().max().item() < 1e-5


CHANGES = {
    "优化器": lambda layer: weights_moved(),  # 方法更新一次参数之后这样说
    "就地的运算": lambda layer: layer.weight.scale_(2.0),
    "整个换掉": lambda layer: layer.weight.set_value(layer.weight * 2),
    "新的一步": None,
}


@pytest.mark.parametrize("change", CHANGES)
def test_reordered_weights_are_kept_until_the_weights_move(change):
    # 16 个通道：oneDNN 要换布局
    network = Chain(Conv2D(16, 16, 3), Conv2D(16, 16, 3, bias_attr=False))
    layer, x = network[1], paddle.randn([2, 16, 8, 8])
    reorders = []
    real = library.Primitive.run

    def record(self, *addresses):
        reorders.extend(addresses[:1] if len(addresses) == 2 else [])
        return real(self, *addresses)

    with loss_backward(), paddle.no_grad(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(library.Primitive, "run", record)
        first = network(x)
        assert reorders.count(layer.weight.data_ptr()) == 1
        again = network(x)
        assert reorders.count(layer.weight.data_ptr()) == 1  # 没有动过：用换好的
        if CHANGES[change]:
            CHANGES[change](layer)
            after = network(x)
            assert reorders.count(layer.weight.data_ptr()) == 2
    if CHANGES[change] is None:
        layer.weight.set_value(layer.weight * 2)  # 块外想怎么改都行
        with loss_backward(), paddle.no_grad():
            after = network(x)
    times = 1 if change == "优化器" else 2
    assert (first - again).abs().max().item() == 0
    assert (first * times - after).abs().max().item() < 1e-5


def test_two_networks_of_one_shape_keep_their_own_reordered_weights():
    networks = [Chain(Conv2D(16, 16, 3, bias_attr=False)) for _ in range(2)]
    x = paddle.randn([1, 16, 6, 6])
    with loss_backward(), paddle.no_grad():
        rounds = [[network(x).numpy() for network in networks] for _ in range(3)]
    for one in rounds[1:]:
        assert all((a == b).all() for a, b in zip(one, rounds[0]))
    assert abs(rounds[0][0] - rounds[0][1]).max() > 0.1


def test_freed_blocks_are_used_again_and_the_oldest_are_let_go(monkeypatch):
    pool = plan.Pool()
    monkeypatch.setattr(plan, "POOL", pool)
    monkeypatch.setattr(plan.Pool, "LIMIT", 4 * 3 * (100 + plan.ROUND))
    block = plan.Block(100)
    address, other = block.address, plan.Block(100)
    assert other.address != address and address % 64 == 0
    del block
    assert plan.Block(100).address == address
    many = [plan.Block(100) for _ in range(5)]
    del many, other
    assert len(pool.kept) == 3


def test_openmp_has_all_threads_inside_and_its_own_number_afterwards(monkeypatch):
    lib, network, x = library.library(), MLP(POINT, ONE, width=8), paddle.randn([3, 2])
    seen, real = [], library.Primitive.run
    monkeypatch.setattr(
        library.Primitive, "run", lambda self, *a: seen.append(lib.get_threads()) or real(self, *a)
    )
    for before, threads in ((1, 2), (2, 3)):
        lib.set_threads(before)
        cores.use_threads(threads)
        with paddle.no_grad():
            network(x)
        assert set(seen) == {threads} and lib.get_threads() == before
        seen.clear()
    lib.set_threads(1)


def test_live_arrays_never_share_memory():
    rng = np.random.default_rng(0)
    room, live = Room(keep=False), []
    for _ in range(2000):
        if live and rng.random() < 0.5:
            room.give(live.pop(rng.integers(len(live))))
        else:
            live.append(room.take(int(rng.integers(1, 400))))
            spans = sorted((value.start, value.start + value.size) for value in live)
            assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:]))
    assert room.size < 200 * 400  # 放掉的真的再用了：一共要过一千多次


def test_the_same_bytes_again_and_results_lie_on_cache_lines():
    network, x = DCGANDiscriminator(WIDE, ONE, width=4, depth=2), paddle.randn([5, *WIDE])

    def run():
        network.clear_gradients()
        with loss_backward():
            y = network(x)
            y.sum().backward()
        tensors = [y, *(p.grad for p in network.parameters() if p.grad is not None)]
        # 不对齐时飞桨的求和分段不同，末位就会不同
        assert all(tensor.data_ptr() % 64 == 0 for tensor in tensors)
        return [tensor.numpy().tobytes() for tensor in tensors]

    first = run()
    assert all(run() == first for _ in range(5))


CHILD = """
import os, sys
import paddle_gan, paddle
from paddle_gan.networks import DCGANGenerator
from paddle_gan.run import runtime
runtime.set_device("cpu")
paddle.seed(0)
network, z = DCGANGenerator((8,), (1, 16, 16), width=8, depth=2), paddle.randn([4, 8])
with paddle.no_grad():
    before = network(z).numpy().tobytes()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        network.eval()
        network.train()
        os.write(write, b"same" if network(z).numpy().tobytes() == before else b"else")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    print(os.read(read, 4).decode(), network(z).numpy().tobytes() == before)
"""


@pytest.mark.slow
def test_a_forked_process_computes_the_same_and_so_does_its_parent():
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["same", "True"]


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="内存从 /proc 里读")
def test_memory_stays_flat_over_many_steps_and_shapes():
    network = MLP(POINT, ONE, width=16, activation="leaky_relu")
    small = DCGANDiscriminator((1, 8, 8), ONE, width=4, depth=1)

    def steps(n: int, sizes: int) -> None:
        for i in range(n):
            with loss_backward():
                network(paddle.ones([8, 2])).mean().backward()
                if i % 3 == 0:
                    small(paddle.ones([1 + i // 3 % sizes, 1, 8, 8])).mean().backward()
            network.clear_gradients()
            small.clear_gradients()

    # 300 种批大小，比记得住的程序多；二万步的也这样量过，平的
    steps(2000, sizes=300)
    before = resident()
    steps(5000, sizes=300)
    assert resident() - before < 8 * 2**20
