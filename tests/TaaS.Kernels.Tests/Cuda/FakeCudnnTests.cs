using System.Runtime.InteropServices;
using TaaS.Kernels.Cuda;
using TaaS.Kernels.Reference;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>cuDNN through real imports, on a stand-in of plain loops: descriptors, algorithms, fusion, caching, fallback.</summary>
[Collection(FakeCollection.Name)]
public sealed unsafe class FakeCudnnTests
{
    [SkippableFact]
    public void Conformance_OfTheConvolutionKernels() => FakeLibraries.Run(Conformance);

    [SkippableFact]
    public void Conformance_WithTf32Allowed() => FakeLibraries.Run(ConformanceTf32);

    [SkippableFact]
    public void ProblemMetBefore_IsNeitherSearchedForNorAllocates() => FakeLibraries.Run(Cached);

    [SkippableFact]
    public void WhatTheLibraryCannotDo_RunsOnOurOwnKernels() => FakeLibraries.Run(Fallback);

    [SkippableFact]
    public void BiasAndRelu_AreFusedWhereTheLibraryCan() => FakeLibraries.Run(Fusion);

    [SkippableFact]
    public void ShortOperands_AreRoundedAndResultsWidened() => FakeLibraries.Run(ShortOperands);

    [SkippableFact]
    public void Relu_KeepsNaNExceptWhereTheLibraryFusesIt() => FakeLibraries.Run(NaNs);

    [SkippableFact]
    public void Pooling_MatchesReferenceBothWays() => FakeLibraries.Run(Pooling);

    [SkippableFact]
    public void BatchNormalization_MatchesReferenceInTrainingAndInference() => FakeLibraries.Run(BatchNormalization);

    private static void Conformance()
    {
        using var device = new FakeCudaDevice();
        new Suite(device).RunAll();
        Assert.InRange(device.Own.Calls, 1, 150);
    }

    private static void ConformanceTf32()
    {
        using var device = new FakeCudaDevice(MatrixPrecision.TensorFloat32);
        new Suite(device).RunAll();
    }

    private static void Cached()
    {
        using var device = new FakeCudaDevice();
        View x = device.Floats(new Shape(2, 3, 6, 6)), w = device.Floats(new Shape(4, 3, 3, 3)), bias = device.Floats(new Shape(4)), y = device.Floats(new Shape(2, 4, 6, 6));
        var geometry = new Conv2dGeometry(PadH: 1, PadW: 1);
        var before = Count("fakeSearches");
        Assert.Equal(0, SteadyState.AllocatedBytes(() =>
        {
            device.Convolution.Forward(x, w, bias, y, geometry, FusedActivation.Relu);
            device.Convolution.BackwardData(y, w, x, geometry);
            device.Convolution.BackwardFilter(x, y, w, bias, geometry);
        }));
        Assert.Equal(3, Count("fakeSearches") - before);
    }

    private static void Fallback()
    {
        using var device = new FakeCudaDevice();
        foreach (var geometry in (Conv2dGeometry[])[new(Groups: 3), new(StrideH: 3, StrideW: 3)])
        {
            View x = device.Floats(new Shape(1, 6, 7, 7)), w = device.Floats(new Shape(3, 6 / geometry.Groups, 3, 3));
            Shape ys = new(1, 3, geometry.OutputH(7, 3), geometry.OutputW(7, 3));
            View y = device.Floats(ys), expected = device.Floats(ys);
            var (own, searches) = (device.Own.Calls, Count("fakeSearches"));
            device.Convolution.Forward(x, w, null, y, geometry, FusedActivation.Relu);
            device.Convolution.Forward(x, w, null, y, geometry, FusedActivation.Relu);
            Assert.Equal((2, 1), (device.Own.Calls - own, Count("fakeSearches") - searches));
            device.Own.Forward(x, w, null, expected, geometry, FusedActivation.Relu);
            FakeCudaDevice.AssertClose(expected, y, 1e-3f);
        }
    }

    private static void Fusion()
    {
        using var device = new FakeCudaDevice();
        View x = device.Floats(new Shape(1, 2, 7, 7)), w = device.Floats(new Shape(3, 2, 3, 3)), bias = device.Floats(new Shape(3));
        foreach (var (geometry, shift, activation, fused) in ((Conv2dGeometry, View?, FusedActivation, int)[])
            [
                (new(), bias, FusedActivation.Relu, 1), (new(DilationH: 2), bias, FusedActivation.Relu, 0),
                (new(), bias, FusedActivation.None, 0), (new(), null, FusedActivation.Relu, 0), (new(), null, FusedActivation.None, 0),
            ])
        {
            Shape ys = new(1, 3, geometry.OutputH(7, 3), geometry.OutputW(7, 3));
            View y = device.Floats(ys), expected = device.Floats(ys);
            var before = Count("fakeFusions");
            device.Convolution.Forward(x, w, shift, y, geometry, activation);
            Assert.Equal(fused, Count("fakeFusions") - before);
            device.Own.Forward(x, w, shift, expected, geometry, activation);
            FakeCudaDevice.AssertClose(expected, y, 1e-3f);
        }
    }

