using TaaS.Kernels.Cpu;
using TaaS.Kernels.Reference;

namespace TaaS.Kernels.Tests;

/// <summary>Convolution on both register tiles against the reference; the 512-bit one runs in software where there is no AVX-512.</summary>
[Collection(CpuThreads.Name)]
public sealed class CpuConvolutionTests
{
    /// <summary>Shapes that fill tiles and cut blocks, panels and depths unevenly: images, channels, side, filters, filter size, geometry.</summary>
    public static TheoryData<int, int, int, int, int, int, Conv2dGeometry> Cases
    {
        get
        {
            (int Images, int Channels, int Side, int Filters, int Size, Conv2dGeometry Geometry)[] layers =
            [
                (3, 1, 28, 32, 5, new(PadH: 2, PadW: 2)),
                (2, 32, 14, 64, 5, new(PadH: 2, PadW: 2)),
                (1, 70, 9, 50, 3, new(PadH: 1, PadW: 1)),
                (2, 8, 30, 20, 3, new(2, 2, 1, 1)),
                (2, 6, 21, 12, 3, new(3, 2, 2, 1, 2, 3, 3)),
                (2, 40, 11, 7, 1, new()),
                (1, 3, 40, 4, 7, new(4, 4)),
            ];
            var data = new TheoryData<int, int, int, int, int, int, Conv2dGeometry>();
            foreach (var width in (int[])[256, 512])
            {
                foreach (var layer in layers)
                {
                    data.Add(width, layer.Images, layer.Channels, layer.Side, layer.Filters, layer.Size, layer.Geometry);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AllDirections_BothTileWidths_MatchReference(int width, int images, int channels, int side, int filters, int size, Conv2dGeometry geometry)
    {
        var layer = new Layer(images, channels, side, filters, size, geometry);
        var expected = layer.Run(ReferenceDevice.Instance.Convolution);
        var actual = layer.Run(new CpuConvolution(width == 512 ? Microkernel.Wide512 : Microkernel.Wide256));
        for (var i = 0; i < expected.Length; i++)
        {
            CpuMatrixTests.AssertClose(expected[i], actual[i], $"{Layer.Results[i]}, {width} bits");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AllDirections_OtherThreadCount_SameBits(int width, int images, int channels, int side, int filters, int size, Conv2dGeometry geometry)
    {
        var layer = new Layer(images, channels, side, filters, size, geometry);
        var kernels = new CpuConvolution(width == 512 ? Microkernel.Wide512 : Microkernel.Wide256);
        View[] one = [], three = [];
        CpuThreads.With(1, () => one = layer.Run(kernels));
        CpuThreads.With(3, () => three = layer.Run(kernels));
        for (var i = 0; i < one.Length; i++)
        {
            Assert.Equal(one[i].Floats.ToArray(), three[i].Floats.ToArray());
        }
    }

    [Fact]
    public void AllDirections_SteadyState_AllocateNothing()
    {
        var geometry = new Conv2dGeometry(PadH: 1, PadW: 1);
        var kernels = CpuDevice.Instance.Convolution;
        View x = CpuMatrixTests.Filled([2, 8, 12, 12], 1), w = CpuMatrixTests.Filled([16, 8, 3, 3], 2), y = CpuMatrixTests.Filled([2, 16, 12, 12], 3);
        Assert.Equal(0, SteadyState.AllocatedBytes(() =>
        {
            kernels.Forward(x, w, null, y, geometry, FusedActivation.Relu);
            kernels.BackwardData(y, w, x, geometry);
            kernels.BackwardFilter(x, y, w, null, geometry);
        }));
    }

    private sealed record Layer(int Images, int Channels, int Side, int Filters, int Size, Conv2dGeometry Geometry)
    {
        internal static readonly string[] Results = ["y", "dx", "dw", "dbias"];

        /// <summary>Forward with bias and relu, then every gradient.</summary>
        internal View[] Run(IConvolutionKernels kernels)
        {
            int[] xs = [Images, Channels, Side, Side], ws = [Filters, Channels / Geometry.Groups, Size, Size];
            int[] ys = [Images, Filters, Geometry.OutputH(Side, Size), Geometry.OutputW(Side, Size)];
            View x = CpuMatrixTests.Filled(xs, 1), w = CpuMatrixTests.Filled(ws, 2), bias = CpuMatrixTests.Filled([Filters], 3), dy = CpuMatrixTests.Filled(ys, 4);
            View y = CpuMatrixTests.Filled(ys, 5, float.NaN), dx = CpuMatrixTests.Filled(xs, 5, float.NaN), dw = CpuMatrixTests.Filled(ws, 5, float.NaN), dbias = CpuMatrixTests.Filled([Filters], 5, float.NaN);
            kernels.Forward(x, w, bias, y, Geometry, FusedActivation.Relu);
            kernels.BackwardData(dy, w, dx, Geometry);
            kernels.BackwardFilter(x, dy, dw, dbias, Geometry);
            return [y, dx, dw, dbias];
        }
    }
}
