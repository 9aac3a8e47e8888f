"""比什么：七个例子的数据、网络和超参数，各个参赛者都照它来。"""

DCGAN_32 = {
    "network": {
        "generator": {"name": "dcgan_generator", "width": 64, "depth": 3},
        "discriminator": {"name": "dcgan_discriminator", "width": 64, "depth": 3},
    },
    "data": {"name": "digits", "size": 32},
    "batch_size": 64,
}
DCGAN_64 = {
    "method": "dcgan",
    "network": {
        "generator": {"name": "dcgan_generator", "width": 32, "depth": 4},
        "discriminator": {"name": "dcgan_discriminator", "width": 32, "depth": 4},
    },
    "data": {"name": "emoji", "size": 64},
    "batch_size": 32,
}
CYCLEGAN_64 = {
    "method": "cyclegan",
    "network": {
        "generator": {"name": "resnet_generator", "width": 32, "blocks": 6},
        "discriminator": {"name": "patchgan", "width": 32, "layers": 3},
    },
    "data": {"name": "glyphs", "size": 64},
}
CASES = {
    "ring": {
        "method": "gan",
        "hparams": {"z_dim": 2},
        "network": {
            "generator": {"name": "mlp", "width": 128},
            "discriminator": {"name": "mlp", "width": 128, "activation": "leaky_relu"},
        },
        "data": {"name": "ring"},
        "batch_size": 256,
    },
    "fc_gan": {
        "method": "gan",
        "network": {
            "generator": {
                "name": "mlp",
                "width": 256,
                "output": "tanh",
            },
            "discriminator": {"name": "mlp", "width": 256, "activation": "leaky_relu"},
        },
        "data": {"name": "digits"},
        "batch_size": 64,
    },
    "dcgan_32": {"method": "dcgan", **DCGAN_32},
    "dcgan_64": DCGAN_64,
    "wgan_gp_32": {
        "method": "wgan_gp",
        "network": {
            "generator": {"name": "dcgan_generator", "width": 32, "depth": 3},
            "discriminator": {
                "name": "dcgan_discriminator",
                "width": 32,
                "depth": 3,
                "norm": "none",
            },
        },
        "data": {"name": "digits", "size": 32},
        "batch_size": 64,
    },
    "cyclegan_64_b1": {**CYCLEGAN_64, "batch_size": 1},
    "cyclegan_64_b4": {**CYCLEGAN_64, "batch_size": 4},
}
