namespace TaaS.Kernels.Cuda;

/// <summary>Looks for one library: in the folders given, then where the system looks.</summary>
internal sealed class LibrarySearch(INativeLoader loader, LibrarySpecification wanted, string[] folders)
{
    private string? _problem;

    /// <summary>The first candidate that will do; otherwise the first reason why one would not.</summary>
    internal (nint Handle, LibraryReport Report) Run()
    {
        foreach (var folder in folders)
        {
            if (!loader.FolderExists(folder))
            {
                _problem ??= $"not found ({CudaLibraries.PathVariable}: no folder {folder})";
                continue;
            }

            foreach (var name in wanted.Files)
            {
                var path = Path.Combine(folder, name);
                if (loader.FileExists(path) && Try(path) is { } found)
                {
                    return found;
                }
            }
        }

        foreach (var name in wanted.Files)
        {
            if (Try(name) is { } found)
            {
                return found;
            }
        }

        return (0, Report(null, null, _problem ?? $"{string.Join(" or ", wanted.Files)} not found"));
    }

    private (nint Handle, LibraryReport Report)? Try(string file)
    {
        if (!loader.TryLoad(file, out var handle))
        {
            if (Path.IsPathRooted(file))
            {
                _problem ??= $"{file} does not load: it is for another machine, or a library it needs is missing";
            }

            return null;
        }

        var (version, problem) = Examine(handle, file);
        if (problem is null)
        {
            return (handle, Report(file, version, null));
        }

        _problem ??= problem;
        loader.Free(handle);
        return null;
    }

    private (string? Version, string? Problem) Examine(nint handle, string file)
    {
        if (!loader.TryGetExport(handle, wanted.VersionFunction, out var function))
        {
            return (null, $"{file} lacks {wanted.VersionFunction}");
        }

        LibraryVersion version;
        try
        {
            version = wanted.ReadVersion(function);
        }
        catch (CudaException error)
        {
            return (null, $"{file} does not tell its version: {error.Message}");
        }

        if (version.Major < wanted.OldestMajor || version.Major > wanted.NewestMajor)
        {
            return (null, $"{file} is version {version.Text}, {wanted.Wanted} is needed");
        }

        foreach (var name in wanted.EntryPoints)
        {
            if (!loader.TryGetExport(handle, name, out _))
            {
                return (null, $"{file}, version {version.Text}, lacks {name}");
            }
        }

        return (version.Text, null);
    }

    private LibraryReport Report(string? file, string? version, string? problem) =>
        new(wanted.Library, wanted.Title, file, version, problem, wanted.Otherwise);
}
