using System.Diagnostics;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Benchmarks.Distributed.Content;

/// <summary>What the optimizer alone takes of an exchange: the same kernel on the same slices, without a transport.</summary>
internal static class UpdateCost
{
    private const int Runs = 9;

    /// <summary>Median seconds of one update of all slices of a model.</summary>
    internal static double Measure(int elements)
    {
        var model = new ModelContent(elements);

        // As a server has it: a gradient lies where the transport has just put it, in the cache.
        var longest = model.Layout.Slices.Max(slice => slice.Length);
        var inbox = new View(CpuDevice.Instance.Allocate(DType.Float32, longest, zeroed: true), new Shape(longest));
        var seconds = new List<double>();
        for (var run = -2; run < Runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var slice in model.Layout.Slices)
            {
                var value = Window(model.Values[slice.Parameter], slice.Offset, slice.Length);
                CpuDevice.Instance.Optimizer.Update(new ParameterUpdate(value, Window(inbox, 0, slice.Length)), ModelContent.Rule);
            }

            if (run >= 0)
            {
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return Stretch.Quantile([.. seconds.Order()], 0.5);
    }

    /// <summary>Part of contiguous memory.</summary>
    internal static View Window(View whole, int offset, int length) =>
        new(whole.Buffer, new Shape(length), new Shape(length).ContiguousStrides, whole.Offset + offset);
}
