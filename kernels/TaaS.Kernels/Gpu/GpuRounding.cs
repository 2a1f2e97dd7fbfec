using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>Rounds operands to 16 bits and widens results again, for libraries that compute on such.</summary>
internal sealed class GpuRounding(GpuDevice device)
{
    private readonly Format<BFloat16Format> _bfloat16 = new(device);
    private readonly Format<Float16Format> _float16 = new(device);

    /// <summary>Integers that hold that many 16-bit elements, in whole 8-byte pieces.</summary>
    internal static long Words(long length) => (length + Float4.Count - 1) / Float4.Count * 2;

    /// <summary>Rounds floats to 16 bits, two in an integer. Both addresses are multiples of 16 bytes, y has <see cref="Words"/> integers.</summary>
    internal void Narrow(MatrixPrecision precision, ArrayView<float> x, ArrayView<int> y)
    {
        if (x.Length > 0)
        {
            For(precision).Narrow(x, y);
        }
    }

    /// <summary>Widens 16-bit numbers to floats.</summary>
    internal void Widen(MatrixPrecision precision, ArrayView<int> x, ArrayView<float> y)
    {
        if (y.Length > 0)
        {
            For(precision).Widen(x, y);
        }
    }

    private IFormat For(MatrixPrecision precision) => precision switch
    {
        MatrixPrecision.BFloat16 => _bfloat16,
        MatrixPrecision.Float16 => _float16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "rounding: not a format of 16 bits"),
    };

    private interface IFormat
    {
        void Narrow(ArrayView<float> x, ArrayView<int> y);

        void Widen(ArrayView<int> x, ArrayView<float> y);
    }

    private sealed class Format<TFormat>(GpuDevice device) : IFormat
        where TFormat : struct, IShortFormat
    {
        private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int>? _narrow;
        private Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<float>, int>? _widen;

        public void Narrow(ArrayView<float> x, ArrayView<int> y)
        {
            device.Load(ref _narrow, RoundKernels.Narrow<TFormat>);
            _narrow(device.Stream, device.Cover(x.Length / Float4.Count), x, y, (int)x.Length);
        }

        public void Widen(ArrayView<int> x, ArrayView<float> y)
        {
            device.Load(ref _widen, RoundKernels.Widen<TFormat>);
            _widen(device.Stream, device.Cover(y.Length / Float4.Count), x, y, (int)y.Length);
        }
    }
}
