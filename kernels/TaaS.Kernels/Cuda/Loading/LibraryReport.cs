namespace TaaS.Kernels.Cuda;

/// <summary>Whether a library was found, or why not.</summary>
/// <param name="Library">Which one.</param>
/// <param name="Title">What people call it.</param>
/// <param name="File">The file it was loaded from; null where it is absent.</param>
/// <param name="Version">Its version; null where it is absent.</param>
/// <param name="Problem">Why it counts as absent; null where it was found.</param>
/// <param name="Otherwise">What happens without it.</param>
public sealed record LibraryReport(CudaLibrary Library, string Title, string? File, string? Version, string? Problem, string Otherwise)
{
    /// <summary>The library can be used.</summary>
    public bool Found => Problem is null;

    /// <summary>All of it in one line, for people.</summary>
    public override string ToString() => Found ? $"{Title} {Version} ({File})" : $"{Title}: {Problem}; {Otherwise}";
}
