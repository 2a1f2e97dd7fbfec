using System.Globalization;

namespace TaaS.Runtime.Compression;

/// <summary>What a job says about compression. Servers and workers must agree on it.</summary>
/// <param name="Kind">How gradients travel; parameters always travel as f32.</param>
/// <param name="TopKRatio">For <see cref="CompressionKind.TopK"/>: share of a slice's elements sent each step, above 0 to 1.</param>
public sealed record GradientCompression(CompressionKind Kind, double TopKRatio = GradientCompression.DefaultTopKRatio)
{
    /// <summary>One element in a hundred.</summary>
    public const double DefaultTopKRatio = 0.01;

    /// <summary>Gradients as they are.</summary>
    public static GradientCompression None { get; } = new(CompressionKind.None);

    /// <summary>Takes the words of a job file.</summary>
    /// <param name="name"><c>none</c>, <c>fp16</c>, <c>bf16</c>, <c>topk</c>, <c>1bit</c> or <c>2bit</c>.</param>
    /// <param name="topKRatio">See <see cref="TopKRatio"/>.</param>
    /// <exception cref="TrainingException">No such compression, or no such ratio.</exception>
    public static GradientCompression Of(string name, double topKRatio)
    {
        var kind = name switch
        {
            "none" => CompressionKind.None,
            "fp16" => CompressionKind.Float16,
            "bf16" => CompressionKind.BFloat16,
            "topk" => CompressionKind.TopK,
            "1bit" => CompressionKind.OneBit,
            "2bit" => CompressionKind.TwoBit,
            _ => throw new TrainingException($"the compression '{name}' is not known; choose none, fp16, bf16, topk, 1bit or 2bit"),
        };
        return topKRatio is > 0 and <= 1
            ? new GradientCompression(kind, topKRatio)
            : throw new TrainingException(string.Create(CultureInfo.InvariantCulture, $"topk sends a share of the gradient above 0 and up to 1, not {topKRatio}"));
    }

    /// <summary>The codec, or null where gradients travel as they are.</summary>
    internal IGradientCodec? CreateCodec() => Kind switch
    {
        CompressionKind.Float16 => new NarrowFloatCodec<Float16Format>(CompressionKind.Float16),
        CompressionKind.BFloat16 => new NarrowFloatCodec<BFloat16Format>(CompressionKind.BFloat16),
        CompressionKind.TopK => new TopKCodec(TopKRatio),
        CompressionKind.OneBit => new OneBitCodec(),
        CompressionKind.TwoBit => new TwoBitCodec(),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        CompressionKind.Float16 => "fp16",
        CompressionKind.BFloat16 => "bf16",
        CompressionKind.TopK => string.Create(CultureInfo.InvariantCulture, $"topk {TopKRatio:R}"),
        CompressionKind.OneBit => "1bit",
        CompressionKind.TwoBit => "2bit",
        _ => "none",
    };
}