    private static void NaNs()
    {
        using var device = new FakeCudaDevice();
        View x = device.Floats(new Shape(1, 1, 3, 3)), w = device.Floats(new Shape(1, 1, 3, 3)), bias = device.Floats(new Shape(1)), y = device.Floats(new Shape(1, 1, 1, 1));
        x.Floats[4] = float.NaN;
        device.Convolution.Forward(x, w, null, y, new Conv2dGeometry(), FusedActivation.Relu);
        Assert.Equal(float.NaN, y.Floats[0]);
        device.Convolution.Forward(x, w, bias, y, new Conv2dGeometry(), FusedActivation.Relu);
        Assert.Equal(0, y.Floats[0]);
    }

    private static void ShortOperands()
    {
        using var device = new FakeCudaDevice();
        var geometry = new Conv2dGeometry(PadH: 1, PadW: 1);
        Shape xs = new(2, 2, 5, 5), ws = new(3, 2, 3, 3), ys = new(2, 3, 5, 5);
        View x = Signs(device, xs), w = Signs(device, ws), dy = Signs(device, ys), bias = device.Floats(new Shape(3));
        foreach (var (precision, type) in ((MatrixPrecision, int)[])[(MatrixPrecision.BFloat16, 9), (MatrixPrecision.Float16, 2), (MatrixPrecision.TensorFloat32, 0), (MatrixPrecision.Float32, 0)])
        {
            device.Precision = precision;
            View[] actual = [device.Floats(ys), device.Floats(xs), device.Floats(ws), device.Floats(new Shape(3))];
            View[] expected = [device.Floats(ys), device.Floats(xs), device.Floats(ws), device.Floats(new Shape(3))];
            device.Convolution.Forward(x, w, bias, actual[0], geometry, FusedActivation.Relu);
            Assert.Equal(type, Count("fakeLastType"));
            device.Convolution.BackwardData(dy, w, actual[1], geometry);
            Assert.Equal(type, Count("fakeLastType"));
            device.Convolution.BackwardFilter(x, dy, actual[2], actual[3], geometry);
            Assert.Equal(type, Count("fakeLastType"));
            Assert.Equal(0, device.Own.Calls);
            var reference = ReferenceDevice.Instance.Convolution;
            reference.Forward(x, w, bias, expected[0], geometry, FusedActivation.Relu);
            reference.BackwardData(dy, w, expected[1], geometry);
            reference.BackwardFilter(x, dy, expected[2], expected[3], geometry);
            for (var i = 0; i < expected.Length; i++)
            {
                FakeCudaDevice.AssertClose(expected[i], actual[i], 1e-3f);
            }
        }

        device.Precision = MatrixPrecision.BFloat16;
        device.Convolution.Forward(Signs(device, new Shape(1, 3, 5, 5)), Signs(device, new Shape(3, 1, 3, 3)), null, device.Floats(new Shape(1, 3, 5, 5)), geometry with { Groups = 3 }, FusedActivation.None);
        Assert.Equal(1, device.Own.Calls);
    }

    /// <summary>−1, 0 and 1, whose sums of a few dozen 16 bits hold exactly.</summary>
    private static View Signs(FakeCudaDevice device, Shape shape)
    {
        var view = device.Floats(shape);
        for (var i = 0; i < view.Elements; i++)
        {
            view.Floats[i] = i * 5 % 7 % 3 - 1;
        }

        return view;
    }

