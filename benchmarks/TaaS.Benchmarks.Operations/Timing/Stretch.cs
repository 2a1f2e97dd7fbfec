using System.Diagnostics;
using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Timing;

/// <summary>Times of many runs in a row: the clock stops when the device has finished the last of them.</summary>
public static class Stretch
{
    /// <summary>Seconds of that many runs together.</summary>
    public static double Seconds(Action run, Device device, int runs)
    {
        device.Synchronize();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < runs; i++)
        {
            run();
        }

        device.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Runs that take at least the given time; warms up on the way.</summary>
    public static int Calibrate(Action run, Device device, TimeSpan least)
    {
        const int enough = 1 << 20;
        Seconds(run, device, 1);
        for (var runs = 1; ; runs *= 2)
        {
            var seconds = Seconds(run, device, runs);
            if (seconds >= least.TotalSeconds || runs >= enough)
            {
                return (int)Math.Clamp(Math.Ceiling(runs * (least.TotalSeconds / Math.Max(seconds, 1e-9))), 1, enough);
            }
        }
    }

    /// <summary>A quantile of sorted values, interpolated.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double share)
    {
        var at = share * (sorted.Count - 1);
        var low = (int)at;
        return low + 1 < sorted.Count ? sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]) : sorted[low];
    }
}
