using System.Reflection;
using System.Text.RegularExpressions;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>The tiles that run on GPUs: were their sums not in registers, or their accesses narrow, products would be many times slower and still right.</summary>
public sealed partial class ProductPtxTests : PtxConformance
{
    private const int StaticSharedMemoryBytes = 48 * 1024;

    private static readonly Type[] Tile128 = [typeof(Tile128), typeof(Block8X8)];
    private static readonly Type[] Tile64 = [typeof(Tile64), typeof(Block8X8)];
    private static readonly Type[] Tile32 = [typeof(Tile32), typeof(Block4X4)];

    // Every operand and target with every tile. Left and right operands are compiled apart, so not every pair of them is needed.
    private static readonly Type[] RowsTimesRows = [typeof(TermsOperand<WholeEdge>), typeof(LinesOperand<WholeEdge>), typeof(MatrixTarget)];
    private static readonly Type[] ColumnsTimesColumns = [typeof(LinesOperand<WholeEdge>), typeof(TermsOperand<WholeEdge>), typeof(MatrixTarget)];
    private static readonly Type[] AnyTimesAny = [typeof(TermsOperand<GuardedEdge>), typeof(LinesOperand<GuardedEdge>), typeof(MatrixTarget)];
    private static readonly Type[] FiltersTimesPatches = [typeof(TermsOperand<WholeEdge>), typeof(PatchOperand), typeof(ImageTarget)];
    private static readonly Type[] PlanesTimesPatches = [typeof(PlanesOperand), typeof(PatchOperand), typeof(MatrixTarget)];

    protected override IReadOnlyList<MethodInfo> Kernels =>
    [
        .. from tile in new[] { Tile128, Tile64, Tile32 }
           from operands in new[] { RowsTimesRows, ColumnsTimesColumns, AnyTimesAny, FiltersTimesPatches, PlanesTimesPatches }
           select Product(tile, operands),
        Kernel(typeof(ProductKernels), nameof(ProductKernels.AddParts), typeof(MatrixTarget)),
        Kernel(typeof(ProductKernels), nameof(ProductKernels.AddParts), typeof(ImageTarget)),
    ];

    /// <summary>A tile says how many of its groups a multiprocessor is to hold, and the assembler then gives its threads no more registers than that leaves.</summary>
    protected override int MostRegisters(MethodInfo kernel) => kernel.Name != nameof(ProductKernels.Product)
        ? base.MostRegisters(kernel)
        : kernel.GetGenericArguments()[0] switch
        {
            var tile when tile == typeof(Tile128) => RegistersFor(Tile<Tile128>.Threads, TaaS.Kernels.Gpu.Tile128.Resident),
            var tile when tile == typeof(Tile64) => RegistersFor(Tile<Tile64>.Threads, TaaS.Kernels.Gpu.Tile64.Resident),
            _ => RegistersFor(Tile<Tile32>.Threads, TaaS.Kernels.Gpu.Tile32.Resident),
        };

    /// <summary>Two terms of a panel are written out: 16 multiply-adds for each read of shared memory with 8 × 8 sums a thread, 8 with 4 × 4.</summary>
    [Fact]
    public void InnerLoop_ReadsSharedMemoryFourFloatsAtATime()
    {
        AssertSums(Product(Tile128, RowsTimesRows), multiplyAdds: 2 * 64, sharedLoads: 2 * 4);
        AssertSums(Product(Tile64, ColumnsTimesColumns), multiplyAdds: 2 * 64, sharedLoads: 2 * 4);
        AssertSums(Product(Tile32, RowsTimesRows), multiplyAdds: 2 * 16, sharedLoads: 2 * 2);
        AssertSums(Product(Tile128, FiltersTimesPatches), multiplyAdds: 2 * 64, sharedLoads: 2 * 4);
        AssertSums(Product(Tile64, PlanesTimesPatches), multiplyAdds: 2 * 64, sharedLoads: 2 * 4);
    }