    private static void Pooling()
    {
        using var device = new FakeCudaDevice();
        using var handle = new CudnnHandle(device.Stream);
        using var library = new CudnnPooling(handle);
        var reference = ReferenceDevice.Instance.Pooling;
        foreach (var g in (Pool2dGeometry[])[new(2, 2, 2, 2), new(3, 2, 1, 2, 1, 0), new(3, 3, 2, 2, 1, 1), new(7, 7, 7, 7)])
        {
            Shape xs = new(2, 3, 7, 7), ys = new(2, 3, g.OutputH(7), g.OutputW(7));
            View x = device.Floats(xs), dy = device.Floats(ys), y = device.Floats(ys), dx = device.Floats(xs), expected = device.Floats(ys), expectedDx = device.Floats(xs);
            new Random(1).Shuffle(x.Floats);
            for (var i = 0; i < x.Elements; i++)
            {
                x.Floats[i] += i * 1e-3f;
            }

            var positions = new View(device.Allocate(DType.Int32, ys.Elements), ys);
            foreach (var mode in (CudnnPoolingMode[])[CudnnPoolingMode.Max, CudnnPoolingMode.AverageCountPadding, CudnnPoolingMode.AverageOmitPadding])
            {
                if (mode == CudnnPoolingMode.Max)
                {
                    reference.MaxForward(x, expected, positions, g);
                    reference.MaxBackward(dy, positions, expectedDx, g);
                }
                else
                {
                    reference.AverageForward(x, expected, g, mode == CudnnPoolingMode.AverageCountPadding);
                    reference.AverageBackward(dy, expectedDx, g, mode == CudnnPoolingMode.AverageCountPadding);
                }

                var problem = new PoolingProblem(mode, 2, 3, 7, 7, g);
                Assert.True(library.Forward(problem, At(x), At(y)));
                Assert.True(library.Backward(problem, At(x), At(y), At(dy), At(dx)));
                FakeCudaDevice.AssertClose(expected, y, 1e-3f);
                FakeCudaDevice.AssertClose(expectedDx, dx, 1e-3f);
                Assert.Equal(0, SteadyState.AllocatedBytes(() => library.Forward(problem, At(x), At(y))));
            }
        }

        Assert.False(library.Forward(new PoolingProblem(CudnnPoolingMode.Max, 0, 3, 7, 7, new Pool2dGeometry(2, 2, 2, 2)), 0, 0));
        Assert.False(library.Forward(new PoolingProblem(CudnnPoolingMode.Max, 1, 3, 7, 7, new Pool2dGeometry(1, 1, 1, 1, 1, 1)), 0, 0));
    }

    private static void BatchNormalization()
    {
        using var device = new FakeCudaDevice();
        using var handle = new CudnnHandle(device.Stream);
        using var library = new CudnnBatchNormalization(handle);
        var reference = ReferenceDevice.Instance.Normalization;
        Shape image = new(3, 4, 2, 5), channels = new(4);
        View x = device.Floats(image), gamma = device.Floats(channels), beta = device.Floats(channels), dy = device.Floats(image);
        new Random(2).Shuffle(dy.Floats);
        View[] expected = Outputs(), actual = Outputs();
        var problem = new BatchNormalizationProblem(3, 4, 2, 5);
        reference.BatchForward(x, gamma, beta, expected[0], expected[1], expected[2], expected[3], expected[4], 0.1f, 1e-5f);
        Assert.True(library.Forward(problem, At(x), At(gamma), At(beta), At(actual[0]), At(actual[1]), At(actual[2]), At(actual[3]), At(actual[4]), 0.1f, 1e-5f));
        reference.BatchBackward(x, gamma, expected[3], expected[4], dy, expected[5], expected[6], expected[7]);
        Assert.True(library.Backward(problem, At(x), At(gamma), At(actual[3]), At(actual[4]), At(dy), At(actual[5]), At(actual[6]), At(actual[7])));
        reference.BatchInference(x, gamma, beta, expected[0], expected[1], expected[8], 1e-5f);
        Assert.True(library.Inference(problem, At(x), At(gamma), At(beta), At(actual[0]), At(actual[1]), At(actual[8]), 1e-5f));
        for (var i = 0; i < expected.Length; i++)
        {
            FakeCudaDevice.AssertClose(expected[i], actual[i], 1e-3f);
        }

        Assert.False(library.Inference(new BatchNormalizationProblem(1, 4, 1, 1), 0, 0, 0, 0, 0, 0, 1e-5f));

        // Running mean and variance, y, saved mean and inverse deviation, dx, dgamma, dbeta, y of inference.
        View[] Outputs()
        {
            View[] views = [.. ((Shape[])[channels, channels, image, channels, channels, image, channels, channels, image]).Select(shape => device.Floats(shape))];
            views[1].Floats.Fill(2);
            return views;
        }
    }

    private static nint At(View view) => (nint)view.FloatPointer;

    private static int Count(string counter) => FakeLibraries.Count(CudaLibrary.Cudnn, counter);

    internal sealed class Suite(Device device) : ConvolutionConformance(device)
    {
        public void RunAll()
        {
            Forward_AnyGeometry_MatchesReference();
            BackwardData_AnyGeometry_MatchesReference();
            BackwardFilter_AnyGeometry_MatchesReference();
        }
    }
}
