using System.Runtime.InteropServices;
using TaaS.Kernels.Cuda;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Matrix products through real imports of cuBLASLt, on a stand-in that multiplies with plain loops: descriptors, operands, caching, fallback.</summary>
[Collection(FakeCollection.Name)]
public sealed unsafe class FakeCublasLtTests
{
    [SkippableFact]
    public void Conformance_OfTheMatrixKernels() => FakeLibraries.Run(Conformance);

    [SkippableFact]
    public void Conformance_WithTf32Allowed() => FakeLibraries.Run(ConformanceTf32);

    [SkippableFact]
    public void ProblemMetBefore_IsNeitherSearchedForNorAllocates() => FakeLibraries.Run(Cached);

    [SkippableFact]
    public void Precision_IsReadAtEveryCall() => FakeLibraries.Run(Precision);

    [SkippableFact]
    public void ShortOperands_AreRoundedCopiesOfAnyStrides() => FakeLibraries.Run(ShortOperands);

    [SkippableFact]
    public void WhatTheLibraryCannotDo_RunsOnOurOwnKernels() => FakeLibraries.Run(Fallback);

    [SkippableFact]
    public void UnalignedOperands_HavePlansOfTheirOwn() => FakeLibraries.Run(Unaligned);

    [SkippableTheory]
    [InlineData("Float16")]
    [InlineData("BFloat16")]
    public void HalfPrecision_SumsInSinglePrecision(string type) => FakeLibraries.Run(type == "Float16" ? HalfFloat16 : HalfBFloat16);

    [SkippableFact]
    public void Disposing_LeavesNothingInTheLibrary() => FakeLibraries.Run(NothingLeft);

    private static void Conformance()
    {
        using var device = new FakeCudaDevice();
        new Suite(device).RunAll();

        // Only summed length 0 and two lengths that the stand-in refuses are left to our own kernels: a part of the draws, not all.
        Assert.InRange(device.Own.Calls, 1, 100);
    }

    private static void ConformanceTf32()
    {
        using var device = new FakeCudaDevice(MatrixPrecision.TensorFloat32);
        new Suite(device).RunAll();
    }

    private static void Cached()
    {
        using var device = new FakeCudaDevice();
        View x = device.Floats(new Shape(8, 6)), w = device.Floats(new Shape(5, 6)), y = device.Floats(new Shape(8, 5)), memory = device.Floats(new Shape(200));

        // Two vectors 512 bytes apart, and so aligned alike.
        View bias = new(memory.Buffer, new Shape(5), new Strides(1), 0), another = bias with { Offset = 128 };
        var before = Searches();
        Assert.Equal(0, SteadyState.AllocatedBytes(() => device.Matrix.Linear(x, w, bias, y, FusedActivation.Relu)));
        Assert.Equal(1, Searches() - before);
        device.Matrix.Linear(x, w, bias, y, FusedActivation.None);
        Assert.Equal(2, Searches() - before);
        var expected = device.Floats(new Shape(8, 5));
        device.Matrix.Linear(x, w, another, y, FusedActivation.None);
        Assert.Equal(2, Searches() - before);
        device.Own.Linear(x, w, another, expected, FusedActivation.None);
        FakeCudaDevice.AssertClose(expected, y, 1e-4f);
    }

    private static void Precision()
    {
        using var device = new FakeCudaDevice();
        View a = device.Floats(new Shape(3, 4)), b = device.Floats(new Shape(4, 5)), c = device.Floats(new Shape(3, 5));
        foreach (var (precision, compute, type) in ((MatrixPrecision, int, int)[])
            [(MatrixPrecision.Float32, 68, 0), (MatrixPrecision.TensorFloat32, 77, 0), (MatrixPrecision.BFloat16, 68, 14), (MatrixPrecision.Float16, 68, 2), (MatrixPrecision.Float32, 68, 0)])
        {
            device.Precision = precision;
            var bound = device.Bound;
            device.Matrix.Multiply(a, b, c);
            Assert.Equal((compute, type, 1), (Count("fakeLastCompute"), Count("fakeLastType"), device.Bound - bound));
        }
    }

    private static void ShortOperands()
    {
        using var device = new FakeCudaDevice();
        var random = new Random(3);
        for (var draw = 0; draw < 60; draw++)
        {
            // Small whole numbers, which 16 bits hold exactly: the products then are those of single precision.
            device.Precision = draw % 2 == 0 ? MatrixPrecision.BFloat16 : MatrixPrecision.Float16;
            int m = random.Next(1, 9), n = random.Next(1, 9), k = random.Next(1, 9), gap = random.Next(3), batches = random.Next(1, 4);
            View left = device.Floats(new Shape(batches * m * (k + gap))), right = device.Floats(new Shape(batches * k * n));
            View a = new(left.Buffer, new Shape(batches, m, k), new Strides(m * (k + gap), k + gap, 1), 0);
            View b = new(right.Buffer, new Shape(batches, k, n), random.Next(2) == 0 ? new Strides(k * n, n, 1) : new Strides(k * n, 1, k), 0);
            View c = device.Floats(new Shape(batches, m, n)), expected = device.Floats(new Shape(batches, m, n));
            device.Matrix.Multiply(a, b, c, 2, 0.5f);
            device.Own.Multiply(a, b, expected, 2, 0.5f);
            FakeCudaDevice.AssertClose(expected, c, 1e-4f);
            Assert.Equal(draw % 2 == 0 ? 14 : 2, Count("fakeLastType"));
        }

        // Operands that rounding kernels cannot read are left to tf32.
        View shifted = new(device.Floats(new Shape(40)).Buffer, new Shape(4, 4), new Strides(4, 1), 1), square = device.Floats(new Shape(4, 4)), product = device.Floats(new Shape(4, 4));
        device.Matrix.Multiply(shifted, square, product);
        Assert.Equal((77, 0), (Count("fakeLastCompute"), Count("fakeLastType")));
    }

