using TaaS.Benchmarks.Operations;

namespace TaaS.Benchmarks.Gpu;

/// <summary>What a run is asked to do.</summary>
/// <param name="Device">cuda:N or emulator.</param>
/// <param name="Output">Folder of the tables.</param>
/// <param name="Peer">Command of PyTorch's side, or empty.</param>
/// <param name="Filter">Only cases whose name contains this, or null.</param>
/// <param name="Rounds">Rounds that count.</param>
/// <param name="Parts">What to run.</param>
/// <param name="OwnKernels">Without cuBLASLt and cuDNN, also where they are found.</param>
/// <param name="Tiny">Shapes that show whether everything runs, and nothing about speed.</param>
internal sealed record Options(string Device, string Output, IReadOnlyList<string> Peer, string? Filter, int Rounds, Parts Parts, bool OwnKernels = false, bool Tiny = false)
{
    /// <summary>The name of the device that emulates a GPU.</summary>
    internal const string Emulator = "emulator";

    internal bool IsEmulator => Device == Emulator;

    internal Scale Scale => Tiny || IsEmulator ? Scale.Tiny : Scale.Gpu;

    internal TimeSpan Sample => TimeSpan.FromMilliseconds(Scale == Scale.Tiny ? 1 : 20);
}

/// <summary>Parts of a run.</summary>
internal enum Parts
{
    All,
    Conformance,
    Benchmarks,
}
