namespace TaaS.SoftwareGpu;

/// <summary>The driver whose GPUs are software, compiled when a test first asks for it. See driver.c.</summary>
internal static class SoftwareDriver
{
    /// <summary>Its file, as the machine's own driver would be called.</summary>
    public const string File = "libcuda.so.1";

    private static readonly Lazy<string> LazyFolder = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("taas-software-gpu-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Build(folder);
        return folder;
    });

    /// <summary>A folder with nothing but the driver: what a process needs in LD_LIBRARY_PATH to see its GPUs.</summary>
    public static string Folder => LazyFolder.Value;

    /// <summary>Puts a driver into a folder. Options change what it claims to be.</summary>
    public static void Build(string folder, string options = "") =>
        CCompiler.BuildLibrary(Path.Combine(folder, File), Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "SoftwareGpu"), "*.c"), options);
}