    private static void Fallback()
    {
        using var device = new FakeCudaDevice();
        foreach (var k in (int[])[0, 13, 17])
        {
            View a = device.Floats(new Shape(3, k)), b = device.Floats(new Shape(k, 4)), c = device.Floats(new Shape(3, 4)), expected = device.Floats(new Shape(3, 4));
            var (own, searches) = (device.Own.Calls, Searches());
            device.Matrix.Multiply(a, b, c, 2);
            device.Matrix.Multiply(a, b, c, 2);
            Assert.Equal(2, device.Own.Calls - own);
            Assert.Equal(k == 0 ? 0 : 1, Searches() - searches);
            device.Own.Multiply(a, b, expected, 2);
            FakeCudaDevice.AssertClose(expected, c, 1e-4f);
        }
    }

    private static void Unaligned()
    {
        using var device = new FakeCudaDevice();
        View a = device.Floats(new Shape(4, 4)), memory = device.Floats(new Shape(40)), c = device.Floats(new Shape(4, 4)), expected = device.Floats(new Shape(4, 4));
        var before = Searches();
        for (var offset = 0; offset < 8; offset++)
        {
            // The stand-in refuses operands less aligned than the plan's search was told.
            View b = new(memory.Buffer, new Shape(4, 4), new Strides(4, 1), offset);
            device.Matrix.Multiply(a, b, c);
            device.Own.Multiply(a, b, expected);
            FakeCudaDevice.AssertClose(expected, c, 1e-4f);
        }

        Assert.InRange(Searches() - before, 3, 4);
    }

    private static void HalfFloat16() => Half(CudaDataType.Float16, value => BitConverter.HalfToUInt16Bits((Half)value), bits => (float)BitConverter.UInt16BitsToHalf(bits));

    private static void HalfBFloat16() => Half(
        CudaDataType.BFloat16,
        value => (ushort)((BitConverter.SingleToUInt32Bits(value) + 0x8000) >> 16),
        bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));

    private static void Half(CudaDataType type, Func<float, ushort> toBits, Func<ushort, float> toFloat)
    {
        using var device = new FakeCudaDevice();
        using var context = new CudaContext(CudaDevice.Open(0));
        using var scope = context.Enter();
        using var workspace = new CudaWorkspace(device.Stream, 4096);
        using var library = new CublasLtMatrix(workspace);
        var problem = new MatmulProblem(2, 3, 4, TransposeA: false, TransposeB: true, 4, 4, 3, Type: type, ResultType: type, Epilogue: CublasLtEpilogue.ReluBias);
        ushort* a = stackalloc ushort[8], b = stackalloc ushort[12], c = stackalloc ushort[6], bias = stackalloc ushort[3];
        for (var i = 0; i < 12; i++)
        {
            (a[i % 8], b[i], bias[i % 3]) = (toBits(i % 8 - 3), toBits(i % 5 - 2), toBits(i % 3 - 1));
        }

        Assert.True(library.Multiply(problem, (nint)a, (nint)b, (nint)c, (nint)bias, 0.5f, 0, device.Stream));
        for (var i = 0; i < 6; i++)
        {
            double sum = 0;
            for (var k = 0; k < 4; k++)
            {
                sum += toFloat(a[i / 3 * 4 + k]) * toFloat(b[i % 3 * 4 + k]);
            }

            Assert.Equal(Math.Max(0.5 * sum + toFloat(bias[i % 3]), 0), toFloat(c[i]), precision: 3);
        }
    }

    private static void NothingLeft()
    {
        var before = Count("fakeLiveObjects");
        using (var device = new FakeCudaDevice())
        {
            View a = device.Floats(new Shape(4, 13)), b = device.Floats(new Shape(13, 4)), c = device.Floats(new Shape(4, 4));
            device.Matrix.Multiply(a, b, c);
            device.Matrix.Multiply(b, a, device.Floats(new Shape(13, 13)));
            Assert.True(Count("fakeLiveObjects") > before);
        }

        Assert.Equal(before, Count("fakeLiveObjects"));
    }

    private static int Searches() => Count("fakeSearches");

    private static int Count(string counter) => FakeLibraries.Count(CudaLibrary.CublasLt, counter);

    internal sealed class Suite(Device device) : MatrixConformance(device)
    {
        public void RunAll()
        {
            Multiply_AnyTransposeBatchAndScale_MatchesReference();
            Multiply_BeyondOneBlock_MatchesReference(65, 70, 90);
            Multiply_NaNAndInfinity_SpreadAsInReference();
            Linear_WithBiasAndActivation_MatchesReference();
        }
    }
}
