"""oneDNN 的内存、线程与换好的权重：不乱、不漏、逐位可重复，子进程也对。"""

import subprocess
import sys

import numpy as np
import paddle
import pytest
from onednn_cases import ONE, POINT, WIDE

from paddle_gan.gradients import loss_backward, weights_moved
from paddle_gan.networks import MLP, DCGANDiscriminator, cores
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D
from paddle_gan.networks.onednn import interface, library, plan
from paddle_gan.networks.onednn.library import OneDnnError

pytestmark = [
    pytest.mark.skipif(library.library() is None, reason="飞桨没有带 oneDNN"),
    pytest.mark.usefixtures("two_threads"),
]


def test_an_error_of_the_library_names_the_call_and_the_way_round_it():
    lib = library.library()
    with pytest.raises(
        OneDnnError, match="memory_desc_create_with_tag.*参数不对.*PADDLE_GAN_ONEDNN=0"
    ):
        lib.made("memory_desc_create_with_tag", -3, library.dims([1]), interface.F32, interface.ANY)


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
    room, live = plan.Room(keep=False), []
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
import os
import paddle_gan, paddle
from paddle_gan.networks import DCGANGenerator
from paddle_gan.networks.cores import Threads
from paddle_gan.run import runtime
runtime.set_device("cpu")
paddle.seed(0)
network, z = DCGANGenerator((8,), (1, 16, 16), width=8, depth=2), paddle.randn([4, 8])
runtime.share_cores([network])
with paddle.no_grad():
    before = network(z)
    child = os.fork()
    if child == 0:
        apart = (network(z) - before).abs().max().item()
        os._exit(0 if apart < 1e-5 and Threads.count == 0 else 1)
    print(os.waitpid(child, 0)[1], (network(z) - before).abs().max().item(), Threads.count > 0)
"""


@pytest.mark.slow
def test_a_forked_process_takes_paddles_own_layers_and_its_parent_goes_on():
    done = subprocess.run(
        [sys.executable, "-c", CHILD], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["0", "0.0", "True"]


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
