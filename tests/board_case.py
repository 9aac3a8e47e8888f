"""看板的测试共用：八个高斯上训练 20 步的 WGAN。"""

MLP = {"name": "mlp", "width": 8, "depth": 1}
RAW = {
    "method": "wgan",
    "hparams": {"z_dim": 2, "clip": 0.1},
    "network": {"generator": MLP, "discriminator": MLP},
    "data": {"name": "ring"},
    "batch_size": 8,
    "total_steps": 20,
    "log_every": 4,
    "visualdl": False,
}
