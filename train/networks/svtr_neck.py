"""The SVTR neck: two convolutions, blocks of attention along the line, three convolutions.

PP-OCRv6 has a light one: what the three convolutions joined is added there.

Structure and parameter names by PaddleOCR's configuration (SVTR, arXiv 2205.00159; as a neck,
PP-OCRv3, arXiv 2206.03001).
"""

from paddle import Tensor, concat, nn

from train.networks.spec import BLOCK_HEADS, NECKS, NetworkSpec

DROP = 0.1
"""Share of values dropped in training, in attention and in the blocks, as PaddleOCR trains."""


class ConvNorm(nn.Layer):
    """A convolution without bias that keeps the size, its batch normalisation, swish."""

    def __init__(self, channels_in: int, channels_out: int, kernel: tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2D(
            channels_in,
            channels_out,
            kernel,
            padding=[kernel[0] // 2, kernel[1] // 2],
            weight_attr=nn.initializer.KaimingUniform(),
            bias_attr=False,
        )
        self.norm = nn.BatchNorm2D(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve, normalise, activate."""
        return nn.functional.swish(self.norm(self.conv(x)))


def _linear(features_in: int, features_out: int) -> nn.Linear:
    return nn.Linear(
        features_in, features_out, weight_attr=nn.initializer.TruncatedNormal(std=0.02)
    )


class Attention(nn.Layer):
    """Each time step looks at all time steps of its line, padding included."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.features, self.a_head = features, features // BLOCK_HEADS
        self.qkv = _linear(features, features * 3)
        self.attn_drop = nn.Dropout(DROP)
        self.proj = _linear(features, features)
        self.proj_drop = nn.Dropout(DROP)

    def forward(self, x: Tensor) -> Tensor:
        """Mix N x T x features along T."""
        split = self.qkv(x).reshape([0, -1, 3, BLOCK_HEADS, self.a_head])
        query, key, value = split.transpose([2, 0, 3, 1, 4]).unbind(0)
        likeness = (query * self.a_head**-0.5).matmul(key.transpose([0, 1, 3, 2]))
        weights = self.attn_drop(nn.functional.softmax(likeness, axis=-1))
        mixed = weights.matmul(value).transpose([0, 2, 1, 3]).reshape([0, -1, self.features])
        return self.proj_drop(self.proj(mixed))


class Mlp(nn.Layer):
    """Two linear layers with swish between them, on each time step alone."""

    def __init__(self, features: int, within: int) -> None:
        super().__init__()
        self.fc1 = _linear(features, within)
        self.fc2 = _linear(within, features)
        self.drop = nn.Dropout(DROP)

    def forward(self, x: Tensor) -> Tensor:
        """Change N x T x features step by step."""
        return self.drop(self.fc2(self.drop(nn.functional.swish(self.fc1(x)))))


class Block(nn.Layer):
    """Attention and MLP, each behind a normalisation and around a shortcut."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        features = spec.hidden
        self.norm1 = nn.LayerNorm(features, epsilon=1e-5)
        self.mixer = Attention(features)
        self.norm2 = nn.LayerNorm(features, epsilon=1e-5)
        self.mlp = Mlp(features, features * spec.mlp)

    def forward(self, x: Tensor) -> Tensor:
        """Go from N x T x features to the same size."""
        x = x + self.mixer(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class SvtrEncoder(nn.Layer):
    """From N x C x 1 x T to N x T x dims.

    Nothing stops the gradient here: PaddleOCR's `use_guide` would, and so freeze the backbone
    once the attention branch is gone.
    """

    def __init__(self, channels: int, spec: NetworkSpec) -> None:
        super().__init__()
        narrow = channels // 8
        self.conv1 = ConvNorm(channels, narrow, spec.kernel)
        self.conv2 = ConvNorm(narrow, spec.hidden, (1, 1))
        self.svtr_block = nn.LayerList([Block(spec) for _ in range(spec.depth)])
        self.norm = nn.LayerNorm(spec.hidden, epsilon=1e-6)
        self.conv3 = ConvNorm(spec.hidden, channels, (1, 1))
        self.conv4 = ConvNorm(2 * channels, narrow, spec.kernel)
        self.conv1x1 = ConvNorm(narrow, spec.dims, (1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Return the features of each time step."""
        steps = self.conv2(self.conv1(features)).squeeze(2).transpose([0, 2, 1])
        for block in self.svtr_block:
            steps = block(steps)
        wide = self.conv3(self.norm(steps).transpose([0, 2, 1]).unsqueeze(2))
        joined = self.conv1x1(self.conv4(concat([features, wide], axis=1)))
        return joined.squeeze(2).transpose([0, 2, 1])


class LightSvtrEncoder(nn.Layer):
    """From N x C x 1 x T to N x T x dims, of one width throughout.

    A depthwise convolution along the line before the blocks; what came in, made narrow, is added
    behind them.
    """

    def __init__(self, channels: int, spec: NetworkSpec) -> None:
        super().__init__()
        dims, kernel = spec.dims, spec.kernel
        self.conv_reduce = ConvNorm(channels, dims, (1, 1))
        self.local_conv = nn.Sequential(
            nn.Conv2D(
                dims,
                dims,
                kernel,
                padding=[kernel[0] // 2, kernel[1] // 2],
                groups=dims,
                bias_attr=False,
            ),
            nn.BatchNorm2D(dims),
            nn.Swish(),
        )
        self.svtr_block = nn.LayerList([Block(spec) for _ in range(spec.depth)])
        self.norm = nn.LayerNorm(dims, epsilon=1e-6)
        self.skip_conv = ConvNorm(channels, dims, (1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Return the features of each time step."""
        narrow = self.conv_reduce(features)
        steps = (narrow + self.local_conv(narrow)).squeeze(2).transpose([0, 2, 1])
        for block in self.svtr_block:
            steps = block(steps)
        return self.norm(steps) + self.skip_conv(features).squeeze(2).transpose([0, 2, 1])


class Neck(nn.Layer):
    """The encoder under the name that PaddleOCR gives it; none where the head does without."""

    def __init__(self, channels: int, spec: NetworkSpec) -> None:
        super().__init__()
        kind = NECKS[spec.family]
        self.has_encoder = kind != "reshape"
        if self.has_encoder:
            encoder = LightSvtrEncoder if kind == "lightsvtr" else SvtrEncoder
            self.encoder = encoder(channels, spec)

    def forward(self, features: Tensor) -> Tensor:
        """Return the features of each time step: N x T x dims, without an encoder N x T x C."""
        if self.has_encoder:
            return self.encoder(features)
        return features.squeeze(2).transpose([0, 2, 1])
