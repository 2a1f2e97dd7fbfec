namespace TaaS.Runtime.Compression;

/// <summary>How gradients travel. The numbers stand in <see cref="Transport.FrameHeader.Codec"/> and are the wire format; never reuse one.</summary>
public enum CompressionKind : ushort
{
    /// <summary>f32 as it lies in memory, 4 bytes an element. No codec: content goes straight between tensors and sockets.</summary>
    None = 0,

    /// <summary>IEEE 754 binary16, 2 bytes an element.</summary>
    Float16 = 1,

    /// <summary>The upper half of f32, 2 bytes an element.</summary>
    BFloat16 = 2,

    /// <summary>The largest magnitudes only, the rest kept for later steps.</summary>
    TopK = 3,

    /// <summary>A sign an element, the error kept for later steps.</summary>
    OneBit = 4,

    /// <summary>Plus, minus or nothing an element, the error kept for later steps.</summary>
    TwoBit = 5,
}
