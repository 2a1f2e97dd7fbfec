using TaaS.Kernels.Cuda;
using TaaS.Kernels.Reference;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>A device of host memory whose matrix and convolution kernels are those of the CUDA libraries; everything else is the reference's. To be made on a copy of the engine that sees the stand-in libraries.</summary>
internal sealed class FakeCudaDevice : Device, ICudaHost, IDisposable
{
    private readonly CudaContext _context = new(CudaDevice.Open(0));
    private readonly CudaKernels _kernels;
    private HostBuffer? _copies;
    private nint _room;

    public FakeCudaDevice(MatrixPrecision precision = MatrixPrecision.Float32)
    {
        Precision = precision;
        using var scope = _context.Enter();
        Stream = new CudaStream();
        _kernels = new CudaKernels(this);
        Matrix = _kernels.Matrix(Own);
        Convolution = _kernels.Convolution(Own);
    }

    /// <summary>Stands in for the engine's own kernels and counts how often they were needed.</summary>
    public CountingKernels Own { get; } = new();

    public CudaStream Stream { get; }

    /// <summary>How often a kernel made the context current.</summary>
    public int Bound { get; private set; }

    public override MatrixPrecision Precision { get; set; }

    public override string Name => "fake cuda";

    public override IMatrixKernels Matrix { get; }

    public override IConvolutionKernels Convolution { get; }

    public override Action? Freeze(ReadOnlyMemory<Action> launches) => _kernels.Freeze(launches);

    public override IElementwiseKernels Elementwise => ReferenceDevice.Instance.Elementwise;

    public override IReductionKernels Reduction => ReferenceDevice.Instance.Reduction;

    public override IPoolingKernels Pooling => ReferenceDevice.Instance.Pooling;

    public override ISoftmaxKernels Softmax => ReferenceDevice.Instance.Softmax;

    public override INormalizationKernels Normalization => ReferenceDevice.Instance.Normalization;

    public override IRandomKernels Random => ReferenceDevice.Instance.Random;

    public override IOptimizerKernels Optimizer => ReferenceDevice.Instance.Optimizer;

    public unsafe nint AddressOf(in View view) => (nint)view.FloatPointer;

    public void Bind() => Bound++;

    public unsafe ShortCopies Narrow(in View first, long firstLength, in View second, long secondLength, long room)
    {
        // Behind each other, 16 bytes apart at least, as on a device.
        _copies = new HostBuffer(this, DType.Int32, firstLength + secondLength + room + 32, zeroed: true);
        var start = (ushort*)_copies.IntPointer;
        ushort* other = start + (firstLength + 15) / 8 * 8, free = other + (secondLength + 15) / 8 * 8;
        for (var i = 0; i < firstLength; i++)
        {
            start[i] = ToShort(first.FloatPointer[i]);
        }

        for (var i = 0; i < secondLength; i++)
        {
            other[i] = ToShort(second.FloatPointer[i]);
        }

        _room = (nint)free;
        return new ShortCopies((nint)start, (nint)other, (nint)free);
    }

    public unsafe void Widen(in View target)
    {
        for (var i = 0; i < target.Elements; i++)
        {
            target.Floats[i] = Precision == MatrixPrecision.BFloat16
                ? BitConverter.UInt32BitsToSingle((uint)((ushort*)_room)[i] << 16)
                : (float)BitConverter.UInt16BitsToHalf(((ushort*)_room)[i]);
        }
    }

    private ushort ToShort(float value) => Precision == MatrixPrecision.BFloat16
        ? (ushort)((BitConverter.SingleToUInt32Bits(value) + 0x8000) >> 16)
        : BitConverter.HalfToUInt16Bits((Half)value);

    public override DeviceBuffer Allocate(DType dtype, long length, bool zeroed = false) => new HostBuffer(this, dtype, length, zeroed);

    public void Dispose()
    {
        using (_context.Enter())
        {
            _kernels.Dispose();
            Stream.Dispose();
        }

        _context.Dispose();
    }

    /// <summary>A tensor of small whole numbers.</summary>
    public View Floats(Shape shape)
    {
        var view = new View(Allocate(DType.Float32, shape.Elements), shape);
        for (var i = 0; i < view.Elements; i++)
        {
            view.Floats[i] = i * 7 % 11 - 5;
        }

        return view;
    }

    public static void AssertClose(View expected, View actual, float tolerance)
    {
        for (var i = 0; i < expected.Elements; i++)
        {
            Assert.Equal(expected.Floats[i], actual.Floats[i], tolerance);
        }
    }

    /// <summary>The reference's kernels, counted.</summary>
    internal sealed class CountingKernels : IMatrixKernels, IConvolutionKernels
    {
        public int Calls { get; private set; }

        public void Multiply(View a, View b, View c, float alpha = 1, float beta = 0)
        {
            Calls++;
            ReferenceDevice.Instance.Matrix.Multiply(a, b, c, alpha, beta);
        }

        public void Linear(View x, View w, View? bias, View y, FusedActivation activation)
        {
            Calls++;
            ReferenceDevice.Instance.Matrix.Linear(x, w, bias, y, activation);
        }

        public void Forward(View x, View w, View? bias, View y, Conv2dGeometry geometry, FusedActivation activation)
        {
            Calls++;
            ReferenceDevice.Instance.Convolution.Forward(x, w, bias, y, geometry, activation);
        }

        public void BackwardData(View dy, View w, View dx, Conv2dGeometry geometry)
        {
            Calls++;
            ReferenceDevice.Instance.Convolution.BackwardData(dy, w, dx, geometry);
        }

        public void BackwardFilter(View x, View dy, View dw, View? dbias, Conv2dGeometry geometry)
        {
            Calls++;
            ReferenceDevice.Instance.Convolution.BackwardFilter(x, dy, dw, dbias, geometry);
        }
    }
}
