"""飞桨 GAN 课程伴学工具箱。

导入本包时先设好运行环境（AMD 上的 MKL 分派），所以请在 `import paddle` 之前导入它。
"""

from paddle_gan.run import runtime

__version__ = "0.1.0"

runtime.prepare()