    /// <summary>An operand of whole panels is fetched by 16-byte loads alone: as many as a thread has quads of both panels.</summary>
    [Theory]
    [InlineData(128, 2)]
    [InlineData(64, 4)]
    [InlineData(32, 2)]
    public void WholePanels_FetchSixteenBytesAnAccess(int side, int loads)
    {
        var tile = side switch { 128 => Tile128, 64 => Tile64, _ => Tile32 };
        foreach (var operands in new[] { RowsTimesRows, ColumnsTimesColumns })
        {
            foreach (var ptx in Ptx.Compile(Product(tile, operands)))
            {
                var loop = PtxLoop.Of(ptx);
                Assert.Equal((loads, loads), (loop.GlobalVectorLoads, loop.GlobalLoads));
            }
        }
    }

    /// <summary>Operands of any shape still use wide loads where a quad lies inside and aligned, and results go out in whole quads.</summary>
    [Fact]
    public void AnyShape_HasWideAccessesToo()
    {
        AssertVectorAccess(Product(Tile128, AnyTimesAny), loads: 2 * 2, stores: 16);
        AssertVectorAccess(Product(Tile64, AnyTimesAny), loads: 2 * 4, stores: 16);
        AssertVectorAccess(Product(Tile32, AnyTimesAny), loads: 2 * 2, stores: 4);
        AssertVectorAccess(Product(Tile128, FiltersTimesPatches), loads: 2, stores: 16);
        AssertVectorAccess(Product(Tile64, PlanesTimesPatches), loads: 2 * 2, stores: 16);
        AssertVectorAccess(Kernel(typeof(ProductKernels), nameof(ProductKernels.AddParts), typeof(MatrixTarget)), loads: 1, stores: 1);
    }

    /// <summary>Finding one's place among pixels and taps takes divisions; walking on from it must not.</summary>
    [Fact]
    public void PatchesLoop_NeverDivides()
    {
        foreach (var kernel in new[] { Product(Tile128, FiltersTimesPatches), Product(Tile64, FiltersTimesPatches), Product(Tile64, PlanesTimesPatches), Product(Tile32, PlanesTimesPatches) })
        {
            foreach (var ptx in Ptx.Compile(kernel))
            {
                Assert.Equal(0, PtxLoop.Of(ptx).Divisions);
            }
        }
    }

    /// <summary>More could not be launched without asking the driver for it.</summary>
    [Fact]
    public void SharedMemory_FitsWithoutOptIn()
    {
        foreach (var ptx in Kernels.SelectMany(Ptx.Compile))
        {
            var bytes = SharedBytes().Matches(ptx.Text).Sum(match => int.Parse(match.Groups["bytes"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
            Assert.InRange(bytes, 1, StaticSharedMemoryBytes);
        }
    }

    private static MethodInfo Product(Type[] tile, Type[] operands) => Kernel(typeof(ProductKernels), nameof(ProductKernels.Product), [.. tile, .. operands]);

    private static void AssertSums(MethodInfo kernel, int multiplyAdds, int sharedLoads)
    {
        foreach (var ptx in Ptx.Compile(kernel))
        {
            var loop = PtxLoop.Of(ptx);
            Assert.Equal((multiplyAdds, sharedLoads, sharedLoads), (loop.MultiplyAdds, loop.SharedVectorLoads, loop.SharedLoads));
        }
    }

    [GeneratedRegex(@"\.shared\s+\.align\s+\d+\s+\.b8\s+\w+\[(?<bytes>\d+)\]")]
    private static partial Regex SharedBytes();
}

public sealed class ConvolutionPtxTests : PtxConformance
{
    protected override IReadOnlyList<MethodInfo> Kernels =>
    [
        Kernel(typeof(ConvolutionKernels), nameof(ConvolutionKernels.ArrangeFilters)),
        Kernel(typeof(ConvolutionKernels), nameof(ConvolutionKernels.BiasGradient)),
    ];

    [Fact]
    public void BiasGradient_ReadsSixteenBytesAnAccess() => AssertVectorAccess(Kernel(typeof(ConvolutionKernels), nameof(ConvolutionKernels.BiasGradient)), loads: 1, stores: 0);
}
