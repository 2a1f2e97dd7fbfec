using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Timing;

/// <summary>A wrong kernel is not worth timing: its results against those of a device that is known to be right.</summary>
public static class Verification
{
    /// <summary>Runs an operation once on both devices.</summary>
    /// <returns>Null where the results agree, else what differs, in one line.</returns>
    public static string? Check(Operation operation, Prepared prepared, Device device, Device reference)
    {
        prepared.Run();
        device.Synchronize();
        var expected = operation.Prepare(reference);
        expected.Run();
        reference.Synchronize();
        for (var i = 0; i < expected.Results.Count; i++)
        {
            if (Difference(expected.Results[i], prepared.Results[i], operation.Tolerance) is { } difference)
            {
                return $"result {i + 1} of {expected.Results.Count}, {expected.Results[i].Shape}: {difference} (against {reference})";
            }
        }

        return null;
    }

    private static string? Difference(View expected, View actual, double tolerance)
    {
        if (expected.Buffer.DType == DType.Int32)
        {
            int[] wanted = new int[expected.Elements], got = new int[actual.Elements];
            expected.Download(wanted);
            actual.Download(got);
            var at = wanted.AsSpan().CommonPrefixLength(got);
            return at == wanted.Length ? null : $"element {at} is {got[at]}, not {wanted[at]}";
        }

        float[] right = new float[expected.Elements], ours = new float[actual.Elements];
        expected.Download(right);
        actual.Download(ours);
        double error = 0, norm = 0;
        for (var i = 0; i < right.Length; i++)
        {
            var apart = (double)right[i] - ours[i];
            error += apart * apart;
            norm += (double)right[i] * right[i];
        }

        // NaN compares false, and is wrong: no case has one.
        return Math.Sqrt(error) <= tolerance * Math.Sqrt(norm) ? null : FormattableString.Invariant($"relative error norm {Math.Sqrt(error / norm):E1}, allowed {tolerance:E0}");
    }
}
