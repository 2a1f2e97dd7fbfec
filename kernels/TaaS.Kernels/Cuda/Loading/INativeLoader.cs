namespace TaaS.Kernels.Cuda;

/// <summary>What finding a library asks of the system; tests put faults here.</summary>
internal interface INativeLoader
{
    /// <summary>Loads a library by file name (the system searches) or by full path.</summary>
    bool TryLoad(string file, out nint library);

    /// <summary>Address of a function of a loaded library.</summary>
    bool TryGetExport(nint library, string name, out nint address);

    void Free(nint library);

    bool FileExists(string path);

    bool FolderExists(string path);
}
