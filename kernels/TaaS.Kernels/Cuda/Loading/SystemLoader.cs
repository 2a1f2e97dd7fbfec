using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>The operating system's own loader.</summary>
internal sealed class SystemLoader : INativeLoader
{
    public bool TryLoad(string file, out nint library) => NativeLibrary.TryLoad(file, out library);

    public bool TryGetExport(nint library, string name, out nint address) => NativeLibrary.TryGetExport(library, name, out address);

    public void Free(nint library) => NativeLibrary.Free(library);

    public bool FileExists(string path) => File.Exists(path);

    public bool FolderExists(string path) => Directory.Exists(path);
}
